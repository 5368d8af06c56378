import type { ReasonCode } from '@command-center/contract/reasons';
import type { PoolWithDeadline } from '@command-center/drizzle/deadline';
import type { Signal } from '../decode/records.ts';
import { UPKEEP_DEADLINE_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import { moveOwnWindows } from '../store/moveWindows.ts';
import type { Committer } from './committer.ts';
import type { Engine } from './engine.ts';
import { Tally } from './tally.ts';

/** Closed windows are moved this often; they are due two minutes after their end. */
const MOVE_EVERY_MS = 15_000;
/** Refusals at the door are counted in Postgres this often, and at the stop. */
const FLUSH_EVERY_MS = 5_000;

export interface UpkeepOptions {
  readonly pool: PoolWithDeadline;
  readonly engine: Engine;
  readonly committer: Committer;
  /** While the database is away; what is counted meanwhile is written down afterwards. */
  isPaused(): boolean;
  readonly log: Log;
}

export interface Upkeep {
  /** Counts a request that never became a batch: undecodable, too large, unauthorised. */
  onRefused(signal: Signal, reason: ReasonCode): void;
  stop(): Promise<void>;
}

/** What a sidecar does between batches: moves its closed windows to their partition and writes down what its doors refused. */
export function startUpkeep({ pool, engine, committer, isPaused, log }: UpkeepOptions): Upkeep {
  let refused = new Tally();
  let refusals = 0;
  const flush = async (): Promise<void> => {
    if (refusals === 0) return;
    const tally = refused;
    refused = new Tally();
    refusals = 0;
    await engine.flush(tally);
  };
  const move = async (): Promise<void> => {
    if (engine.writer !== undefined) await moveOwnWindows(pool.sql, engine.writer);
  };
  const between = (name: string, work: () => Promise<void>): void => {
    if (isPaused()) return;
    committer
      .exclusively(() => pool.within(UPKEEP_DEADLINE_MS, work))
      .catch((error: unknown) => log(`${name} failed`, { error: String(error) }));
  };
  const timers = [
    setInterval(() => between('move windows', move), MOVE_EVERY_MS),
    setInterval(() => between('flush counters', flush), FLUSH_EVERY_MS),
  ];
  return {
    onRefused: (signal, reason) => {
      refused.add(signal, '', 'refused', reason, '');
      refusals += 1;
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await committer
        .exclusively(flush)
        .catch((error: unknown) => log('flush counters failed', { error: String(error) }));
    },
  };
}
