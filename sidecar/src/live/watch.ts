import type { PoolWithDeadline } from '@command-center/drizzle/deadline';
import type { Log } from '../log.ts';
import { BLIND_AFTER_MS, LOOK_AGAIN_MS, LOOK_DEADLINE_MS, LOOK_EVERY_MS } from './limits.ts';
import { type Look, look } from './look.ts';

export interface Watch {
  /** Looks at once, where nobody did in the last 100 ms: something was stored here. Does nothing while nobody watches. */
  hurry(): void;
  /** Looks from now on, until `rest`. */
  begin(): void;
  rest(): void;
  stop(): Promise<void>;
}

/** Until somebody comes. */
const IDLE_MS = 2 ** 30;

export interface WatchEvents {
  readonly onLook: (look: Look) => void;
  /** The database has not answered for a while. */
  readonly onBlind: () => void;
}

/** Looks at the database again and again while somebody watches. */
export function createWatch(pool: PoolWithDeadline, log: Log, { onLook, onBlind }: WatchEvents): Watch {
  let isStopping = false;
  let isWatched = false;
  let wake: (() => void) | undefined;
  let isHurried = false;
  let lookedAtMs = performance.now();
  let isBlind = false;

  const nap = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => wake?.(), ms).unref();
      wake = () => {
        wake = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  const once = async (): Promise<void> => {
    try {
      const found = await pool.within(LOOK_DEADLINE_MS, () => look(pool.sql, Date.now()));
      lookedAtMs = performance.now();
      isBlind = false;
      if (isWatched) onLook(found);
    } catch (error) {
      if (isBlind || performance.now() - lookedAtMs < BLIND_AFTER_MS) return;
      isBlind = true;
      log('live looks fail', { error: String(error) });
      onBlind();
    }
  };
  const looking = (async () => {
    while (!isStopping) {
      if (!isWatched) {
        await nap(IDLE_MS);
        continue;
      }
      isHurried = false;
      await once();
      await nap(LOOK_AGAIN_MS);
      if (!isHurried) await nap(LOOK_EVERY_MS - LOOK_AGAIN_MS);
    }
  })();
  return {
    hurry: () => {
      isHurried = true;
      if (isWatched && performance.now() - lookedAtMs >= LOOK_AGAIN_MS) wake?.();
    },
    begin: () => {
      if (isWatched) return;
      isWatched = true;
      // Who comes now has not been told of an outage of before.
      isBlind = false;
      lookedAtMs = performance.now();
      wake?.();
    },
    rest: () => {
      isWatched = false;
    },
    stop: async () => {
      isStopping = true;
      wake?.();
      await looking;
    },
  };
}
