import { setTimeout as wait } from 'node:timers/promises';
import type { PoolWithDeadline } from '@command-center/drizzle/deadline';
import { type Log, onceAMinute } from '../log.ts';
import { isAnswer } from '../operate/outage.ts';
import { LeaseLost, newHolder, releaseLease, takeLease } from './lease.ts';
import type { Count } from './settings.ts';

/** What the leader does again and again. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** Does a bounded piece of work as `holder`; true = more is left, come back soon. */
  run(holder: number): Promise<boolean>;
}

export interface Leading {
  /** The jobs under way finish, then the lease is released. */
  stop(): Promise<void>;
}

/** The lease is renewed this often (design §6). */
const RENEW_EVERY_MS = 2_000;
/** Longest nap between two looks at the jobs. */
const TICK_MS = 250;
/** A lease that was not renewed by then has run out. */
const RENEW_DEADLINE_MS = 5_000;
/** Each statement of a job has 15 s, and each leader transaction 3 s. */
const JOB_DEADLINE_MS = 60_000;
/** The same trouble is told this often. */
const TELL_EVERY_MS = 60_000;

/**
 * Competes for the lease and runs the jobs while it is held: those of a list one after another, the lists beside each other, a connection each. A
 * database that is away is told once a minute, and awaited.
 */
export function startLeading(options: {
  readonly pool: PoolWithDeadline;
  readonly jobs: readonly (readonly Job[])[];
  readonly log: Log;
  readonly count: Count;
}): Leading {
  const { pool, jobs, count } = options;
  const tell = errorsOnceAMinute(options.log);
  const stopping = new AbortController();
  const nap = (ms: number): Promise<unknown> => wait(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const state: { holder: number | undefined; isLeading: boolean } = { holder: undefined, isLeading: false };
  const dueAtMs = new Map<string, number>();

  const renew = async (): Promise<void> => {
    try {
      const isLeading = await pool.within(RENEW_DEADLINE_MS, async () => {
        state.holder ??= await newHolder(pool.sql);
        return takeLease(pool.sql, state.holder);
      });
      if (isLeading && !state.isLeading) {
        dueAtMs.clear();
        options.log('leading', { holder: state.holder });
      }
      state.isLeading = isLeading;
    } catch (error) {
      state.isLeading = false;
      // A job that waits for a server that is silent would wait for its own, longer deadline.
      if (!isAnswer(error)) pool.cut();
      tell('lease failed', error);
    }
  };

  const runDue = async (list: readonly Job[], holder: number): Promise<void> => {
    for (const job of list) {
      if (!state.isLeading || stopping.signal.aborted) return;
      if ((dueAtMs.get(job.name) ?? 0) > performance.now()) continue;
      const startedMs = performance.now();
      try {
        const isMoreLeft = await pool.within(JOB_DEADLINE_MS, () => job.run(holder));
        dueAtMs.set(job.name, isMoreLeft ? 0 : startedMs + job.everyMs);
        count('leaderRuns', 1, job.name);
      } catch (error) {
        if (error instanceof LeaseLost) state.isLeading = false;
        dueAtMs.set(job.name, startedMs + Math.min(job.everyMs, TELL_EVERY_MS));
        tell(`${job.name} failed`, error);
      }
      count('leaderTime', (performance.now() - startedMs) / 1_000, job.name);
    }
  };

  const renewing = (async () => {
    while (!stopping.signal.aborted) {
      await renew();
      await nap(RENEW_EVERY_MS);
    }
  })();
  const working = jobs.map(async (list) => {
    while (!stopping.signal.aborted) {
      if (state.isLeading && state.holder !== undefined) await runDue(list, state.holder);
      await nap(untilDueMs(list, dueAtMs));
    }
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([renewing, ...working]);
      if (state.holder === undefined) return;
      await releaseLease(pool.sql, state.holder).catch((error: unknown) => tell('lease failed', error));
    },
  };
}

/** Until the first job of the list is due, a tick at most; what was due already, and could not or need not run at once, is looked at a tick later. */
function untilDueMs(list: readonly Job[], dueAtMs: ReadonlyMap<string, number>): number {
  const dueInMs = Math.min(...list.map(({ name }) => dueAtMs.get(name) ?? 0)) - performance.now();
  return dueInMs > 0 ? Math.min(dueInMs, TICK_MS) : TICK_MS;
}

/** A database that is away must not fill the log. */
function errorsOnceAMinute(log: Log): (event: string, error: unknown) => void {
  const tell = onceAMinute(log);
  return (event, error) => tell(event, '', { error: String(error) });
}
