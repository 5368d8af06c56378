import type { MetricTree } from '@command-center/sidecar/decode/testing/trees';
import { describe, expect, it } from 'vitest';
import { minutesOf, reasonsOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import {
  additiveName,
  counter,
  counterName,
  explicit,
  gauge,
  histogram,
  histogramName,
  maxName,
  number,
  type Start,
} from './metrics.ts';

const stage = useMetricStage();
const KEPT = 16;

type Row = readonly [start: Start, time: number, value: number];

const cumulative = ([start, time, value]: Row): MetricTree => counter([number(start, time, value)]);
const delta = (row: Row): MetricTree => ({ ...cumulative(row), temporality: 'delta' });
const distribution = ([start, time, value]: Row): MetricTree => histogram([explicit(start, time, [1], [value, 0])]);
const deltaDistribution = (row: Row): MetricTree => ({ ...distribution(row), temporality: 'delta' });
const additive = ([, time, value]: Row): MetricTree => gauge([number(undefined, time, value)]);

async function effectsOf(service: string, metrics: readonly MetricTree[], restartBefore?: number) {
  const effects = [];
  for (const [index, metric] of metrics.entries()) {
    if (index === restartBefore) await stage.restart();
    effects.push(...(await stage.effects(service, [metric])));
  }
  return { added: effects.map(({ added }) => added), reasons: effects.map(({ reasons }) => reasons.join()) };
}

describe('a duplicate (same stream, start, time) counts once', () => {
  it.each([
    ['cumulative sum', cumulative],
    ['cumulative histogram', distribution],
    ['delta sum', delta],
    ['delta histogram', deltaDistribution],
    ['additive gauge', additive],
  ] as const)('%s: in one request, in the next, and after a restart', async (what, metric) => {
    const service = `twice ${what}`;
    const row: Row = [0, 10, 5];
    const one = metric(row);
    await stage.send(service, [{ ...one, points: [...one.points, ...one.points] }]);
    expect(await stage.effects(service, [one])).toEqual([{ added: 0, reasons: ['duplicate'] }]);
    await stage.restart();
    expect(await stage.effects(service, [one])).toEqual([{ added: 0, reasons: ['duplicate'] }]);
    expect(await reasonsOf(stage.sql, service)).toEqual({ duplicate: 3 });
    const [minute] = await minutesOf(stage.sql, service, one.name);
    expect([minute?.count ?? minute?.last]).toEqual([5]);
  });

  it.each([
    ['cumulative sum', cumulative, 'conflicting_duplicate'],
    ['cumulative histogram', distribution, 'conflicting_duplicate'],
    ['additive gauge', additive, 'conflicting_duplicate'],
    // A delta stream remembers what was covered, not how much it was.
    ['delta sum', delta, 'duplicate'],
  ] as const)(
    '%s with another value: the first wins, counted, and no partial success',
    async (what, metric, reason) => {
      const service = `conflict ${what}`;
      await stage.send(service, [metric([0, 10, 5])]);
      expect(await stage.send(service, [metric([0, 10, 7])])).toMatchObject({ rejected: 0, message: '' });
      expect(await reasonsOf(stage.sql, service)).toEqual({ [reason]: 1 });
      const [minute] = await minutesOf(stage.sql, service, metric([0, 10, 5]).name);
      expect(minute?.count ?? minute?.last).toBe(5);
      const [next] = await stage.effects(service, [metric([metric === delta ? 10 : 0, 20, 9])]);
      expect(next?.added).toBe(metric === delta ? 9 : 4);
    },
  );

  it('a gauge of which only the greatest counts is the same however often it comes', async () => {
    const points = [number(undefined, 10, 0.5), number(undefined, 10, 0.5), number(undefined, 20, 0.25)];
    await stage.send('max-twice', [gauge(points, maxName)]);
    await stage.send('max-twice', [gauge(points.toReversed(), maxName)]);
    expect(await minutesOf(stage.sql, 'max-twice', maxName)).toMatchObject([{ min: 0.25, max: 0.5, last: 0.25 }]);
  });
});

describe('out of order is normal: time is looked at before value', () => {
  it('vector cum-out-of-order: the late point changes nothing, is no reset, and is absorbed by the next', async () => {
    const points = [cumulative([105, 110, 1]), cumulative([105, 130, 3]), cumulative([105, 120, 2])];
    const { added, reasons } = await effectsOf('out-of-order', points);
    expect([added, reasons]).toEqual([
      [1, 2, 0],
      ['', '', 'overtaken'],
    ]);
  });

  it('a late cumulative point makes no row, not even in a minute that has none', async () => {
    const service = 'late-no-row';
    await stage.send(service, [cumulative([0, 10, 1]), cumulative([0, 140, 3])]);
    const before = await minutesOf(stage.sql, service, counterName);
    // Above what the newer one shows: by value alone it would be taken for an increase.
    await stage.send(service, [cumulative([0, 80, 2]), cumulative([0, 100, 50])]);
    expect(await minutesOf(stage.sql, service, counterName)).toEqual(before);
    expect(await effectsOf(service, [cumulative([0, 150, 5])])).toEqual({ added: [2], reasons: [''] });
  });

  it('the same of a histogram', async () => {
    const points = [distribution([0, 10, 1]), distribution([0, 30, 3]), distribution([0, 20, 2])];
    expect(await effectsOf('late-histogram', points)).toEqual({ added: [1, 2, 0], reasons: ['', '', 'overtaken'] });
  });

  it('an overtaken gauge point is dropped, counted in intake and not in partial success', async () => {
    await stage.send('late-gauge', [additive([0, 20, 7])]);
    expect(await stage.send('late-gauge', [additive([0, 10, 3])])).toMatchObject({ rejected: 0, message: '' });
    expect(await reasonsOf(stage.sql, 'late-gauge')).toEqual({ overtaken: 1 });
    expect(await minutesOf(stage.sql, 'late-gauge', additiveName)).toMatchObject([{ minute: 0, last: 7 }]);
  });

  it('a gauge kept by max takes late points: nothing of it depends on order', async () => {
    await stage.send('late-max', [gauge([number(undefined, 20, 0.2)], maxName)]);
    await stage.send('late-max', [gauge([number(undefined, 10, 0.9)], maxName)]);
    expect(await minutesOf(stage.sql, 'late-max', maxName)).toMatchObject([{ min: 0.2, max: 0.9, last: 0.2 }]);
  });
});

describe('the newest 16 starts of a stream', () => {
  it('are kept; a point of an older one is late, counted in intake and not in partial success', async () => {
    const service = 'starts';
    // The first start stays valid while 15 newer ones come, and is the oldest that gives way to the 16th.
    const restarts = Array.from({ length: KEPT }, (_, index): Row => [index * 10, index * 10 + 5, 100]);
    const { added } = await effectsOf(service, restarts.map(cumulative));
    expect(added).toEqual(restarts.map(() => 100));
    expect(await effectsOf(service, [cumulative([0, 170, 110])], 0)).toEqual({ added: [10], reasons: [''] });
    expect(await effectsOf(service, [cumulative([160, 175, 100])])).toEqual({ added: [100], reasons: [''] });
    const answer = await stage.send(service, [cumulative([0, 180, 120])]);
    expect(answer).toMatchObject({ rejected: 0, message: '' });
    expect(await reasonsOf(stage.sql, service)).toEqual({ late_start: 1 });
    expect(await effectsOf(service, [cumulative([10, 185, 103])])).toEqual({ added: [3], reasons: [''] });
  });
});

describe('delta: the state is the covered intervals', () => {
  it('vector delta-dup-and-late: p1 p3 p2 p2 -> 12', async () => {
    const rows: Row[] = [
      [100, 110, 3],
      [120, 130, 5],
      [110, 120, 4],
      [110, 120, 4],
    ];
    for (const restartBefore of [undefined, 2, 3]) {
      const { added, reasons } = await effectsOf(`delta-${restartBefore}`, rows.map(delta), restartBefore);
      expect([added, reasons]).toEqual([
        [3, 5, 4, 0],
        ['', '', '', 'duplicate'],
      ]);
    }
  });

  it('a point wholly covered is a duplicate, also by several that touch; one partly covered counts', async () => {
    const { added, reasons } = await effectsOf('covered', [
      delta([0, 10, 1]),
      delta([10, 20, 2]),
      delta([5, 15, 4]),
      delta([15, 25, 8]),
      delta([20, 25, 16]),
    ]);
    expect([added, reasons]).toEqual([
      [1, 2, 0, 8, 0],
      ['', '', 'duplicate', '', 'duplicate'],
    ]);
  });

  const gaps = (count: number): Row[] =>
    Array.from({ length: count }, (_, index) => [index * 10 + 1, index * 10 + 5, 1]);

  it('one older than the newest 16 is rejected as too late, in partial success: never silently', async () => {
    const service = 'too-late';
    await effectsOf(service, gaps(KEPT + 1).map(delta), 5);
    const answer = await stage.send(service, [delta([-5, -1, 1]), delta([1, 5, 1]), delta([200, 205, 1])]);
    expect(answer.rejected).toBe(2);
    expect(answer.message).toContain('too_late');
    expect(await reasonsOf(stage.sql, service)).toEqual({ too_late: 2 });
  });

  it('any other counts: between two of the 16, and where it joins them', async () => {
    const service = 'between';
    await effectsOf(service, gaps(KEPT).map(delta));
    const { added, reasons } = await effectsOf(service, [delta([7, 9, 2]), delta([25, 31, 4])]);
    expect([added, reasons]).toEqual([
      [2, 4],
      ['', ''],
    ]);
  });

  it('intervals join where they touch: 17 in a row cost one', async () => {
    const rows = Array.from({ length: KEPT + 1 }, (_, index): Row => [index * 5, index * 5 + 5, 1]);
    const { added } = await effectsOf('joined', [...rows.map(delta), delta([-20, -10, 7])]);
    expect(added).toEqual([...rows.map(() => 1), 7]);
  });

  it('a point without start is known by its time alone', async () => {
    const { added, reasons } = await effectsOf('no-start', [
      delta([undefined, 10, 3]),
      delta([undefined, 20, 5]),
      delta([undefined, 10, 3]),
      delta([undefined, 15, 2]),
    ]);
    expect([added, reasons]).toEqual([
      [3, 5, 0, 2],
      ['', '', 'duplicate', ''],
    ]);
  });

  it('histograms alike', async () => {
    const rows: Row[] = [
      [0, 10, 3],
      [20, 30, 5],
      [10, 20, 4],
      [10, 20, 4],
    ];
    const { added } = await effectsOf('delta-histogram', rows.map(deltaDistribution));
    expect(added).toEqual([3, 5, 4, 0]);
    expect(await minutesOf(stage.sql, 'delta-histogram', histogramName)).toMatchObject([{ count: 12, sum: 12 }]);
  });
});
