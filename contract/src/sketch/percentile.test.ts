import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explicitSpans, exponentialSpans } from './build.ts';
import { decodeSketch, encodeSketch } from './codec.ts';
import { lowerEdge, maxOrdinal, minOrdinal, openOrdinal, ordinalAbove, ordinalOf, upperEdge } from './grid.ts';
import { percentile } from './percentile.ts';
import { countOf, maxSpans, mergeMany, mergeSpans, type SpanList, spansFrom } from './spans.ts';

const unsigned = { factor: 1, isSigned: false };
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What an SDK would have sent for these values. */
function explicitOf(values: readonly number[]): SpanList {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const value of values) {
    const index = bounds.findIndex((bound) => value <= bound);
    const bucket = index === -1 ? bounds.length : index;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return explicitSpans(bounds, counts, unsigned);
}

function exponentialOf(values: readonly number[], scale: number): SpanList {
  const indexes = values.map((value) => Math.ceil(Math.log2(value) * 2 ** scale) - 1);
  const offset = Math.min(...indexes);
  const bucketCounts = Array.from({ length: Math.max(...indexes) - offset + 1 }, () => 0);
  for (const index of indexes) bucketCounts[index - offset] = (bucketCounts[index - offset] ?? 0) + 1;
  return exponentialSpans(
    {
      scale,
      zeroCount: 0,
      zeroThreshold: 0,
      positive: { offset, bucketCounts },
      negative: { offset: 0, bucketCounts: [] },
    },
    unsigned,
  );
}

/** The plain reference: sort and take the k-th. */
function trueQuantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length, Math.max(1, Math.ceil(p * sorted.length - 1e-9 * sorted.length))) - 1] ?? Number.NaN
  );
}

const durations = fc.array(fc.double({ min: 1e-4, max: 50, noNaN: true }), { minLength: 1, maxLength: 300 });
const quantiles = fc.constantFrom(0.5, 0.95, 0.99);
const span = fc
  .record({
    first: fc.integer({ min: minOrdinal, max: maxOrdinal }),
    width: fc.integer({ min: 1, max: 90 }),
    count: fc.integer({ min: 1, max: 1e9 }),
  })
  .map(({ first, width, count }) => ({ first, width: Math.min(width, openOrdinal - first + 1), count }));
const lists = fc.array(span, { maxLength: 60 }).map(spansFrom);

describe('the grid', () => {
  it('has every edge in the bin below it: bins are (lower, upper]', () => {
    for (const value of [2 ** -20, 0.25, 0.5, 1, 2, 4, 2 ** 30]) {
      expect(upperEdge(ordinalOf(value))).toBe(value);
      expect(lowerEdge(ordinalAbove(value))).toBe(value);
      expect(lowerEdge(ordinalOf(value * 1.0001))).toBe(value);
    }
  });

  it('mirrors negatives', () => {
    expect([lowerEdge(ordinalOf(-4)), upperEdge(ordinalOf(-4))]).toEqual([-4, -lowerEdge(ordinalOf(4))]);
  });
});

