import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explicitSpans, exponentialSpans } from './build.ts';
import { lowerEdge, minOrdinal, openOrdinal, ordinalOf, ordinalOfBin, upperEdge, zeroOrdinal } from './grid.ts';
import { countOf, emptySpans } from './spans.ts';
import { explicitOf, signed, unsigned } from './testing/lists.ts';

const none = { offset: 0, bucketCounts: [] };
const base = { scale: 5, zeroCount: 0, zeroThreshold: 0, positive: none, negative: none };
const lastOf = ({ first, width }: { first: number; width: number }): number => first + width - 1;

describe('spans of explicit buckets (design §4)', () => {
  it('cover their bucket: the lower edge rounded down, the upper one up, by less than a bin', () => {
    const rising = fc.uniqueArray(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(rising, fc.constantFrom(1, 0.001, 60), (drawn, factor) => {
        const bounds = drawn.sort((a, b) => a - b);
        bounds.slice(1).forEach((upper, index) => {
          const lower = bounds[index] ?? 0;
          const counts = bounds.map((bound) => Number(bound === upper));
          const [span] = explicitSpans(bounds, [...counts, 0], { factor, isSigned: false }).spans;
          if (span === undefined) throw new Error('no span');
          const [lo, hi] = [lowerEdge(span.first), upperEdge(lastOf(span))];
          expect(lo).toBeLessThanOrEqual(lower * factor * (1 + 1e-10));
          expect(hi).toBeGreaterThanOrEqual(upper * factor * (1 - 1e-10));
          expect(lo * 1.022).toBeGreaterThan(lower * factor);
          expect(hi).toBeLessThan(upper * factor * 1.022);
        });
      }),
    );
  });

  it('are open above the last bound', () => {
    expect(explicitSpans([10], [0, 3], unsigned).spans.map(lastOf)).toEqual([openOrdinal]);
  });

  it('of an unsigned histogram begin at zero, and a bucket with an upper bound <= 0 is zero', () => {
    expect(explicitSpans([1, 2], [4, 0, 0], unsigned).spans).toEqual([{ first: 0, width: ordinalOf(1) + 1, count: 4 }]);
    expect(explicitSpans([-5, 0, 5], [1, 2, 0, 0], unsigned).spans).toEqual([
      { first: zeroOrdinal, width: 1, count: 3 },
    ]);
  });

  it('of a signed one begin at the lowest bin and may cross zero', () => {
    const { spans } = explicitSpans([-4, 4], [1, 2, 0], signed);
    expect(spans).toEqual([
      { first: minOrdinal, width: ordinalOf(-4) - minOrdinal + 1, count: 1 },
      { first: ordinalOf(-4), width: 2 * ordinalOf(4) + 1, count: 2 },
    ]);
  });

  it('are none where there are no buckets', () => {
    expect(explicitSpans([], [], unsigned)).toEqual(emptySpans);
  });

  it('are those of their own bounds, unit and sign, whichever were asked for before', () => {
    const values = [0.001, 0.3, 4, 40];
    const ask = [
      () => explicitOf(values),
      () => explicitOf(values, [1, 2]),
      () => explicitOf(values, [1, 2], { factor: 1000, isSigned: false }),
      () => explicitOf(values, [1, 2], signed),
      () => explicitOf(values, [1, 2, 3]),
    ];
    const alone = ask.map((one) => one());
    fc.assert(
      fc.property(fc.array(fc.nat({ max: ask.length - 1 }), { maxLength: 30 }), (order) => {
        for (const index of order) expect(ask[index]?.()).toEqual(alone[index]);
      }),
    );
    expect(alone.map(countOf)).toEqual([4, 4, 4, 4, 4]);
  });

  it('of bounds closer than a bin add up in one', () => {
    const { spans } = explicitSpans([1.001, 1.002, 1.003], [0, 2, 3, 0], unsigned);
    expect(spans).toEqual([{ first: ordinalOf(1.001), width: 1, count: 5 }]);
  });
});

describe('spans of exponential buckets', () => {
  it('of scale 5 are the bins: index i is bin i + 1, upper bound inclusive', () => {
    const { spans } = exponentialSpans({ ...base, positive: { offset: -2, bucketCounts: [1, 0, 3] } }, unsigned);
    expect(spans).toEqual([
      { first: ordinalOfBin(-1), width: 1, count: 1 },
      { first: ordinalOfBin(1), width: 1, count: 3 },
    ]);
  });

  it('of a finer scale fall into one bin, also below zero', () => {
    const positive = { offset: -4, bucketCounts: [1, 1, 1, 1, 1] };
    expect(exponentialSpans({ ...base, scale: 7, positive }, unsigned).spans).toEqual([
      { first: ordinalOfBin(0), width: 1, count: 4 },
      { first: ordinalOfBin(1), width: 1, count: 1 },
    ]);
  });

  it('of a coarser scale s cover 2^(5 - s) bins', () => {
    for (let scale = -3; scale < 5; scale += 1) {
      const [span] = exponentialSpans({ ...base, scale, positive: { offset: 0, bucketCounts: [1] } }, unsigned).spans;
      expect(span).toEqual({ first: ordinalOfBin(1), width: 2 ** (5 - scale), count: 1 });
      expect(upperEdge(ordinalOfBin(1) + 2 ** (5 - scale) - 1)).toBe(2 ** (2 ** -scale));
    }
  });

  it('put zeros into [0, threshold], of signed ones into [-threshold, threshold]', () => {
    const zeros = { ...base, zeroCount: 6, zeroThreshold: 0.5 };
    expect(exponentialSpans(zeros, unsigned).spans).toEqual([{ first: 0, width: ordinalOf(0.5) + 1, count: 6 }]);
    expect(exponentialSpans(zeros, signed).spans).toEqual([
      { first: -ordinalOf(0.5), width: 2 * ordinalOf(0.5) + 1, count: 6 },
    ]);
    expect(exponentialSpans({ ...zeros, zeroThreshold: 0 }, signed).spans).toEqual([{ first: 0, width: 1, count: 6 }]);
  });

  it('mirror negatives, which of an unsigned histogram count as zero', () => {
    const negative = { offset: 31, bucketCounts: [2, 5] };
    expect(exponentialSpans({ ...base, negative }, signed).spans).toEqual([
      { first: ordinalOf(-(2 ** (33 / 32))), width: 1, count: 5 },
      { first: ordinalOf(-2), width: 1, count: 2 },
    ]);
    expect(exponentialSpans({ ...base, negative }, unsigned).spans).toEqual([{ first: 0, width: 1, count: 7 }]);
  });

  it('are clipped to the grid at its ends, at any scale that doubles reach', () => {
    for (const [scale, offset] of [
      [-10, -1],
      [-10, 0],
      [0, -1074],
      [0, 1023],
      [20, 1_073_741_823],
    ] as const) {
      const list = exponentialSpans({ ...base, scale, positive: { offset, bucketCounts: [1] } }, unsigned);
      expect(countOf(list)).toBe(1);
      for (const span of list.spans) expect([span.first > 0, lastOf(span) < openOrdinal]).toEqual([true, true]);
    }
  });
});
