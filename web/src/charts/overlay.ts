import type { Overlay } from './board.svelte.ts';
import { highestOf } from './series.ts';

/** Percent: a rate of a thousandth is no mountain. */
const LEAST_TOP = 5;

/** The highest value of the error rate's own axis, percent. */
export function overlayTop({ errorRate }: Overlay): number {
  return Math.max(LEAST_TOP, highestOf([errorRate]));
}
