import { reasons } from '@command-center/contract/reasons';
import { describe, expect, it } from 'vitest';
import { type Minute, minutesOf, reasonsOf, spansAsEdges } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { explicit, histogram, histogramName } from './metrics.ts';

const stage = useMetricStage();
const delta = { temporality: 'delta' } as const;

const rowsOf = (service: string) => minutesOf(stage.sql, service, histogramName);
const onlyRow = async (service: string): Promise<Minute> => {
  const rows = await rowsOf(service);
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`${rows.length} minutes of ${service}`);
  return row;
};

describe.each(['cumulative', 'delta'] as const)(
  'explicit buckets, %s (metrics.proto, HistogramDataPoint)',
  (temporality) => {
    it.each([
      ['bounds that fall', [2, 1], [1, 2, 3], {}],
      ['bounds that repeat', [1, 1], [1, 2, 3], {}],
      ['a bound that is NaN', [1, Number.NaN], [1, 2, 3], {}],
      ['as many counts as bounds', [1, 2], [1, 2], {}],
      ['counts past bounds + 1', [1], [1, 2, 3], {}],
      ['bounds without counts', [1, 2], [], { count: 0 }],
      ['a count above the sum of the buckets', [1], [1, 2], { count: 4 }],
      ['a count below the sum of the buckets', [1], [1, 2], { count: 2 }],
      ['a count of 0 beside counted buckets', [1], [1, 2], { count: 0 }],
    ])('%s: rejected, and the stream goes on as if it had not come', async (what, bounds, counts, totals) => {
      const service = `${temporality} ${what}`;
      const sound = (time: number, n: number) => explicit(time - 10, time, [1], [n, 0]);
      const start = (point: ReturnType<typeof sound>) =>
        temporality === 'delta' ? point : { ...point, startTimeUnixNano: sound(10, 0).startTimeUnixNano };
      await stage.send(service, [histogram([start(sound(10, 2))], { temporality })]);
      const bad = start(explicit(10, 20, bounds, counts, totals));
      const answer = await stage.send(service, [histogram([bad, start(sound(30, 3))], { temporality })]);
      expect(answer.rejected).toBe(1);
      expect(answer.message).toContain(reasons.impossible_buckets.text);
      expect(await reasonsOf(stage.sql, service)).toEqual({ impossible_buckets: 1 });
      expect(await onlyRow(service)).toMatchObject({ count: temporality === 'delta' ? 5 : 3 });
    });

    it('none at all: count and sum only, no percentile, never a made-up one', async () => {
      const service = `none ${temporality}`;
      const answer = await stage.send(service, [
        histogram([explicit(0, 10, [], [], { count: 4, sum: 9, min: 1, max: 5 })], { temporality }),
      ]);
      expect(answer).toMatchObject({ rejected: 0, message: '' });
      const row = await onlyRow(service);
      expect(row).toMatchObject({ count: 4, sum: 9, p50: null, p95: null, p99: null });
      expect(spansAsEdges(row.spans)).toEqual([]);
    });

    it('one bucket without bounds says no more than that', async () => {
      const service = `single ${temporality}`;
      await stage.send(service, [histogram([explicit(0, 10, [], [4], { sum: 9 })], { temporality })]);
      expect(await onlyRow(service)).toMatchObject({ count: 4, sum: 9, p50: null, p95: null, p99: null });
    });

    it('no percentile either where a part of the minute came without buckets', async () => {
      const service = `partly ${temporality}`;
      const pod = (name: string) => ({ attributes: { pod: name } });
      const bare = explicit(0, 10, [], [], { count: 1, sum: 9 }, pod('a'));
      const bucketed = explicit(0, 10, [1, 2], [0, 50, 0], {}, pod('b'));
      await stage.send(service, [histogram([bare, bucketed], { temporality })]);
      expect(await onlyRow(service)).toMatchObject({ count: 51, sum: 59, p50: null, p95: null, p99: null });
    });

    it('buckets are (lower, upper]; the first reaches down to 0, the last is open', async () => {
      const service = `edges ${temporality}`;
      await stage.send(service, [histogram([explicit(0, 10, [1, 2, 4], [1, 2, 3, 4])], { temporality })]);
      const row = await onlyRow(service);
      expect(spansAsEdges(row.spans)).toEqual([
        [0, 1, 1],
        [1, 2, 2],
        [2, 4, 3],
        [4, Number.POSITIVE_INFINITY, 4],
      ]);
      // The fifth of ten lies in (2, 4], the last ones beyond 4: how far is not known.
      expect(row.p50).toBeGreaterThan(2);
      expect(row.p50).toBeLessThanOrEqual(4);
      expect(row.p99).toBe(4);
    });

    it('a bucket up to a bound <= 0 holds zeros: durations are not negative', async () => {
      const service = `zero-bound ${temporality}`;
      await stage.send(service, [histogram([explicit(0, 10, [0, 1], [5, 2, 0])], { temporality })]);
      const row = await onlyRow(service);
      expect(spansAsEdges(row.spans)).toEqual([
        [0, 0, 5],
        [0, 1, 2],
      ]);
      expect(row.p50).toBe(0);
    });
  },
);

