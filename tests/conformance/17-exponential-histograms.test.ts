import { reasons } from '@command-center/contract/reasons';
import { describe, expect, it } from 'vitest';
import { minutesOf, reasonsOf, spansAsEdges } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { type Exponential, exponential, exponentialHistogram, histogramName } from './metrics.ts';

const stage = useMetricStage();
const delta = { temporality: 'delta' } as const;

/** The only minute of one delta point. */
async function storedAs(service: string, sent: Exponential) {
  const answer = await stage.send(service, [exponentialHistogram([exponential(0, 10, sent)], delta)]);
  expect(answer).toMatchObject({ rejected: 0, message: '' });
  const [row] = await minutesOf(stage.sql, service, histogramName);
  if (row === undefined) throw new Error(`nothing of ${service}`);
  return { ...row, edges: spansAsEdges(row.spans) };
}

/** What the second point of a cumulative sequence adds, and under which reason. */
async function added(service: string, first: Exponential, second: Exponential) {
  await stage.send(service, [exponentialHistogram([exponential(0, 10, first)])]);
  const answer = await stage.send(service, [exponentialHistogram([exponential(0, 70, second)])]);
  expect(answer).toMatchObject({ rejected: 0, message: '' });
  const [, row] = await minutesOf(stage.sql, service, histogramName);
  return { count: row?.count, edges: spansAsEdges(row?.spans), reasons: await reasonsOf(stage.sql, service) };
}

describe('exponential buckets (data model, "Exponential Histogram")', () => {
  it('index i of scale s covers (base^i, base^(i+1)], base = 2^(2^-s): upper bound inclusive', async () => {
    // 4 lies at index 1 of scale 0, the smallest double above it at index 2.
    expect((await storedAs('scale-0', { positive: [1, 3, 2] })).edges).toEqual([
      [2, 4, 3],
      [4, 8, 2],
    ]);
  });

  it('offset and empty buckets', async () => {
    const { edges, count } = await storedAs('offset', { positive: [-3, 1, 0, 0, 2] });
    expect(edges).toEqual([
      [0.125, 0.25, 1],
      [1, 2, 2],
    ]);
    expect(count).toBe(3);
  });

  it.each([
    ['the grid of scale 5', 5, 32, [2, 2 * 2 ** (1 / 32)]],
    ['a finer one falls into its bins', 8, 256, [2, 2 * 2 ** (1 / 32)]],
    ['the finest', 20, 2 ** 20, [2, 2 * 2 ** (1 / 32)]],
    ['a coarser one covers several', 2, 4, [2, 2 * 2 ** (1 / 4)]],
    ['a negative scale', -2, 0, [1, 16]],
    ['a negative scale and index', -3, -1, [2 ** -8, 1]],
  ])('%s', async (what, scale, index, edges) => {
    const [span] = (await storedAs(what, { scale, positive: [index, 7] })).edges;
    expect(span?.[2]).toBe(7);
    expect(span?.[0]).toBeCloseTo(edges[0] ?? 0, 8);
    expect(span?.[1]).toBeCloseTo(edges[1] ?? 0, 8);
  });

  it('percentiles of scale >= 5 are exact to a bin, and clamped to min and max', async () => {
    const { p50, p99 } = await storedAs('exact', { scale: 6, positive: [64, 10] });
    expect(p50).toBeGreaterThan(2 * (1 - 0.011));
    expect(p50).toBeLessThan(2 * 2 ** (1 / 64) * 1.011);
    expect(p99).toBe(p50);
    expect(await storedAs('clamped', { positive: [2, 10], min: 5, max: 5.5 })).toMatchObject({ p50: 5.5, p95: 5.5 });
  });

  it.each([
    ['far below one', 0, -1_074],
    ['far above one', 0, 1_023],
    ['the coarsest that one index holds', -10, 0],
    ['down to the smallest', -10, -1],
    ['the largest index of the finest', 20, 1_073_741_823],
  ])('any scale whose indexes stay within doubles: %s', async (what, scale, index) => {
    expect((await storedAs(what, { scale, positive: [index, 1] })).count).toBe(1);
  });

  it('zeros stand apart, and fill [0, threshold] where they have one', async () => {
    expect((await storedAs('zeros', { zeroCount: 4, positive: [0, 1] })).edges).toEqual([
      [0, 0, 4],
      [1, 2, 1],
    ]);
    expect((await storedAs('threshold', { zeroCount: 4, zeroThreshold: 0.5, positive: [0, 1] })).edges).toEqual([
      [0, 0.5, 4],
      [1, 2, 1],
    ]);
  });

  it('negative buckets of a histogram that has no negatives count as zero', async () => {
    const { edges, count } = await storedAs('negative', { zeroCount: 1, positive: [0, 2], negative: [3, 4, 5] });
    expect(count).toBe(12);
    expect(edges).toEqual([
      [0, 0, 10],
      [1, 2, 2],
    ]);
  });

  it('no buckets at all: an empty one', async () => {
    expect(await storedAs('empty', {})).toMatchObject({ count: 0, sum: 0, p50: null, edges: [] });
  });

  it('min and max of a delta are the window’s own', async () => {
    expect(await storedAs('limits', { positive: [0, 2], min: 1.25, max: 1.75 })).toMatchObject({
      min: 1.25,
      max: 1.75,
    });
  });
});

