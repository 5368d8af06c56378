import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExponentialBuckets, exponentialMinus } from './exponential.ts';

/** What an SDK holds of these values, at this scale and zero threshold. */
function bucketsOf(values: readonly number[], scale: number, zeroThreshold: number): ExponentialBuckets {
  const rangeOf = (magnitudes: readonly number[]) => {
    if (magnitudes.length === 0) return { offset: 0, bucketCounts: [] };
    const indexes = magnitudes.map((value) => Math.ceil(Math.log2(value) * 2 ** scale) - 1);
    const offset = Math.min(...indexes);
    const bucketCounts = Array.from({ length: Math.max(...indexes) - offset + 1 }, () => 0);
    for (const index of indexes) bucketCounts[index - offset] = (bucketCounts[index - offset] ?? 0) + 1;
    return { offset, bucketCounts };
  };
  const zeroCount = values.filter((value) => Math.abs(value) <= zeroThreshold).length;
  const positive = rangeOf(values.filter((value) => value > zeroThreshold));
  const negative = rangeOf(values.filter((value) => -value > zeroThreshold).map((value) => -value));
  return { layout: 'exponential', scale, zeroCount, zeroThreshold, positive, negative };
}

/** Counts by bucket, so that offsets and empty buckets do not matter. */
function plain({ scale, zeroCount, zeroThreshold, positive, negative }: ExponentialBuckets) {
  const filled = ({ offset, bucketCounts }: ExponentialBuckets['positive']) =>
    bucketCounts.flatMap((count, index) => (count > 0 ? [[offset + index, count]] : []));
  return { scale, zeroCount, zeroThreshold, positive: filled(positive), negative: filled(negative) };
}

const values = fc.array(
  fc.oneof(fc.constant(0), fc.double({ min: -100, max: 100, noNaN: true })).map((x) => (Math.abs(x) < 1e-3 ? 0 : x)),
  { maxLength: 60 },
);
const scale = fc.integer({ min: -2, max: 8 });

describe('what an exponential histogram adds (OTLP conformance 17)', () => {
  it('is the histogram of the new values, at the coarser scale', () => {
    fc.assert(
      fc.property(values, values, scale, fc.nat({ max: 6 }), (old, added, from, fall) => {
        const to = from - fall;
        const difference = exponentialMinus(bucketsOf([...old, ...added], to, 0), bucketsOf(old, from, 0));
        expect(difference && plain(difference)).toEqual(plain(bucketsOf(added, to, 0)));
      }),
    );
  });

  it('is that of the new values also where the zero threshold rose to the bound of a bucket', () => {
    fc.assert(
      fc.property(values, values, scale, fc.integer({ min: -20, max: 20 }), (old, added, at, index) => {
        const threshold = 2 ** (index / 2 ** at);
        const difference = exponentialMinus(bucketsOf([...old, ...added], at, threshold), bucketsOf(old, at, 0));
        expect(difference && plain(difference)).toEqual(plain(bucketsOf(added, at, threshold)));
      }),
    );
  });

  it('loses and doubles nothing where the threshold rose into a populated bucket', () => {
    fc.assert(
      fc.property(
        values,
        values,
        scale,
        fc.double({ min: 1e-3, max: 10, noNaN: true }),
        (old, added, at, threshold) => {
          const difference = exponentialMinus(bucketsOf([...old, ...added], at, threshold), bucketsOf(old, at, 0));
          if (difference === undefined) throw new Error('no reset may be seen');
          const { zeroCount, positive, negative } = difference;
          const counts = [zeroCount, ...positive.bucketCounts, ...negative.bucketCounts];
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(added.length);
          expect(counts.every((count) => count >= 0)).toBe(true);
        },
      ),
    );
  });

  it('is unknown, a reset, where scale rose, threshold fell, a bucket fell or is gone', () => {
    const before = bucketsOf([1, 2, 3, 4, 5], 3, 0.25);
    const reset = (after: ExponentialBuckets) => exponentialMinus(after, before) === undefined;
    expect(reset(bucketsOf([1, 2, 3, 4, 5, 6], 4, 0.25))).toBe(true);
    expect(reset(bucketsOf([1, 2, 3, 4, 5, 6], 3, 0.125))).toBe(true);
    expect(reset(bucketsOf([1, 2, 3, 6, 7, 8], 3, 0.25))).toBe(true);
    expect(reset(bucketsOf([2, 3, 4, 5, 5, 5], 3, 0.25))).toBe(true);
    expect(reset(bucketsOf([1, 2, 3, 4, 5, 6], 3, 0.25))).toBe(false);
  });
});