describe('a percentile (design §4)', () => {
  it('of exponential buckets of scale >= 5 is exact: within 1.1 % of the true one', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 5, max: 12 }), quantiles, (values, scale, p) => {
        const answer = percentile(exponentialOf(values, scale), p);
        const truth = trueQuantile(values, p);
        expect(answer?.quality).toBe('exact');
        expect(Math.abs((answer?.value ?? 0) - truth) / truth).toBeLessThan(0.011);
      }),
    );
  });

  it('of a coarser scale holds the true one between lo and hi', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: -2, max: 4 }), quantiles, (values, scale, p) => {
        const answer = percentile(exponentialOf(values, scale), p);
        const truth = trueQuantile(values, p);
        expect(answer?.lo).toBeLessThanOrEqual(truth * (1 + 1e-9));
        expect(answer?.hi).toBeGreaterThanOrEqual(truth * (1 - 1e-9));
      }),
    );
  });

  it('of explicit buckets holds the true one between lo and hi, or says "more than"', () => {
    fc.assert(
      fc.property(durations, quantiles, (values, p) => {
        const answer = percentile(explicitOf(values), p);
        const truth = trueQuantile(values, p);
        expect(answer?.lo).toBeLessThanOrEqual(truth);
        if (truth > 10) expect(answer).toMatchObject({ quality: 'overflow', hi: null, value: answer?.lo });
        else expect(answer?.hi).toBeGreaterThanOrEqual(truth);
        expect(answer?.value).toBeGreaterThanOrEqual(answer?.lo ?? 0);
      }),
    );
  });

  it('spreads counts evenly inside a bucket', () => {
    const list = explicitSpans([1, 2, 4], [0, 10, 10, 0], unsigned);
    expect(percentile(list, 0.5)?.value).toBeCloseTo(1 + 9.5 / 10, 6);
    expect(percentile(list, 0.95)?.value).toBeCloseTo(2 + 2 * (8.5 / 10), 6);
  });

  it("is clamped to the window's own minimum and maximum", () => {
    const list = explicitSpans([1, 10], [0, 100, 0], unsigned);
    expect(percentile(list, 0.99, { min: 2, max: 3 })?.value).toBe(3);
    expect(percentile(list, 0.01, { min: 2, max: 3 })?.value).toBe(2);
  });

  it('of nothing is null, of zeros is zero', () => {
    expect(percentile(spansFrom([]), 0.5)).toBeNull();
    const zeros = exponentialSpans(
      {
        scale: 3,
        zeroCount: 5,
        zeroThreshold: 0,
        positive: { offset: 0, bucketCounts: [] },
        negative: { offset: 0, bucketCounts: [] },
      },
      unsigned,
    );
    expect(percentile(zeros, 0.95)).toEqual({ value: 0, lo: 0, hi: 0, quality: 'exact' });
  });

  it('takes a bucket with an upper bound <= 0 of an unsigned histogram for zero', () => {
    expect(percentile(explicitSpans([0, 5], [3, 0, 0], unsigned), 0.5)).toMatchObject({ value: 0, quality: 'exact' });
  });
});

describe('merging', () => {
  it('is addition: in any order and batching the same, count for count', () => {
    fc.assert(
      fc.property(lists, lists, lists, (a, b, c) => {
        expect(mergeSpans(a, b)).toEqual(mergeSpans(b, a));
        expect(mergeSpans(mergeSpans(a, b), c)).toEqual(mergeSpans(a, mergeSpans(b, c)));
        expect(mergeMany([c, a, b])).toEqual(mergeSpans(mergeSpans(a, b), c));
        expect(countOf(mergeMany([a, b, c]))).toBe(countOf(a) + countOf(b) + countOf(c));
      }),
    );
  });

  it('stays within 512 spans by joining the lowest neighbours, keeps every count, and says so', () => {
    const many = spansFrom(Array.from({ length: 700 }, (_, index) => ({ first: index * 3 - 700, width: 2, count: 1 })));
    expect(many.spans.length).toBeLessThanOrEqual(maxSpans);
    expect(many.isInexact).toBe(true);
    expect(countOf(many)).toBe(700);
    expect(many.spans.at(-1)).toEqual({ first: 699 * 3 - 700, width: 2, count: 1 });
  });
});

describe('the bytes of a sketch', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(lists, (list) => {
        expect(decodeSketch(encodeSketch(list))).toEqual(list);
      }),
    );
  });

  it('are refused when they cannot have been written', () => {
    for (const bytes of [
      [],
      [2, 0],
      [1],
      [1, 7],
      [1, 0, 5],
      [1, 0, 4, 0, 1],
      [1, 0, 4, 1, 0],
      [1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 1],
    ]) {
      expect(() => decodeSketch(Uint8Array.from(bytes))).toThrow(/sketch/);
    }
  });
});
