import type { StreamKind } from '../curate/curated.ts';
import type { PointContent } from '../decode/records.ts';
import { type AdditiveGaugeState, stepAdditiveGauge } from './additiveGauge.ts';
import { type CumulativeHistogramState, stepCumulativeHistogram } from './cumulativeHistogram.ts';
import { type CumulativeNumberState, stepCumulativeNumber } from './cumulativeNumber.ts';
import { type DeltaState, stepDelta } from './delta.ts';
import { stepStateless } from './stateless.ts';
import type { Step, StepContext } from './step.ts';

/** What is remembered of a stream, a variant a kind. */
export type StreamState = CumulativeNumberState | CumulativeHistogramState | DeltaState | AdditiveGaugeState;

/**
 * The product's one function: (state, point) -> (state', increments by minute). `state` undefined = this stream was never seen. A stream's kind
 * is part of its identity, so a state of another kind cannot be its own and is taken for none.
 */
export function step(
  kind: StreamKind,
  state: StreamState | undefined,
  point: PointContent,
  context: StepContext,
): Step<StreamState> {
  switch (kind) {
    case 'cumulativeNumber':
      return stepCumulativeNumber(state?.kind === kind ? state : undefined, point, context);
    case 'cumulativeHistogram':
      return stepCumulativeHistogram(state?.kind === kind ? state : undefined, point, context);
    case 'delta':
      return stepDelta(state?.kind === kind ? state : undefined, point, context);
    case 'additiveGauge':
      return stepAdditiveGauge(state?.kind === kind ? state : undefined, point, context);
    case 'none':
      return stepStateless(point, context);
  }
}
