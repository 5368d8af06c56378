import fc from 'fast-check';
import { explicitSpans, exponentialSpans, type ValueScale } from '../build.ts';
import { maxOrdinal, minOrdinal, openOrdinal } from '../grid.ts';
import { type SpanList, spansFrom } from '../spans.ts';

export const unsigned: ValueScale = { factor: 1, isSigned: false };
export const signed: ValueScale = { factor: 1, isSigned: true };
export const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What an SDK would have sent for these values in explicit buckets (lower, upper]. */
export function explicitOf(values: readonly number[], bounds = durationBounds, scale = unsigned): SpanList {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const value of values) {
    const index = bounds.findIndex((bound) => value <= bound);
    const bucket = index === -1 ? bounds.length : index;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return explicitSpans(bounds, counts, scale);
}

/** What an SDK would have sent for these values, zeros and negative ones included, in exponential buckets. */
export function exponentialOf(values: readonly number[], scale: number, valueScale = unsigned): SpanList {
  const rangeOf = (magnitudes: readonly number[]) => {
    if (magnitudes.length === 0) return { offset: 0, bucketCounts: [] };
    const indexes = magnitudes.map((value) => Math.ceil(Math.log2(value) * 2 ** scale) - 1);
    const offset = Math.min(...indexes);
    const bucketCounts = Array.from({ length: Math.max(...indexes) - offset + 1 }, () => 0);
    for (const index of indexes) bucketCounts[index - offset] = (bucketCounts[index - offset] ?? 0) + 1;
    return { offset, bucketCounts };
  };
  const positive = rangeOf(values.filter((value) => value > 0));
  const negative = rangeOf(values.filter((value) => value < 0).map((value) => -value));
  const zeroCount = values.filter((value) => value === 0).length;
  return exponentialSpans({ scale, zeroCount, zeroThreshold: 0, positive, negative }, valueScale);
}

/** Any distribution the grid can hold. */
export const lists = fc
  .array(
    fc.record({
      first: fc.integer({ min: minOrdinal, max: maxOrdinal }),
      width: fc.integer({ min: 1, max: 90 }),
      count: fc.integer({ min: 1, max: 1e9 }),
    }),
    { maxLength: 60 },
  )
  .map((spans) =>
    spansFrom(spans.map((span) => ({ ...span, width: Math.min(span.width, openOrdinal - span.first + 1) }))),
  );