describe('count = zero + positive + negative, else rejected; so is what lies outside of the doubles', () => {
  it.each<[string, Exponential]>([
    ['count above', { zeroCount: 1, positive: [0, 2], negative: [0, 3], count: 7 }],
    ['count below', { zeroCount: 1, positive: [0, 2], negative: [0, 3], count: 5 }],
    ['count without buckets', { count: 3 }],
    ['an index past the largest double', { positive: [1_024, 1] }],
    ['an index below the smallest double', { positive: [-1_076, 1] }],
    ['a coarse scale past it', { scale: -10, positive: [1, 1] }],
    ['a negative threshold', { zeroThreshold: -1, zeroCount: 1 }],
    ['a threshold that is NaN', { zeroThreshold: Number.NaN, zeroCount: 1 }],
    ['an infinite threshold', { zeroThreshold: Number.POSITIVE_INFINITY, zeroCount: 1 }],
  ])('%s', async (what, sent) => {
    for (const [index, temporality] of (['delta', 'cumulative'] as const).entries()) {
      const point = exponential(0, 10 + index, sent);
      const answer = await stage.send(what, [exponentialHistogram([point], { temporality })]);
      expect(answer.rejected).toBe(1);
      expect(answer.message).toContain(reasons.impossible_buckets.text);
    }
    expect(await minutesOf(stage.sql, what, histogramName)).toEqual([]);
    expect(await reasonsOf(stage.sql, what)).toEqual({ impossible_buckets: 2 });
  });
});

