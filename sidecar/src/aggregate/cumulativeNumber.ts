import type { PointContent } from '../decode/records.ts';
import { minuteOf, sharesOf, split } from './minutes.ts';
import { place, type Sequences } from './sequences.ts';
import { type Increment, isUnrecorded, noted, notOf, type Step, type StepContext, stored } from './step.ts';

/** Stream of a cumulative monotonic sum; values as sent. */
export interface CumulativeNumberState extends Sequences<number> {
  readonly kind: 'cumulativeNumber';
}

/** OTLP conformance 10, 11, 12. */
export function stepCumulativeNumber(
  state: CumulativeNumberState | undefined,
  point: PointContent,
  context: StepContext,
): Step<CumulativeNumberState> {
  if (isUnrecorded(point)) return noted(state, 'no_recorded_value');
  if (point.type !== 'number' || point.value === undefined) return notOf(state, 'cumulativeNumber', point);
  const { value } = point;
  const placement = place(
    state,
    { start: point.startTimeUnixNano, time: point.timeUnixNano, value, isEqual: (other) => other === value },
    context,
  );
  if (placement.type === 'ignored') return noted(state, placement.reason);
  const next: CumulativeNumberState = { kind: 'cumulativeNumber', ...placement.state };
  if (placement.type === 'baseline') {
    return noted(next, 'baseline', [{ type: 'counter', minuteMs: minuteOf(point.timeUnixNano), increase: 0 }]);
  }
  // A falling value with the same start was reset at an unknown time: what it shows now has been counted since.
  const isReset = placement.previous !== undefined && value < placement.previous;
  const increase = isReset || placement.previous === undefined ? value : value - placement.previous;
  const increments = counterIncrements(increase * context.factor, placement.from, point.timeUnixNano);
  return isReset ? noted(next, 'reset', increments) : stored(next, increments);
}

/** An increase over (from, to], by minute. */
export function counterIncrements(increase: number, from: bigint | undefined, to: bigint): Increment[] {
  const shares = sharesOf(from, to);
  const parts = split(increase, shares);
  return shares.map((share, index) => ({ type: 'counter', minuteMs: share.minuteMs, increase: parts[index] ?? 0 }));
}
