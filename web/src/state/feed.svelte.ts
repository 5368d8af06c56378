import { type Logs, logs } from '@command-center/contract/api/lists';
import type { Failure } from './failure.ts';
import type { Live } from './live.svelte.ts';
import { type Feed, feedRows, mergeFeed } from './liveErrors.ts';
import { type Polled, poll } from './poll.svelte.ts';
import { liveSince, pushedPace } from './pushed.ts';
import { pathOf } from './request.ts';

export interface HeldFeed {
  /** Null while nothing has been answered. */
  readonly now: Feed | null;
  readonly receivedAtMs: number | null;
  /** Of the newest fetch; null after a success. */
  readonly failure: Failure | null;
  readonly retryAtMs: number | null;
}

/**
 * The newest kinds of errors of 24 h: fetched, and moved by what the live socket tells. While it tells, only what it does not say is asked for,
 * the counts; at once where it connects, soon where errors came unsent. Call it while a component is made.
 */
export function followFeed(live: () => Live, cadenceMs: () => number): HeldFeed {
  const sinceMs = $derived(liveSince(live()));
  const fetched: Polled<Logs> = poll(() => ({
    path: pathOf('/logs', { level: 'ERROR', group: '1', limit: String(feedRows), range: '24h' }),
    schema: logs,
    ...pushedPace({ sinceMs, cadenceMs: cadenceMs(), isEnough: !hasMore, live, fetched: () => fetched }),
  }));
  const merged = $derived(mergeFeed(fetched.held?.data ?? null, fetched.held?.askedAtMs ?? 0, live().heard));
  const hasMore = $derived(merged.more > 0);
  const isKnown = $derived(fetched.held !== null || live().heardAtMs !== null);
  // A socket that says nothing of an error says that there was none.
  const receivedAtMs = $derived(Math.max(fetched.held?.receivedAtMs ?? 0, live().heardAtMs ?? 0));
  return {
    get now() {
      return isKnown ? merged : null;
    },
    get receivedAtMs() {
      return isKnown ? receivedAtMs : null;
    },
    get failure() {
      return fetched.failure;
    },
    get retryAtMs() {
      return fetched.retryAtMs;
    },
  };
}
