import { explicitSpans, exponentialSpans, type ValueScale } from '@command-center/contract/sketch/build';
import { emptySpans, type SpanList } from '@command-center/contract/sketch/spans';
import type { ExponentialRange, Point } from '../decode/records.ts';

/** What a histogram or summary point holds, as sent: the state of cumulative streams and the content of deltas. */
export interface Distribution {
  readonly count: number;
  /** NaN = the sender gave none: its buckets are usable all the same (OTLP conformance 15). */
  readonly sum: number;
  readonly buckets: Buckets;
}

export type Buckets =
  | { readonly layout: 'none' }
  | { readonly layout: 'explicit'; readonly bounds: readonly number[]; readonly counts: readonly number[] }
  | {
      readonly layout: 'exponential';
      readonly scale: number;
      readonly zeroCount: number;
      readonly zeroThreshold: number;
      readonly positive: ExponentialRange;
      readonly negative: ExponentialRange;
    };

/** What a later point of a sequence adds to an earlier one. */
export type Difference =
  | { readonly type: 'increase'; readonly added: Distribution }
  /** Count and sum add, the buckets cannot be compared: they are the baseline of the next point (OTLP conformance 16). */
  | { readonly type: 'rebucketed'; readonly added: Distribution }
  /** Something fell: the later point counts from zero. */
  | { readonly type: 'reset' };

const noBuckets: Buckets = { layout: 'none' };

/** The point's distribution; undefined of a number point. */
export function distributionOf(point: Point): Distribution | undefined {
  switch (point.type) {
    case 'number':
      return undefined;
    case 'summary':
      return { count: point.count, sum: point.sum, buckets: noBuckets };
    case 'histogram': {
      const { explicitBounds: bounds, bucketCounts: counts } = point;
      // One bucket without bounds is (-inf, +inf): it says no more than the count.
      const buckets: Buckets = counts.length <= 1 ? noBuckets : { layout: 'explicit', bounds, counts };
      return { count: point.count, sum: point.sum ?? Number.NaN, buckets };
    }
    case 'exponentialHistogram': {
      const { scale, zeroCount, zeroThreshold, positive, negative } = point;
      const buckets: Buckets = { layout: 'exponential', scale, zeroCount, zeroThreshold, positive, negative };
      return { count: point.count, sum: point.sum ?? Number.NaN, buckets };
    }
  }
}

export function isSameDistribution(a: Distribution, b: Distribution): boolean {
  if (a.count !== b.count || !Object.is(a.sum, b.sum)) return false;
  const difference = differenceOf(a, b);
  return difference.type === 'increase' && spansOf(difference.added, { factor: 1, isSigned: true }).spans.length === 0;
}

/** OTLP conformance 16, 17; data model, "Resets and Gaps". */
export function differenceOf(before: Distribution, after: Distribution): Difference {
  if (after.count < before.count) return { type: 'reset' };
  const count = after.count - before.count;
  const sum = after.sum - before.sum;
  const [a, b] = [before.buckets, after.buckets];
  if (a.layout === 'explicit' && b.layout === 'explicit' && isSameList(a.bounds, b.bounds)) {
    const counts = minus(b.counts, a.counts);
    return counts === undefined
      ? { type: 'reset' }
      : { type: 'increase', added: { count, sum, buckets: { ...b, counts } } };
  }
  if (a.layout === 'exponential' && b.layout === 'exponential') return exponentialDifference(a, b, count, sum);
  const type = a.layout === 'none' && b.layout === 'none' ? 'increase' : 'rebucketed';
  return { type, added: { count, sum, buckets: noBuckets } };
}

type Exponential = Extract<Buckets, { layout: 'exponential' }>;

/** Within a sequence the scale only falls and the zero threshold only rises; the other way round is a reset. */
function exponentialDifference(before: Exponential, after: Exponential, count: number, sum: number): Difference {
  if (after.scale > before.scale || after.zeroThreshold < before.zeroThreshold) return { type: 'reset' };
  const shift = before.scale - after.scale;
  const old = {
    positive: belowZero(downscaled(before.positive, shift), after),
    negative: belowZero(downscaled(before.negative, shift), after),
  };
  const zeroCount = after.zeroCount - before.zeroCount - old.positive.zeros - old.negative.zeros;
  const positive = rangeMinus(after.positive, old.positive.range);
  const negative = rangeMinus(after.negative, old.negative.range);
  if (zeroCount < 0 || positive === undefined || negative === undefined) return { type: 'reset' };
  return { type: 'increase', added: { count, sum, buckets: { ...after, zeroCount, positive, negative } } };
}

/** Exact: k buckets of the finer scale are one of the coarser; arithmetic shift, also below zero (data model, "Exponential Scale"). */
function downscaled(range: ExponentialRange, shift: number): ExponentialRange {
  if (shift === 0 || range.bucketCounts.length === 0) return range;
  const offset = Math.floor(range.offset / 2 ** shift);
  const counts: number[] = [];
  range.bucketCounts.forEach((count, index) => {
    const at = Math.floor((range.offset + index) / 2 ** shift) - offset;
    counts[at] = (counts[at] ?? 0) + count;
  });
  return { offset, bucketCounts: Array.from(counts, (count) => count ?? 0) };
}

/** Splits off the buckets that a raised zero threshold has swallowed. */
function belowZero(
  range: ExponentialRange,
  { scale, zeroThreshold }: Exponential,
): { range: ExponentialRange; zeros: number } {
  if (zeroThreshold <= 0) return { range, zeros: 0 };
  const swallowed = range.bucketCounts.filter(
    (_, index) => 2 ** ((range.offset + index + 1) / 2 ** scale) <= zeroThreshold * (1 + 1e-12),
  ).length;
  const zeros = range.bucketCounts.slice(0, swallowed).reduce((total, count) => total + count, 0);
  return { range: { offset: range.offset + swallowed, bucketCounts: range.bucketCounts.slice(swallowed) }, zeros };
}

/** Undefined where a bucket fell. */
function rangeMinus(after: ExponentialRange, before: ExponentialRange): ExponentialRange | undefined {
  const left = new Map(before.bucketCounts.map((count, index) => [before.offset + index, count]));
  const bucketCounts = after.bucketCounts.map((count, index) => {
    const key = after.offset + index;
    const old = left.get(key) ?? 0;
    left.delete(key);
    return count - old;
  });
  const hasFallen = bucketCounts.some((count) => count < 0) || [...left.values()].some((count) => count > 0);
  return hasFallen ? undefined : { offset: after.offset, bucketCounts };
}

function minus(after: readonly number[], before: readonly number[]): number[] | undefined {
  const counts = after.map((count, index) => count - (before[index] ?? 0));
  return counts.some((count) => count < 0) ? undefined : counts;
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((value, index) => value === b[index]));
}

/** The distribution on the grid, in the canonical unit. */
export function spansOf({ buckets }: Distribution, scale: ValueScale): SpanList {
  switch (buckets.layout) {
    case 'none':
      return emptySpans;
    case 'explicit':
      return explicitSpans(buckets.bounds, buckets.counts, scale);
    case 'exponential':
      return exponentialSpans(buckets, scale);
  }
}
