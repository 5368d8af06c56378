import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explicitSpans } from './build.ts';
import { lowerEdge, openOrdinal, ordinalOf, upperEdge } from './grid.ts';
import { percentile } from './percentile.ts';
import { emptySpans, mergeMany, mergeSpans, type SpanList, spansFrom } from './spans.ts';
import { explicitOf, exponentialOf, lists, signed, unsigned } from './testing/lists.ts';

/** The plain reference: sort and take the k-th, k = ceil(p n) with p in hundredths so that no rounding enters. */
function trueQuantile(values: readonly number[], hundredths: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((hundredths * sorted.length) / 100) - 1] ?? Number.NaN;
}

/** The plain reference of "spread evenly inside their spans": values of closed spans up to x. */
function countUpTo({ spans }: SpanList, x: number): number {
  let count = 0;
  for (const { first, width, count: of } of spans) {
    if (first + width - 1 >= openOrdinal) continue;
    const [lower, upper] = [lowerEdge(first), upperEdge(first + width - 1)];
    count += of * (upper === lower ? Number(lower <= x) : Math.min(Math.max((x - lower) / (upper - lower), 0), 1));
  }
  return count;
}

const durations = fc.array(fc.double({ min: 1e-4, max: 50, noNaN: true }), { minLength: 1, maxLength: 300 });
const anySign = fc.array(fc.oneof(fc.constant(0), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
  minLength: 1,
  maxLength: 100,
});
const hundredths = fc.constantFrom(1, 50, 95, 99, 100);

describe('a percentile of exponential buckets (design §4)', () => {
  it('of scale >= 5 is exact: at most 1.1 % off the true one', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 5, max: 12 }), hundredths, (values, scale, h) => {
        const answer = percentile(exponentialOf(values, scale), h / 100);
        const truth = trueQuantile(values, h);
        expect(answer?.quality).toBe('exact');
        expect(Math.abs((answer?.value ?? 0) - truth) / truth).toBeLessThan(0.011);
      }),
    );
  });

  it('of a coarser scale holds the true one between lo and hi', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: -2, max: 4 }), hundredths, (values, scale, h) => {
        const answer = percentile(exponentialOf(values, scale), h / 100);
        const truth = trueQuantile(values, h);
        expect(answer?.lo).toBeLessThanOrEqual(truth * (1 + 1e-9));
        expect(answer?.hi).toBeGreaterThanOrEqual(truth * (1 - 1e-9));
      }),
    );
  });

  it('with zeros and negatives holds the true one too', () => {
    fc.assert(
      fc.property(anySign, fc.integer({ min: 0, max: 8 }), hundredths, (drawn, scale, h) => {
        const values = drawn.map((value) => (Math.abs(value) < 1e-9 ? 0 : value));
        const answer = percentile(exponentialOf(values, scale, signed), h / 100);
        const truth = trueQuantile(values, h);
        const slack = Math.abs(truth) * 1e-9;
        expect(answer?.lo).toBeLessThanOrEqual(truth + slack);
        expect(answer?.hi).toBeGreaterThanOrEqual(truth - slack);
      }),
    );
  });

  it('in another unit holds the true one there', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 0, max: 8 }), hundredths, (values, scale, h) => {
        const inMs = values.map((value) => value * 1000);
        const answer = percentile(exponentialOf(inMs, scale, { factor: 0.001, isSigned: false }), h / 100);
        const truth = trueQuantile(values, h);
        expect(answer?.lo).toBeLessThanOrEqual(truth * (1 + 1e-9));
        expect(answer?.hi).toBeGreaterThanOrEqual(truth * (1 - 1e-9));
      }),
    );
  });
});

describe('a percentile of explicit buckets', () => {
  it('holds the true one between lo and hi, or says "more than"', () => {
    fc.assert(
      fc.property(durations, hundredths, (values, h) => {
        const answer = percentile(explicitOf(values), h / 100);
        const truth = trueQuantile(values, h);
        expect(answer?.lo).toBeLessThanOrEqual(truth);
        if (truth > 10) expect(answer).toMatchObject({ quality: 'overflow', hi: null, value: answer?.lo });
        else expect(answer?.hi).toBeGreaterThanOrEqual(truth);
        expect(answer?.value).toBeGreaterThanOrEqual(answer?.lo ?? 0);
      }),
    );
  });

  it('of an open bucket is its lower edge, rounded down to the grid', () => {
    const answer = percentile(explicitSpans([1, 10], [0, 0, 7], unsigned), 0.95);
    expect(answer).toMatchObject({ value: answer?.lo, hi: null, quality: 'overflow' });
    expect(answer?.lo).toBeLessThanOrEqual(10);
    expect(answer?.lo).toBeGreaterThan(10 / 1.022);
  });

  it('spreads counts evenly inside a bucket', () => {
    const list = explicitSpans([1, 2, 4], [0, 10, 10, 0], unsigned);
    expect(percentile(list, 0.5)?.value).toBeCloseTo(1 + 9.5 / 10, 6);
    expect(percentile(list, 0.95)?.value).toBeCloseTo(2 + 2 * (8.5 / 10), 6);
  });
});

