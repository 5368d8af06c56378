import { exponentialSpans } from '@command-center/contract/sketch/build';
import { lowerEdge, upperEdge } from '@command-center/contract/sketch/grid';
import { describe, expect, it } from 'vitest';
import { downscaled, type ExponentialBuckets, raisedThreshold, withThreshold } from './exponential.ts';
import { histogramPoint, numberPoint, run } from './testing/streams.ts';

/** The vectors 18 to 24 of the OTLP reference: (start, time, value) in seconds -> what each point adds, in the order of arrival. */

const sums = (...rows: [number | undefined, number, number][]) =>
  rows.map(([start, time, value]) => numberPoint({ start, time }, value));
const deltas = (...rows: [number, number, number][]) =>
  rows.map(([start, time, value]) => numberPoint({ start, time }, value, { temporality: 'delta' }));
const buckets = (scale: number, offset: number, bucketCounts: number[], zeroCount = 0): ExponentialBuckets => ({
  layout: 'exponential',
  scale,
  zeroCount,
  zeroThreshold: 0,
  positive: { offset, bucketCounts },
  negative: { offset: 0, bucketCounts: [] },
});

describe('vector 18, cum-true-reset', () => {
  it('counts each process from zero', () => {
    expect(run('cumulativeNumber', sums([100, 110, 100], [100, 120, 150], [121, 130, 30])).added).toEqual([
      100, 50, 30,
    ]);
  });

  it('takes a first start 20 min before for a baseline', () => {
    const { added, reasons } = run('cumulativeNumber', sums([-1090, 110, 100], [-1090, 120, 150], [121, 130, 30]));
    expect([added, reasons]).toEqual([
      [0, 50, 30],
      ['baseline', '', ''],
    ]);
  });
});

describe('vector 19, cum-unknown-start', () => {
  it('takes start = time, and no start at all, for a baseline', () => {
    expect(run('cumulativeNumber', sums([110, 110, 100], [110, 120, 130])).added).toEqual([0, 30]);
    expect(run('cumulativeNumber', sums([undefined, 110, 100], [undefined, 120, 130])).added).toEqual([0, 30]);
  });
});

describe('vector 20, cum-out-of-order', () => {
  it('lets a late point change nothing, and is no reset', () => {
    const { added, reasons } = run('cumulativeNumber', sums([105, 110, 1], [105, 130, 3], [105, 120, 2]));
    expect([added, reasons]).toEqual([
      [1, 2, 0],
      ['', '', 'overtaken'],
    ]);
  });
});

describe('vector 21, cum-two-writers', () => {
  it('keeps interleaved starts apart', () => {
    const points = sums([100, 110, 100], [107, 111, 5], [100, 120, 110], [107, 121, 9]);
    expect(run('cumulativeNumber', points).added).toEqual([100, 5, 10, 4]);
  });
});

describe('vector 22, delta-dup-and-late', () => {
  it('counts each interval once', () => {
    const points = deltas([100, 110, 3], [120, 130, 5], [110, 120, 4], [110, 120, 4]);
    expect(run('delta', points)).toMatchObject({ added: [3, 5, 4, 0], reasons: ['', '', '', 'duplicate'] });
  });
});

describe('vector 23, hist-bounds-change', () => {
  it('adds the count and starts the buckets anew', () => {
    const at = (time: number, bounds: number[], counts: number[]) =>
      histogramPoint({ start: 100, time }, bounds, counts);
    const { added, reasons, increments } = run('cumulativeHistogram', [
      at(110, [1], [5, 5]),
      at(120, [2], [8, 4]),
      at(130, [2], [9, 6]),
    ]);
    expect([added, reasons]).toEqual([
      [10, 2, 3],
      ['', 'bucket_baseline', ''],
    ]);
    expect(increments.map((increment) => increment.type === 'histogram' && increment.spans.spans.length)).toEqual([
      2, 0, 2,
    ]);
  });
});

describe('vector 24, exp-downscale', () => {
  it('halves indexes by arithmetic shift', () => {
    const offsetAt = (scale: number, index: number, to: number) =>
      downscaled(buckets(scale, index, [1]), to).positive.offset;
    expect([offsetAt(3, 4, 2), offsetAt(2, 2, 1), offsetAt(3, 4, 1), offsetAt(3, -1, 2)]).toEqual([2, 1, 1, -1]);
  });

  it('holds a power of two in the bucket below it', () => {
    const placeOf = (index: number) => {
      const [span] = exponentialSpans(buckets(0, index, [1]), { factor: 1, isSigned: false }).spans;
      return span && [lowerEdge(span.first), upperEdge(span.first + span.width - 1)];
    };
    expect([placeOf(1), placeOf(2)]).toEqual([
      [2, 4],
      [4, 8],
    ]);
  });
});

describe('vector 24, exp-zero-merge', () => {
  it('lets a bucket within the threshold join the zeros', () => {
    expect(withThreshold(buckets(0, -2, [3, 1], 2), 0.5)).toEqual({ ...buckets(0, -1, [1], 5), zeroThreshold: 0.5 });
  });

  it('raises a threshold that cuts a populated bucket to its upper bound', () => {
    expect(raisedThreshold(buckets(0, -2, [3]), 0.3)).toBe(0.5);
    expect(raisedThreshold(buckets(0, -2, [0]), 0.3)).toBe(0.3);
  });
});
