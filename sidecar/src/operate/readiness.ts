import type { ReasonCode } from '@command-center/contract/reasons';
import { UNSTORED_TELL_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Availability } from '../receive/door.ts';

/** How the sidecar stands. */
type Standing =
  /** The database was not reached, or not migrated, yet. */
  | { readonly status: 'starting' }
  | { readonly status: 'ready' }
  /** `isAway`: nothing can be stored, so requests are sent back before they are read. Else the last batch was not, and the next may be. */
  | { readonly status: 'degraded'; readonly reason: string; readonly isAway: boolean }
  | { readonly status: 'stopping' };

/** What the doors, the health services, `/readyz` and the metrics are told, and what it is decided by. */
export interface Readiness extends Availability {
  isDegraded(): boolean;
  /** In words, for people: `ready`, or why not. */
  words(): string;
  /** Times the sidecar became degraded. */
  outages(): number;
  /** The database is there, migrated and writable. */
  reached(): void;
  /** It is not; in words. */
  away(reason: string): void;
  /** A batch was committed: nothing shows better that the database is there. */
  stored(): void;
  /** By `performance.now()`; -Infinity = never. */
  storedAtMs(): number;
  /** A batch was not committed, for a reason that waiting cures; its code. */
  notStored(code: string): void;
  /** For good. */
  stopping(): void;
}

/** Becoming degraded and recovering are told once each to the log, and every change to the listeners. */
export function createReadiness(log: Log): Readiness {
  let standing: Standing = { status: 'starting' };
  let sinceMs = performance.now();
  let outages = 0;
  let storedAtMs = Number.NEGATIVE_INFINITY;
  let notStored: { readonly code: string; readonly atMs: number } | undefined;
  const listeners: (() => void)[] = [];
  const set = (next: Standing): void => {
    const before = standing;
    if (before.status === 'stopping') return;
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
  const reached = (): void => {
    if (notStored !== undefined && performance.now() - notStored.atMs > UNSTORED_TELL_MS) notStored = undefined;
    if (notStored === undefined) set({ status: 'ready' });
    else set({ status: 'degraded', reason: `the last batch was not stored (${notStored.code})`, isAway: false });
  };
  const isAway = (): boolean => standing.status === 'starting' || (standing.status === 'degraded' && standing.isAway);
  return {
    isReady: () => standing.status === 'ready',
    isDegraded: () => standing.status === 'degraded',
    refusal: () => refusalOf(standing),
    words: () => wordsOf(standing, Math.round((performance.now() - sinceMs) / 1000)),
    outages: () => outages,
    onChange: (listener) => listeners.push(listener),
    reached,
    away: (reason) => set({ status: 'degraded', reason, isAway: true }),
    stored: () => {
      storedAtMs = performance.now();
      notStored = undefined;
      if (!isAway()) reached();
    },
    storedAtMs: () => storedAtMs,
    notStored: (code) => {
      notStored = { code, atMs: performance.now() };
      if (!isAway()) reached();
    },
    stopping: () => set({ status: 'stopping' }),
  };
}

function refusalOf(standing: Standing): ReasonCode | undefined {
  switch (standing.status) {
    case 'starting':
      return 'starting';
    case 'degraded':
      return standing.isAway ? 'database_unavailable' : undefined;
    case 'ready':
    case 'stopping':
      // The doors say by themselves that they stop, and finish what they have.
      return undefined;
  }
}

function wordsOf(standing: Standing, seconds: number): string {
  switch (standing.status) {
    case 'starting':
      return `starting for ${seconds} s: the database was not reached, or not migrated, yet`;
    case 'degraded':
      return `degraded for ${seconds} s: ${standing.reason}`;
    case 'ready':
    case 'stopping':
      return standing.status;
  }
}