describe('min and max', () => {
  it("of a delta are the window's own, over all its points and streams", async () => {
    const points = [
      explicit(0, 10, [1, 10], [1, 2, 0], { min: 0.5, max: 7 }),
      explicit(10, 20, [1, 10], [1, 1, 0], { min: 0.25, max: 3 }),
    ];
    await stage.send('delta-limits', [histogram(points, delta)]);
    const row = await onlyRow('delta-limits');
    expect(row).toMatchObject({ min: 0.25, max: 7 });
    expect(row.p99).toBeLessThanOrEqual(7);
  });

  it('of a delta without events are none, and take none away', async () => {
    const points = [
      explicit(0, 10, [1], [2, 0], { min: 0.5, max: 0.75 }),
      explicit(10, 20, [1], [0, 0], { min: 0, max: 0 }),
    ];
    await stage.send('empty-limits', [histogram(points, delta)]);
    expect(await onlyRow('empty-limits')).toMatchObject({ count: 2, min: 0.5, max: 0.75 });
  });

  it("of a cumulative point are of the whole life, never the window's", async () => {
    const points = [
      explicit(0, 10, [1, 10], [1, 2, 0], { min: 0.5, max: 7 }),
      explicit(0, 70, [1, 10], [1, 5, 0], { min: 0.5, max: 9 }),
    ];
    await stage.send('life-limits', [histogram(points)]);
    const rows = await rowsOf('life-limits');
    expect(rows.map(({ min, max }) => [min, max])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it('of a part unknown are unknown of the whole', async () => {
    await stage.send('half-limits', [histogram([explicit(0, 10, [1], [2, 0], { min: 0.5, max: 0.75 })], delta)]);
    await stage.send('half-limits', [histogram([explicit(0, 20, [1], [2, 0], { min: 0.1, max: 0.2 })])]);
    expect(await onlyRow('half-limits')).toMatchObject({ count: 4, min: null, max: null });
  });
});

describe('a cumulative histogram', () => {
  it('adds by bucket what came since the last point, over a restart too', async () => {
    await stage.send('increase', [histogram([explicit(0, 10, [1, 2], [4, 1, 0], { sum: 6 })])]);
    await stage.restart();
    await stage.send('increase', [histogram([explicit(0, 70, [1, 2], [4, 3, 1], { sum: 13 })])]);
    const [, later] = await rowsOf('increase');
    expect(later).toMatchObject({ minute: 1, count: 3, sum: 7 });
    expect(spansAsEdges(later?.spans)).toEqual([
      [1, 2, 2],
      [2, Number.POSITIVE_INFINITY, 1],
    ]);
  });

  it.each([
    ['a falling count is a reset: the new point counts from zero', [4, 3], [2, 1], 3],
    ['a falling bucket too, though the count rises', [4, 3], [1, 9], 10],
  ])('%s', async (what, first, second, count) => {
    const service = `reset ${what.length}`;
    await stage.send(service, [histogram([explicit(0, 10, [1], first, { sum: 20 })])]);
    await stage.send(service, [histogram([explicit(0, 70, [1], second, { sum: 8 })])]);
    const [, later] = await rowsOf(service);
    expect(later).toMatchObject({ count, sum: 8 });
    expect(later?.spans?.spans.map((span) => span.count)).toEqual(second);
    expect(await reasonsOf(stage.sql, service)).toEqual({ reset: 1 });
    const [effect] = await stage.effects(service, [
      histogram([explicit(0, 80, [1], [second[0] ?? 0, (second[1] ?? 0) + 2])]),
    ]);
    expect(effect).toEqual({ added: 2, reasons: [] });
  });

  it('vector hist-bounds-change: changed bounds with the same start are a new bucket baseline, never history again', async () => {
    const service = 'bounds-change';
    const points = [
      explicit(0, 10, [1], [5, 5], { sum: 12 }),
      explicit(0, 70, [2], [8, 4], { sum: 15 }),
      explicit(0, 130, [2], [9, 6], { sum: 20 }),
    ];
    const effects = await stage.effects(service, [histogram(points)]);
    expect(effects.map(({ added }) => added)).toEqual([10, 2, 3]);
    const rows = await rowsOf(service);
    expect(rows.map(({ sum }) => sum)).toEqual([12, 3, 5]);
    expect(spansAsEdges(rows[1]?.spans)).toEqual([]);
    expect(rows[1]).toMatchObject({ p50: null, p95: null, p99: null });
    expect(rows[2]?.spans?.spans.map((span) => span.count)).toEqual([1, 2]);
    expect(await reasonsOf(stage.sql, service)).toEqual({ bucket_baseline: 1 });
  });

  it('changed bounds and a falling count are a reset', async () => {
    await stage.send('bounds-reset', [histogram([explicit(0, 10, [1], [5, 5])])]);
    const [effect] = await stage.effects('bounds-reset', [histogram([explicit(0, 70, [2], [3, 1])])]);
    expect(effect).toEqual({ added: 4, reasons: ['reset'] });
    const [, later] = await rowsOf('bounds-reset');
    expect(later?.spans?.spans.map((span) => span.count)).toEqual([3, 1]);
  });

  it('changed bounds with another start are another stream', async () => {
    await stage.send('bounds-start', [histogram([explicit(0, 10, [1], [5, 5])])]);
    const [effect] = await stage.effects('bounds-start', [histogram([explicit(15, 20, [2], [8, 4])])]);
    expect(effect).toEqual({ added: 12, reasons: [] });
  });

  it('changed bounds of deltas mean nothing: each stands for itself', async () => {
    await stage.send('bounds-delta', [histogram([explicit(0, 10, [1], [5, 0]), explicit(10, 20, [2], [8, 0])], delta)]);
    const row = await onlyRow('bounds-delta');
    expect(row.count).toBe(13);
    expect(spansAsEdges(row.spans)).toEqual([
      [0, 1, 5],
      [0, 2, 8],
    ]);
  });
});