describe('a percentile of merged senders', () => {
  it('holds the true one, whatever mixture of scales and bounds they use', () => {
    fc.assert(
      fc.property(durations, durations, durations, hundredths, (a, b, c, h) => {
        const list = mergeMany([exponentialOf(a, 3), exponentialOf(b, 8), explicitOf(c, [1, 20, 60])]);
        const answer = percentile(list, h / 100);
        const truth = trueQuantile([...a, ...b, ...c], h);
        expect(answer?.lo).toBeLessThanOrEqual(truth * (1 + 1e-9));
        expect(answer?.hi).toBeGreaterThanOrEqual(truth * (1 - 1e-9));
        expect(answer?.value).toBeGreaterThanOrEqual(answer?.lo ?? 0);
        expect(answer?.value).toBeLessThanOrEqual(answer?.hi ?? 0);
      }),
    );
  });

  it('says "more than" where one sender cannot know and the others lie below', () => {
    const list = mergeSpans(explicitOf([0.1, 0.2]), explicitSpans([1], [0, 3], unsigned));
    expect(percentile(list, 0.99)).toEqual({ value: 1, lo: 1, hi: null, quality: 'overflow' });
    expect(percentile(list, 0.4)?.quality).toBe('bounded');
  });
});

describe('a percentile of any distribution', () => {
  it('is where the counts, spread evenly inside their spans, reach k - 1/2', () => {
    fc.assert(
      fc.property(lists, hundredths, (list, h) => {
        const answer = percentile(list, h / 100);
        if (answer?.quality !== 'bounded' || answer.value === answer.lo || answer.value === answer.hi) return;
        const n = list.spans.reduce((sum, span) => sum + span.count, 0);
        const target = Math.ceil((h * n) / 100) - 0.5;
        const step = Math.abs(answer.value) * 1e-9;
        expect(countUpTo(list, answer.value + step)).toBeGreaterThanOrEqual(target * (1 - 1e-6));
        expect(countUpTo(list, answer.value - step)).toBeLessThanOrEqual(target * (1 + 1e-6));
      }),
    );
  });

  it('never falls as p rises, nor do its bounds; "more than" speaks of the lower bound alone', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const answers = [0.01, 0.5, 0.9, 0.95, 0.99, 1].flatMap((p) => percentile(list, p) ?? []);
        const values = answers.flatMap(({ value, quality }) => (quality === 'overflow' ? [] : [value]));
        for (const rising of [values, answers.map(({ lo }) => lo), answers.map(({ hi }) => hi ?? Infinity)])
          expect(rising).toEqual([...rising].sort((a, b) => a - b));
      }),
    );
  });

  it("is clamped to the window's own minimum and maximum", () => {
    const list = explicitSpans([1, 10], [0, 100, 0], unsigned);
    expect(percentile(list, 0.99, { min: 2, max: 3 })?.value).toBe(3);
    expect(percentile(list, 0.01, { min: 2, max: 3 })?.value).toBe(2);
    expect(percentile(list, 0.01, { min: null, max: null })?.value).toBeLessThan(2);
  });

  it('of nothing is null, of zeros is zero', () => {
    expect(percentile(emptySpans, 0.5)).toBeNull();
    expect(percentile(exponentialOf([0, 0, 0], 3), 0.95)).toEqual({ value: 0, lo: 0, hi: 0, quality: 'exact' });
  });

  it('takes the k-th of n by ceil(p n), not by the rounding of doubles', () => {
    const ranks = spansFrom(Array.from({ length: 100 }, (_, index) => ({ first: index + 1, width: 1, count: 1 })));
    for (let h = 1; h <= 100; h += 1) expect(percentile(ranks, h / 100)?.hi).toBe(upperEdge(h));
    const many = spansFrom([
      { first: 1, width: 1, count: 95e12 },
      { first: 2, width: 1, count: 5e12 },
    ]);
    expect(percentile(many, 0.95)?.hi).toBe(upperEdge(1));
  });

  it('stays close where very narrow and very wide spans lie side by side', () => {
    const narrow = spansFrom([{ first: ordinalOf(1e-12), width: 2, count: 3e6 }]);
    const list = mergeSpans(narrow, explicitSpans([1, 2, 2 ** 30], [0, 0, 3e6, 0], unsigned));
    expect(percentile(list, 0.75)?.value).toBeCloseTo(2 + (2 ** 30 - 2) / 2, -3);
  });
});
