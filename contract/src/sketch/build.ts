import { maxOrdinal, minOrdinal, ordinalAbove, ordinalOf, ordinalOfBin, ordinalUpTo, zeroOrdinal } from './grid.ts';
import { type Span, type SpanList, spansFrom } from './spans.ts';

/** How a histogram's values turn into the catalogue's: the unit's factor, and whether values below zero are legal. */
export interface ValueScale {
  readonly factor: number;
  readonly isSigned: boolean;
}

/** The scale at which an exponential histogram's buckets are the grid's bins. */
const GRID_SCALE = 5;

export interface ExponentialBuckets {
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: { readonly offset: number; readonly bucketCounts: readonly number[] };
  readonly negative: { readonly offset: number; readonly bucketCounts: readonly number[] };
}

/**
 * Spans of explicit buckets (lower, upper]: one span each. Of an unsigned histogram (-inf, b0] is [0, b0], and a bucket with an upper bound <= 0
 * is zero; (bn, +inf) is open. No buckets, no spans. Source: design §4; OTLP data model, "Histogram".
 */
export function explicitSpans(
  bounds: readonly number[],
  counts: readonly number[],
  { factor, isSigned }: ValueScale,
): SpanList {
  const spans: Span[] = [];
  counts.forEach((count, index) => {
    if (count <= 0) return;
    const lower = (bounds[index - 1] ?? Number.NEGATIVE_INFINITY) * factor;
    const upper = (bounds[index] ?? Number.POSITIVE_INFINITY) * factor;
    const span = explicitSpan(lower, upper, isSigned);
    spans.push({ ...span, count });
  });
  return spansFrom(spans);
}

function explicitSpan(lower: number, upper: number, isSigned: boolean): Pick<Span, 'first' | 'width'> {
  if (!isSigned && upper <= 0) return { first: zeroOrdinal, width: 1 };
  const first =
    lower === Number.NEGATIVE_INFINITY
      ? isSigned
        ? minOrdinal
        : zeroOrdinal
      : ordinalAbove(isSigned ? lower : Math.max(lower, 0));
  return { first, width: Math.max(1, ordinalUpTo(upper) - first + 1) };
}

/**
 * Spans of an exponential histogram. Scale >= 5 gives single bins, a coarser scale s spans of 2^(5-s) bins; a unit factor other than 1 moves the
 * edges off the grid, so that each bucket covers the bins it touches. Zeros within a threshold t > 0 are the span [0, t]. Negative buckets of
 * an unsigned histogram count as zero. Source: design §4; OTLP data model, "Exponential Histogram".
 */
export function exponentialSpans(buckets: ExponentialBuckets, { factor, isSigned }: ValueScale): SpanList {
  const spans: Span[] = [];
  if (buckets.zeroCount > 0)
    spans.push({ ...zeroSpan(buckets.zeroThreshold * factor, isSigned), count: buckets.zeroCount });
  const { offset, bucketCounts } = buckets.positive;
  bucketCounts.forEach((count, index) => {
    if (count > 0) spans.push({ ...bucketSpan(offset + index, buckets.scale, factor), count });
  });
  buckets.negative.bucketCounts.forEach((count, index) => {
    if (count <= 0) return;
    if (!isSigned) {
      spans.push({ first: zeroOrdinal, width: 1, count });
      return;
    }
    const mirrored = bucketSpan(buckets.negative.offset + index, buckets.scale, factor);
    spans.push({ first: -(mirrored.first + mirrored.width - 1), width: mirrored.width, count });
  });
  return spansFrom(spans);
}

function zeroSpan(threshold: number, isSigned: boolean): Pick<Span, 'first' | 'width'> {
  if (threshold <= 0) return { first: zeroOrdinal, width: 1 };
  const reach = ordinalOf(threshold);
  return isSigned ? { first: -reach, width: 2 * reach + 1 } : { first: zeroOrdinal, width: reach + 1 };
}

function bucketSpan(index: number, scale: number, factor: number): Pick<Span, 'first' | 'width'> {
  if (factor !== 1) {
    const edgeAt = (edge: number): number => positive(2 ** (edge / 2 ** scale) * factor);
    const first = ordinalAbove(edgeAt(index));
    return { first, width: Math.max(1, Math.min(ordinalUpTo(edgeAt(index + 1)), maxOrdinal) - first + 1) };
  }
  if (scale >= GRID_SCALE) return { first: ordinalOfBin(Math.floor(index / 2 ** (scale - GRID_SCALE)) + 1), width: 1 };
  const bins = 2 ** (GRID_SCALE - scale);
  const first = ordinalOfBin(index * bins + 1);
  return { first, width: ordinalOfBin(index * bins + bins) - first + 1 };
}

/** An edge that under- or overflowed a double still lies on its side of the grid. */
function positive(value: number): number {
  return Math.min(Math.max(value, Number.MIN_VALUE), Number.MAX_VALUE);
}
