import { setTimeout as wait } from 'node:timers/promises';
import type { PoolWithDeadline } from '@command-center/drizzle/deadline';
import { PROBE_DEADLINE_MS, PROBE_EVERY_MS } from '../limits.ts';
import { isAnswer, isPassing, troubleWords } from './outage.ts';
import type { Readiness } from './readiness.ts';

export interface DatabaseWatchOptions {
  readonly pool: PoolWithDeadline;
  readonly readiness: Readiness;
  /** Brings the database to this version's schema; asked each time it is reached anew, since it may be another one. Ends early when told to. */
  migrate(signal: AbortSignal): Promise<void>;
  /** What must be done before requests are taken again. */
  onReached(): Promise<void>;
}

export interface DatabaseWatch {
  /** Resolves when the database was reached and migrated, or is away and waited for. Rejects with what waiting does not cure. */
  readonly firstLook: Promise<void>;
  stop(): Promise<void>;
}

/** Looks at the database once a second, and says whether it can be stored in: reachable, migrated, writable. */
export function watchDatabase({ pool, readiness, migrate, onReached }: DatabaseWatchOptions): DatabaseWatch {
  const stopping = new AbortController();
  const first = Promise.withResolvers<void>();
  let isFirst = true;
  let isPrepared = false;

  const look = async (): Promise<void> => {
    const startedAtMs = performance.now();
    try {
      await pool.within(PROBE_DEADLINE_MS, () => probe(pool));
      if (!isPrepared) {
        await prepare(pool, migrate, stopping.signal);
        await onReached();
        isPrepared = true;
      }
      readiness.reached();
    } catch (error) {
      if (stopping.signal.aborted || readiness.storedAtMs() > startedAtMs) return;
      if (isFirst && !isPassing(error)) throw error;
      isPrepared = false;
      // What else waits for it would wait for its own, longer deadline.
      if (!isAnswer(error)) pool.cut();
      readiness.away(troubleWords(error));
    }
  };
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await look();
      isFirst = false;
      first.resolve();
      await nap(PROBE_EVERY_MS, stopping.signal);
    }
  })().catch((error: unknown) => first.reject(error));
  return {
    firstLook: first.promise,
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

/** Thrown by the probe; SQLSTATE of what a write would meet. */
class ReadOnly extends Error {
  readonly code = '25006';

  constructor() {
    super('the database is read-only (a standby, or default_transaction_read_only)');
    this.name = 'ReadOnly';
  }
}

async function probe({ sql }: PoolWithDeadline): Promise<void> {
  const [row] = await sql<{ is_read_only: boolean }[]>`
    /* probe */
    SELECT current_setting('transaction_read_only') = 'on' AS is_read_only`;
  if (row?.is_read_only !== false) throw new ReadOnly();
}

/** Migrating takes as long as it takes, but not longer than the server answers. */
async function prepare(
  pool: PoolWithDeadline,
  migrate: DatabaseWatchOptions['migrate'],
  stopping: AbortSignal,
): Promise<void> {
  const silent = new AbortController();
  const done = new AbortController();
  const guard = async (): Promise<void> => {
    await nap(PROBE_EVERY_MS, done.signal);
    while (!done.signal.aborted) {
      await pool.within(PROBE_DEADLINE_MS, () => probe(pool)).catch((error: unknown) => silent.abort(error));
      await nap(PROBE_EVERY_MS, done.signal);
    }
  };
  const guarded = guard();
  try {
    await migrate(AbortSignal.any([silent.signal, stopping]));
  } finally {
    done.abort();
    await guarded;
  }
}

async function nap(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
