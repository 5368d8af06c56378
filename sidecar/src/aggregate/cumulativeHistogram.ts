import type { Point } from '../decode/records.ts';
import { type Distribution, differenceOf, distributionOf, isSameDistribution } from './distribution.ts';
import { histogramIncrements } from './histogramIncrements.ts';
import { place, type Sequences } from './sequences.ts';
import { isUnrecorded, noted, notOf, type Step, type StepContext, stored } from './step.ts';

/** Stream of a cumulative histogram or a summary; values as sent. */
export interface CumulativeHistogramState extends Sequences<Distribution> {
  readonly kind: 'cumulativeHistogram';
}

const unknownExtremes = { min: null, max: null };
const nothing: Distribution = { count: 0, sum: 0, buckets: { layout: 'none' } };

/** OTLP conformance 10-12, 16-18. */
export function stepCumulativeHistogram(
  state: CumulativeHistogramState | undefined,
  point: Point,
  context: StepContext,
): Step<CumulativeHistogramState> {
  if (isUnrecorded(point)) return noted(state, 'no_recorded_value');
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
  const next: CumulativeHistogramState = { kind: 'cumulativeHistogram', ...placement.state };
  const adding = (added: Distribution, from: bigint | undefined) =>
    histogramIncrements(added, unknownExtremes, from, point.timeUnixNano, context);
  if (placement.type === 'baseline') return noted(next, 'baseline', adding(nothing, undefined));
  if (placement.previous === undefined) return stored(next, adding(value, placement.from));
  const difference = differenceOf(placement.previous, value);
  switch (difference.type) {
    case 'increase':
      return stored(next, adding(difference.added, placement.from));
    case 'rebucketed':
      return noted(next, 'bucket_baseline', adding(difference.added, placement.from));
    case 'reset':
      return noted(next, 'reset', adding(value, placement.from));
  }
}
