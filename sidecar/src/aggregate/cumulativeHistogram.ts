import type { PointContent } from '../decode/records.ts';
import {
  type Distribution,
  differenceOf,
  distributionOf,
  hasTooManyBuckets,
  isSameDistribution,
} from './distribution.ts';
import { histogramIncrements } from './histogramIncrements.ts';
import { place, type Sequences } from './sequences.ts';
import { isUnrecorded, noted, notOf, rejected, type Step, type StepContext, stored } from './step.ts';

/** Stream of a cumulative histogram or a summary; values as sent. */
export interface CumulativeHistogramState extends Sequences<Distribution> {
  readonly kind: 'cumulativeHistogram';
}

const unknownExtremes = { min: null, max: null };
const nothing: Distribution = { count: 0, sum: 0, buckets: { layout: 'none' } };

/** OTLP conformance 10-12, 16-18. */
export function stepCumulativeHistogram(
  state: CumulativeHistogramState | undefined,
  point: PointContent,
  context: StepContext,
): Step<CumulativeHistogramState> {
  if (isUnrecorded(point)) return noted(state, 'no_recorded_value');
  if (hasTooManyBuckets(point)) return rejected(state, 'impossible_buckets');
  const value = distributionOf(point);
  if (value === undefined) return notOf(state, 'cumulativeHistogram', point);
  const placement = place(
    state,
    {
      start: point.startTimeUnixNano,
      time: point.timeUnixNano,
      value,
      isEqual: (other) => isSameDistribution(other, value),
    },
    context,
  );
  if (placement.type === 'ignored') return noted(state, placement.reason);
  const adding = (added: Distribution, from: bigint | undefined) =>
    histogramIncrements(added, unknownExtremes, from, point.timeUnixNano, context);
  const next: CumulativeHistogramState = { kind: 'cumulativeHistogram', ...placement.state };
  if (placement.type === 'baseline') return noted(next, 'baseline', adding(nothing, undefined));
  if (placement.previous === undefined) return stored(next, adding(value, placement.from));
  const difference = differenceOf(placement.previous, value);
  if (difference.type === 'reset') return noted(next, 'reset', adding(value, placement.from));
  const kept = withSumOf(next, value, placement.previous);
  const increments = adding(difference.added, placement.from);
  return difference.type === 'rebucketed' ? noted(kept, 'bucket_baseline', increments) : stored(kept, increments);
}

/** A point without sum leaves its sequence's sum as it was: the next one that has it counts from there (OTLP conformance 15). */
function withSumOf(
  state: CumulativeHistogramState,
  value: Distribution,
  { sum }: Distribution,
): CumulativeHistogramState {
  if (!Number.isNaN(value.sum) || Number.isNaN(sum)) return state;
  const sequences = state.sequences.map((sequence) =>
    sequence.value === value ? { ...sequence, value: { ...value, sum } } : sequence,
  );
  return { ...state, sequences };
}