describe('within a sequence the scale only falls: subtracted at the coarser one', () => {
  it('vector exp-downscale: index 4 of scale 3 is 2 of scale 2 is 1 of scale 1; -1 stays -1', async () => {
    const at = (scale: number, index: number, count: number): Exponential => ({ scale, positive: [index, count] });
    expect(await added('scale 3 to 2', at(3, 4, 5), at(2, 2, 7))).toMatchObject({ count: 2, reasons: {} });
    expect(await added('scale 2 to 1', at(2, 2, 5), at(1, 1, 7))).toMatchObject({ count: 2, reasons: {} });
    expect(await added('scale 3 to 1', at(3, 4, 5), at(1, 1, 7))).toMatchObject({ count: 2, reasons: {} });
    expect(await added('below zero', at(3, -1, 5), at(2, -1, 7))).toMatchObject({ count: 2, reasons: {} });
    // Index 5 of scale 3 is 2 of scale 2 as well, 6 is not.
    expect(await added('neighbour', at(3, 5, 5), at(2, 2, 7))).toMatchObject({ count: 2, reasons: {} });
    expect(await added('other bucket', at(3, 6, 5), at(2, 2, 7))).toMatchObject({ count: 7, reasons: { reset: 1 } });
  });

  it('what is added lies at the coarser scale, on both sides of an empty bucket', async () => {
    const first: Exponential = { scale: 1, positive: [0, 1, 2, 0, 4] };
    // Pairs of scale 1 join: [3, 4] of scale 0.
    const second: Exponential = { scale: 0, positive: [0, 3, 6, 5] };
    expect((await added('joined', first, second)).edges).toEqual([
      [2, 4, 2],
      [4, 8, 5],
    ]);
  });

  it('ranges that grow at either end are no reset', async () => {
    const grown = await added(
      'grown',
      { positive: [0, 2, 1], negative: [1, 1] },
      { positive: [-2, 3, 0, 2, 1, 4], negative: [0, 2, 1] },
    );
    expect(grown).toMatchObject({ count: 9, reasons: {} });
    expect(grown.edges).toEqual([
      [0, 0, 2],
      [0.25, 0.5, 3],
      [4, 8, 4],
    ]);
  });

  it.each<[string, Exponential, Exponential]>([
    ['the scale rises', { scale: 2, positive: [0, 2] }, { scale: 3, positive: [0, 3] }],
    ['the zero threshold falls', { zeroThreshold: 0.5, zeroCount: 2 }, { zeroThreshold: 0.25, zeroCount: 3 }],
    ['the count falls', { positive: [0, 5] }, { positive: [0, 3] }],
    ['a positive bucket falls', { positive: [0, 5, 1] }, { positive: [0, 3, 9] }],
    ['a negative bucket falls', { negative: [0, 5, 1] }, { negative: [0, 3, 9] }],
    ['the zeros fall', { zeroCount: 3, positive: [0, 1] }, { zeroCount: 2, positive: [0, 7] }],
    ['a populated bucket is left out', { positive: [0, 2, 1] }, { positive: [1, 9] }],
  ])('the other way round is a reset: %s', async (what, first, second) => {
    const point = exponential(0, 70, second);
    expect(await added(`reset ${what}`, first, second)).toMatchObject({ count: point.count, reasons: { reset: 1 } });
  });
});

describe('the zero threshold only rises', () => {
  it('vector exp-zero-merge: bucket (0.25, 0.5] joins the zeros within 0.5', async () => {
    const first: Exponential = { zeroCount: 2, positive: [-2, 3, 1] };
    const second: Exponential = { zeroThreshold: 0.5, zeroCount: 6, positive: [-1, 1] };
    expect(await added('zero-merge', first, second)).toEqual({ count: 1, edges: [[0, 0.5, 1]], reasons: {} });
  });

  it('vector exp-zero-merge: a threshold of 0.3 that cuts that bucket is read as its upper bound', async () => {
    const first: Exponential = { zeroCount: 2, positive: [-2, 3] };
    const second: Exponential = { zeroThreshold: 0.3, zeroCount: 4, positive: [-2, 4] };
    // 2 + 3 lie within 0.5 before, 4 + 4 after.
    const { count, edges, reasons } = await added('zero-cut', first, second);
    expect([count, reasons]).toEqual([3, {}]);
    expect(edges.reduce((sum, [, , n]) => sum + n, 0)).toBe(3);
    expect(edges.every(([, upper]) => upper <= 0.5)).toBe(true);
  });

  it('over a restart: the buckets are state', async () => {
    await stage.send('restart', [
      exponentialHistogram([exponential(0, 10, { scale: 3, zeroCount: 2, positive: [4, 5], negative: [1, 2] })]),
    ]);
    await stage.restart();
    const later = exponential(0, 70, {
      scale: 2,
      zeroThreshold: 0.25,
      zeroCount: 3,
      positive: [2, 7],
      negative: [0, 2],
    });
    const [effect] = await stage.effects('restart', [exponentialHistogram([later])]);
    expect(effect).toEqual({ added: 3, reasons: [] });
  });
});
