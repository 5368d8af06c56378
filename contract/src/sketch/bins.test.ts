import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binsOf, maxBins } from './bins.ts';
import { explicitSpans, exponentialSpans } from './build.ts';
import { countOf, mergeMany } from './spans.ts';
import { lists } from './testing/lists.ts';

const options = { factor: 1, isSigned: false };
const exponential = (offset: number, bucketCounts: number[]) =>
  exponentialSpans(
    {
      scale: 5,
      zeroCount: 0,
      zeroThreshold: 0,
      positive: { offset, bucketCounts },
      negative: { offset: 0, bucketCounts: [] },
    },
    options,
  );

describe('a distribution as bars', () => {
  test('an empty one has none', () => {
    expect(binsOf(explicitSpans([1, 2], [0, 0, 0], options))).toEqual({ bins: [], isEstimated: false });
  });

  test('buckets of one kind stay as they are; the last is open', () => {
    const { bins, isEstimated } = binsOf(explicitSpans([1, 5, 10], [3, 0, 4, 2], options));
    expect(isEstimated).toBe(false);
    expect(bins.map(({ count }) => count)).toEqual([3, 4, 2]);
    expect(bins[0]).toMatchObject({ lower: 0, upper: 1 });
    expect(bins[1]?.lower).toBeCloseTo(5, 0);
    expect(bins[1]?.upper).toBe(bins[2]?.lower);
    expect(bins[2]).toMatchObject({ upper: null });
  });

  test('many narrow buckets become bars of one width, each count in its own', () => {
    const { bins, isEstimated } = binsOf(
      exponential(
        0,
        Array.from({ length: 200 }, () => 1),
      ),
    );
    expect(bins.length).toBeLessThanOrEqual(maxBins);
    expect(bins.length).toBeGreaterThan(maxBins / 4);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    expect(isEstimated).toBe(false);
  });

  test('where buckets differ, counts are spread and it says so', () => {
    const mixed = mergeMany([
      exponential(
        0,
        Array.from({ length: 100 }, () => 1),
      ),
      explicitSpans([2, 8], [0, 60, 0], options),
    ]);
    expect(binsOf(mixed).isEstimated).toBe(true);
  });

  test('of any distribution no value is lost, bars ascend and do not overlap, and there are few', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const { bins } = binsOf(list);
        expect(bins.length).toBeLessThanOrEqual(maxBins);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBeCloseTo(countOf(list), 3);
        for (const [at, { lower, upper }] of bins.entries()) {
          if (upper !== null) expect(upper).toBeGreaterThanOrEqual(lower);
          const next = bins[at + 1];
          if (next !== undefined && next.upper !== null) expect(next.lower).toBeGreaterThanOrEqual(upper ?? Infinity);
        }
      }),
    );
  });
});
