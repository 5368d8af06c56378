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

/** Where a bucket lies on the grid. */
type Place = Pick<Span, 'first' | 'width'>;

interface ExplicitPlaces extends ValueScale {
  readonly bounds: readonly number[];
  readonly places: readonly Place[];
}

/** Bounds are a metric's and its points come one after another: remembering the last ones' places saved a third of the work of a point. */
let lastPlaces: ExplicitPlaces = { bounds: [], factor: 1, isSigned: false, places: [] };

/**
 * Spans of explicit buckets (lower, upper]: one span each. Of an unsigned histogram (-inf, b0] is [0, b0], and a bucket with an upper bound <= 0
 * is zero; (bn, +inf) is open. No buckets, no spans. Source: design §4; OTLP data model, "Histogram".
 */
export function explicitSpans(bounds: readonly number[], counts: ArrayLike<number>, scale: ValueScale): SpanList {
  const places = explicitPlaces(bounds, scale);
  const spans: Span[] = [];
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index];
    const count = counts[index] ?? 0;
    if (count > 0 && place !== undefined) spans.push({ first: place.first, width: place.width, count });
  }
  return spansFrom(spans);
}

function explicitPlaces(bounds: readonly number[], { factor, isSigned }: ValueScale): readonly Place[] {
  const known = lastPlaces;
  const isKnown = known.factor === factor && known.isSigned === isSigned && isSameList(known.bounds, bounds);
  if (isKnown && known.places.length > 0) return known.places;
  const edges = [Number.NEGATIVE_INFINITY, ...bounds.map((bound) => bound * factor), Number.POSITIVE_INFINITY];
  const places = edges.slice(1).map((upper, index) => explicitSpan(edges[index] ?? 0, upper, isSigned));
  lastPlaces = { bounds: [...bounds], factor, isSigned, places };
  return places;
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

function explicitSpan(lower: number, upper: number, isSigned: boolean): Place {
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
  const { scale, positive, negative, zeroCount, zeroThreshold } = buckets;
  const spans: Span[] = [];
  // From the least value up, so that the spans come in order.
  for (let index = negative.bucketCounts.length - 1; index >= 0; index -= 1) {
    const count = negative.bucketCounts[index] ?? 0;
    if (count <= 0) continue;
    if (isSigned) spans.push(mirrored(bucketSpan(negative.offset + index, count, scale, factor)));
    else spans.push({ first: zeroOrdinal, width: 1, count });
  }
  if (zeroCount > 0) {
    const { first, width } = zeroSpan(zeroThreshold * factor, isSigned);
    spans.push({ first, width, count: zeroCount });
  }
  for (let index = 0; index < positive.bucketCounts.length; index += 1) {
    const count = positive.bucketCounts[index] ?? 0;
    if (count > 0) spans.push(bucketSpan(positive.offset + index, count, scale, factor));
  }
  return spansFrom(spans);
}

function zeroSpan(threshold: number, isSigned: boolean): Place {
  if (threshold <= 0) return { first: zeroOrdinal, width: 1 };
  const reach = ordinalOf(threshold);
  return isSigned ? { first: -reach, width: 2 * reach + 1 } : { first: zeroOrdinal, width: reach + 1 };
}

function mirrored({ first, width, count }: Span): Span {
  return { first: -(first + width - 1), width, count };
}

function bucketSpan(index: number, count: number, scale: number, factor: number): Span {
  if (factor !== 1) {
    const edgeAt = (edge: number): number => positive(2 ** (edge / 2 ** scale) * factor);
    const first = ordinalAbove(edgeAt(index));
    return { first, width: Math.max(1, Math.min(ordinalUpTo(edgeAt(index + 1)), maxOrdinal) - first + 1), count };
  }
  if (scale >= GRID_SCALE)
    return { first: ordinalOfBin(Math.floor(index / 2 ** (scale - GRID_SCALE)) + 1), width: 1, count };
  const bins = 2 ** (GRID_SCALE - scale);
  const first = ordinalOfBin(index * bins + 1);
  return { first, width: ordinalOfBin(index * bins + bins) - first + 1, count };
}

/** An edge that under- or overflowed a double still lies on its side of the grid. */
function positive(value: number): number {
  return Math.min(Math.max(value, Number.MIN_VALUE), Number.MAX_VALUE);
}
