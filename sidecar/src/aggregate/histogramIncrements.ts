import { countOf, type SpanList, spansFrom } from '@command-center/contract/sketch/spans';
import { type Distribution, spansOf } from './distribution.ts';
import { type Share, sharesOf, split } from './minutes.ts';
import type { Increment, StepContext } from './step.ts';

/** Smallest and largest value of the interval; null where the sender's are of the stream's whole life. */
export interface Extremes {
  readonly min: number | null;
  readonly max: number | null;
}

/**
 * A distribution added over (from, to], by minute: each span is split by cumulative floor, a minute's count is the sum of its spans, its sum in
 * proportion to its count (OTLP conformance 12).
 */
export function histogramIncrements(
  added: Distribution,
  extremes: Extremes,
  from: bigint | undefined,
  to: bigint,
  context: StepContext,
): Increment[] {
  const spans = spansOf(added, context);
  const sum = Number.isNaN(added.sum) ? 0 : added.sum * context.factor;
  const shares = sharesOf(from, to);
  const [only] = shares;
  if (shares.length === 1 && only !== undefined) {
    return [{ type: 'histogram', minuteMs: only.minuteMs, count: added.count, sum, ...extremes, spans }];
  }
  // Which minute held the smallest and the largest value is not known.
  const parts = splitSpans(spans, added.count, shares);
  return shares.map((share, index) => {
    const part = parts[index] ?? { count: 0, spans: { spans: [], isInexact: false } };
    const partSum = added.count === 0 ? 0 : (sum * part.count) / added.count;
    return { type: 'histogram', minuteMs: share.minuteMs, ...part, sum: partSum, min: null, max: null };
  });
}

function splitSpans(list: SpanList, count: number, shares: readonly Share[]): { count: number; spans: SpanList }[] {
  if (list.spans.length === 0) return split(count, shares).map((part) => ({ count: part, spans: list }));
  const bySpan = list.spans.map((span) => split(span.count, shares));
  return shares.map((_, minute) => {
    const part = spansFrom(list.spans.map((span, index) => ({ ...span, count: bySpan[index]?.[minute] ?? 0 })));
    return { count: countOf(part), spans: { ...part, isInexact: list.isInexact } };
  });
}
