import { explicitSpans, exponentialSpans, type ValueScale } from '@command-center/contract/sketch/build';
import { emptySpans, type SpanList } from '@command-center/contract/sketch/spans';
import type { PointContent } from '../decode/records.ts';
import { type ExponentialBuckets, exponentialMinus } from './exponential.ts';
import { MAX_BUCKETS } from './limits.ts';

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
  | ExponentialBuckets;

/** What a later point of a sequence adds to an earlier one. */
export type Difference =
  | { readonly type: 'increase'; readonly added: Distribution }
  /** Count and sum add, the buckets cannot be compared: they are the baseline of the next point (OTLP conformance 16). */
  | { readonly type: 'rebucketed'; readonly added: Distribution }
  /** Something fell: the later point counts from zero. */
  | { readonly type: 'reset' };

const noBuckets: Buckets = { layout: 'none' };

/** The point's distribution; undefined of a number point. */
export function distributionOf(point: PointContent): Distribution | undefined {
  switch (point.type) {
    case 'number':
      return undefined;
    case 'summary':
      return { count: point.count, sum: finite(point.sum), buckets: noBuckets };
    case 'histogram': {
      const { explicitBounds: bounds, bucketCounts: counts } = point;
      // One bucket without bounds is (-inf, +inf): it says no more than the count.
      const buckets: Buckets = counts.length <= 1 ? noBuckets : { layout: 'explicit', bounds, counts };
      return { count: point.count, sum: finite(point.sum), buckets };
    }
    case 'exponentialHistogram': {
      const { scale, zeroCount, zeroThreshold, positive, negative } = point;
      const buckets: Buckets = { layout: 'exponential', scale, zeroCount, zeroThreshold, positive, negative };
      return { count: point.count, sum: finite(point.sum), buckets };
    }
  }
}

/** Whether the point has more buckets than its stream may remember. */
export function hasTooManyBuckets(point: PointContent): boolean {
  if (point.type === 'histogram') return point.bucketCounts.length > MAX_BUCKETS;
  if (point.type !== 'exponentialHistogram') return false;
  return Math.max(point.positive.bucketCounts.length, point.negative.bucketCounts.length) > MAX_BUCKETS;
}

/** A sum that is no number says nothing, and would spoil every later one. */
function finite(sum: number | undefined): number {
  return sum !== undefined && Number.isFinite(sum) ? sum : Number.NaN;
}

/** Whether a point shows what its sequence's newest one did; one without sum may have been kept with an earlier one's. */
export function isSameDistribution(kept: Distribution, value: Distribution): boolean {
  if (kept.count !== value.count || !(Number.isNaN(value.sum) || Object.is(kept.sum, value.sum))) return false;
  const difference = differenceOf(kept, value);
  return difference.type === 'increase' && spansOf(difference.added, { factor: 1, isSigned: true }).spans.length === 0;
}

/** OTLP conformance 16, 17; data model, "Resets and Gaps". */
export function differenceOf(before: Distribution, after: Distribution): Difference {
  if (after.count < before.count) return { type: 'reset' };
  const count = after.count - before.count;
  const sum = after.sum - before.sum;
  if (before.count === 0) {
    // Of nothing counted the sum is 0, also where the sender left it out.
    const added = { count, sum: Number.isNaN(before.sum) ? after.sum : sum, buckets: after.buckets };
    return { type: 'increase', added };
  }
  const [a, b] = [before.buckets, after.buckets];
  if (a.layout === 'explicit' && b.layout === 'explicit' && isSameList(a.bounds, b.bounds)) {
    const counts = minus(b.counts, a.counts);
    return counts === undefined
      ? { type: 'reset' }
      : { type: 'increase', added: { count, sum, buckets: { ...b, counts } } };
  }
  if (a.layout === 'exponential' && b.layout === 'exponential') {
    const buckets = exponentialMinus(b, a);
    return buckets === undefined ? { type: 'reset' } : { type: 'increase', added: { count, sum, buckets } };
  }
  const type = a.layout === 'none' && b.layout === 'none' ? 'increase' : 'rebucketed';
  return { type, added: { count, sum, buckets: noBuckets } };
}

function minus(after: readonly number[], before: readonly number[]): number[] | undefined {
  const counts: number[] = [];
  for (let index = 0; index < after.length; index += 1) {
    const difference = (after[index] ?? 0) - (before[index] ?? 0);
    if (difference < 0) return undefined;
    counts.push(difference);
  }
  return counts;
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
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
