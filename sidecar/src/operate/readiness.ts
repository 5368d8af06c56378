import type { ReasonCode } from '@command-center/contract/reasons';
import type { Log } from '../log.ts';
import type { Availability } from '../receive/door.ts';

/** How the sidecar stands. */
export type Standing =
  /** The database was not reached, or not migrated, yet. */
  | { readonly status: 'starting' }
  | { readonly status: 'ready' }
  /** Nothing can be stored, or the last batch could not be. `isRefusing`: requests are sent away before they are read. */
  | { readonly status: 'degraded'; readonly reason: string; readonly isRefusing: boolean }
  | { readonly status: 'stopping' };

/** What the doors, the health services, `/readyz` and the metrics are told, and by whom it is decided. */
export interface Readiness extends Availability {
  current(): Standing;
  /** In words, for people: `ready`, or why not. */
  words(): string;
  set(next: Standing): void;
  /** Times the sidecar became degraded. */
  outages(): number;
}

/** Changes are told to listeners and, when the sidecar becomes degraded or recovers, once to the log. Stopping is final. */
export function createReadiness(log: Log): Readiness {
  let standing: Standing = { status: 'starting' };
  let sinceMs = performance.now();
  let outages = 0;
  const listeners: (() => void)[] = [];
  const set = (next: Standing): void => {
    if (standing.status === 'stopping') return;
    const before = standing;
    standing = next;
    if (before.status === next.status) return;
    const lastedMs = Math.round(performance.now() - sinceMs);
    sinceMs = performance.now();
    if (next.status === 'degraded') {
      outages += 1;
      log('degraded', { reason: next.reason });
    } else if (before.status === 'degraded') log('recovered', { after_ms: lastedMs });
    for (const listener of listeners) listener();
  };
  const words = (): string => {
    const seconds = Math.round((performance.now() - sinceMs) / 1000);
    if (standing.status === 'starting') return 'starting: the database was not reached or not migrated yet';
    return standing.status === 'degraded' ? `degraded for ${seconds} s: ${standing.reason}` : standing.status;
  };
  return {
    current: () => standing,
    isReady: () => standing.status === 'ready',
    refusal: () => refusalOf(standing),
    words,
    set,
    outages: () => outages,
    onChange: (listener) => listeners.push(listener),
  };
}

function refusalOf(standing: Standing): ReasonCode | undefined {
  switch (standing.status) {
    case 'starting':
      return 'starting';
    case 'degraded':
      return standing.isRefusing ? 'database_unavailable' : undefined;
    case 'ready':
    case 'stopping':
      // The doors say by themselves that they stop, and finish what they have.
      return undefined;
  }
}
