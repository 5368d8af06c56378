import { type Logs, logs } from '@command-center/contract/api/lists';
import type { Failure } from './failure.ts';
import type { Live } from './live.svelte.ts';
import type { LiveState } from './liveConnection.ts';
import { type Feed, feedRows, mergeFeed } from './liveErrors.ts';
import { type Polled, poll } from './poll.svelte.ts';
import { pathOf } from './request.ts';

export interface HeldFeed {
  /** Null while nothing has been answered. */
  readonly now: Feed | null;
  readonly receivedAtMs: number | null;
  /** Of the newest fetch; null after a success. */
  readonly failure: Failure | null;
  readonly retryAtMs: number | null;
}

/** Milliseconds between two fetches of a feed that is pushed. */
const reconcileMs = 60_000;

/**
 * The newest kinds of errors of 24 h: fetched, and moved by what the live socket tells. While it tells, only what it does not say is asked for,
 * the counts; at once where it connects, soon where errors came unsent. Call it while a component is made.
 */
export function followFeed(live: () => Live, cadenceMs: () => number): HeldFeed {
  const sinceMs = $derived(sinceOf(live().state));
  const fetched: Polled<Logs> = poll(() => ({
    path: pathOf('/logs', { level: 'ERROR', group: '1', limit: String(feedRows), range: '24h' }),
    schema: logs,
    cadenceMs: sinceMs === null || hasMore ? cadenceMs() : reconcileMs,
    // A socket that is lost leaves a feed as old as its last frame: consoles that lose it together do not ask together at once.
    ...(sinceMs === null ? { delayMs: () => cadenceMs() + heardAfterMs() } : { afterMs: sinceMs }),
  }));
  /** Milliseconds from the last fetch to the last frame. */
  const heardAfterMs = (): number => Math.max(0, (live().heardAtMs ?? 0) - (fetched.held?.receivedAtMs ?? 0));
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

function sinceOf(state: LiveState): number | null {
  return state.type === 'live' ? state.sinceMs : null;
}
