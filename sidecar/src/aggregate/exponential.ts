import type { ExponentialRange } from '../decode/records.ts';

/** Buckets of an exponential histogram, as sent. */
export interface ExponentialBuckets {
  readonly layout: 'exponential';
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: ExponentialRange;
  readonly negative: ExponentialRange;
}

/**
 * What the later buckets of a sequence hold beyond the earlier ones, at the later scale; undefined where something fell. Within a sequence the
 * scale only falls and the zero threshold only rises: the other way round is a reset too (OTLP conformance 17).
 */
export function exponentialMinus(
  after: ExponentialBuckets,
  before: ExponentialBuckets,
): ExponentialBuckets | undefined {
  if (after.scale > before.scale || after.zeroThreshold < before.zeroThreshold) return undefined;
  let [earlier, later] = [downscaled(before, after.scale), after];
  if (after.zeroThreshold > before.zeroThreshold) {
    const threshold = raisedThreshold(earlier, after.zeroThreshold);
    earlier = withThreshold(earlier, threshold);
    later = withThreshold(later, threshold);
  }
  const zeroCount = later.zeroCount - earlier.zeroCount;
  const positive = rangeMinus(later.positive, earlier.positive);
  const negative = rangeMinus(later.negative, earlier.negative);
  if (zeroCount < 0 || positive === undefined || negative === undefined) return undefined;
  return { ...later, zeroCount, positive, negative };
}

/** Exact: 2^k buckets of the finer scale are one of the coarser (data model, "Exponential Scale"). */
export function downscaled(buckets: ExponentialBuckets, scale: number): ExponentialBuckets {
  const shift = buckets.scale - scale;
  if (shift === 0) return buckets;
  const positive = downscaledRange(buckets.positive, shift);
  return { ...buckets, scale, positive, negative: downscaledRange(buckets.negative, shift) };
}

/** An arithmetic shift of each index, also below zero. */
function downscaledRange({ offset, bucketCounts }: ExponentialRange, shift: number): ExponentialRange {
  if (bucketCounts.length === 0) return { offset: 0, bucketCounts };
  const at = (index: number): number => Math.floor(index / 2 ** shift);
  const first = at(offset);
  const counts = new Array<number>(at(offset + bucketCounts.length - 1) - first + 1).fill(0);
  for (const [index, count] of bucketCounts.entries()) {
    const to = at(offset + index) - first;
    counts[to] = (counts[to] ?? 0) + count;
  }
  return { offset: first, bucketCounts: counts };
}

/**
 * A threshold that cuts a populated bucket rises to that bucket's upper bound: on which side of it the values lie is not known (data model,
 * "Zero Count and Zero Threshold").
 */
export function raisedThreshold({ scale, positive, negative }: ExponentialBuckets, threshold: number): number {
  let raised = threshold;
  for (const { offset, bucketCounts } of [positive, negative]) {
    for (const [index, count] of bucketCounts.entries()) {
      const lower = boundOf(offset + index, scale);
      if (isWithin(threshold, lower)) break;
      const upper = boundOf(offset + index + 1, scale);
      if (count > 0 && !isWithin(upper, threshold)) raised = Math.max(raised, upper);
    }
  }
  return raised;
}

function boundOf(index: number, scale: number): number {
  return 2 ** (index / 2 ** scale);
}

/** Buckets within the threshold join the zeros. */
export function withThreshold(buckets: ExponentialBuckets, threshold: number): ExponentialBuckets {
  const positive = splitAt(buckets.positive, buckets.scale, threshold);
  const negative = splitAt(buckets.negative, buckets.scale, threshold);
  const zeroCount = buckets.zeroCount + positive.zeros + negative.zeros;
  return { ...buckets, zeroThreshold: threshold, zeroCount, positive: positive.rest, negative: negative.rest };
}

function splitAt(
  { offset, bucketCounts }: ExponentialRange,
  scale: number,
  threshold: number,
): { rest: ExponentialRange; zeros: number } {
  let swallowed = 0;
  let zeros = 0;
  while (swallowed < bucketCounts.length && isWithin(boundOf(offset + swallowed + 1, scale), threshold)) {
    zeros += bucketCounts[swallowed] ?? 0;
    swallowed += 1;
  }
  return { rest: { offset: offset + swallowed, bucketCounts: bucketCounts.slice(swallowed) }, zeros };
}

/** Senders compute a bucket's bound by other roundings than ours. */
const BOUND_TOLERANCE = 1e-12;

function isWithin(bound: number, threshold: number): boolean {
  return bound <= threshold * (1 + BOUND_TOLERANCE);
}

/** Undefined where a bucket fell, also one that the later range leaves out. */
function rangeMinus(after: ExponentialRange, before: ExponentialRange): ExponentialRange | undefined {
  const shift = after.offset - before.offset;
  const old = before.bucketCounts;
  for (let index = 0; index < Math.min(shift, old.length); index += 1) if ((old[index] ?? 0) > 0) return undefined;
  const end = after.bucketCounts.length + shift;
  for (let index = Math.max(0, end); index < old.length; index += 1) if ((old[index] ?? 0) > 0) return undefined;
  const bucketCounts: number[] = [];
  for (let index = 0; index < after.bucketCounts.length; index += 1) {
    const at = index + shift;
    const difference = (after.bucketCounts[index] ?? 0) - (at < 0 ? 0 : (old[at] ?? 0));
    if (difference < 0) return undefined;
    bucketCounts.push(difference);
  }
  return { offset: after.offset, bucketCounts };
}
