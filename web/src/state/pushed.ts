import type { Live } from './live.svelte.ts';
import type { Ask, Polled } from './poll.svelte.ts';

/** Milliseconds between two fetches of what is pushed. */
const reconcileMs = 60_000;

/** Since when the live socket tells, ms since the epoch; null = it does not. What asks by it is not asked anew whenever a lost one is tried. */
export function liveSince({ state }: Live): number | null {
  return state.type === 'live' ? state.sinceMs : null;
}

/**
 * When to ask for what the live socket tells too: while it tells all that is needed, now and then, and once where it connects; else at the cadence.
 * The functions are called when an answer has come.
 */
export function pushedPace(of: {
  readonly sinceMs: number | null;
  readonly cadenceMs: number;
  readonly isEnough: boolean;
  readonly live: () => Live;
  readonly fetched: () => Pick<Polled<unknown>, 'held'>;
}): Pick<Ask<unknown>, 'cadenceMs' | 'delayMs' | 'afterMs'> {
  const { sinceMs, cadenceMs, isEnough, live, fetched } = of;
  if (sinceMs !== null) return { cadenceMs: isEnough ? reconcileMs : cadenceMs, afterMs: sinceMs };
  // A socket that is lost leaves data as old as its last frame: consoles that lose it together do not ask together at once.
  const heardAfterMs = (): number => Math.max(0, (live().heardAtMs ?? 0) - (fetched().held?.receivedAtMs ?? 0));
  return { cadenceMs, delayMs: () => cadenceMs + heardAfterMs() };
}
