import { reasons } from '@command-center/contract/reasons';
import type { MetricTree } from '@command-center/sidecar/decode/testing/trees';
import { describe, expect, it } from 'vitest';
import { minutesOf, reasonsOf, spansAsEdges } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import {
  additiveName,
  counter,
  counterName,
  explicit,
  exponential,
  exponentialHistogram,
  gauge,
  histogram,
  histogramName,
  maxName,
  number,
  upDown,
} from './metrics.ts';
import { metricOf, summaryPoint } from './requests.ts';

const stage = useMetricStage();
const delta = { temporality: 'delta' } as const;

describe('another unit is converted if the contract knows how', () => {
  it.each([
    ['ms', 1_000],
    ['s', 1],
    ['us', 1_000_000],
    ['min', 1 / 60],
    ['', 1],
  ])('durations in %s', async (unit, perSecond) => {
    const service = `seconds in ${unit}`;
    const bounds = [1 * perSecond, 2 * perSecond];
    const totals = { sum: 6 * perSecond, min: 1.25 * perSecond, max: 1.75 * perSecond };
    await stage.send(service, [histogram([explicit(0, 10, bounds, [0, 4, 0], totals)], { unit, ...delta })]);
    const [row] = await minutesOf(stage.sql, service, histogramName);
    expect(row?.count).toBe(4);
    expect([row?.sum, row?.min, row?.max].map((value) => value?.toFixed(9))).toEqual(
      [6, 1.25, 1.75].map((value) => value.toFixed(9)),
    );
    expect(spansAsEdges(row?.spans)).toEqual([[1, 2, 4]]);
  });

  it('exponential ones: each bucket covers what it holds, not less', async () => {
    await stage.send('exponential', [
      exponentialHistogram([exponential(0, 10, { scale: 0, positive: [9, 4], sum: 3_000 })], { unit: 'ms', ...delta }),
    ]);
    const [row] = await minutesOf(stage.sql, 'exponential', histogramName);
    const [[lower, upper, count] = [0, 0, 0]] = spansAsEdges(row?.spans);
    expect([row?.sum, count]).toEqual([3, 4]);
    expect(lower).toBeLessThanOrEqual(0.512);
    expect(lower).toBeGreaterThan(0.512 / 2 ** (1 / 32));
    expect(upper).toBeGreaterThanOrEqual(1.024);
    expect(upper).toBeLessThan(1.024 * 2 ** (1 / 32));
  });

  it.each([
    ['By', 2 ** 21],
    ['MiBy', 2],
    ['KiBy', 2 ** 11],
    ['MBy', 2.097152],
  ])('memory in %s', async (unit, value) => {
    const metric = { ...gauge([number(undefined, 10, value)], 'process.memory.usage'), unit };
    await stage.send(`memory in ${unit}`, [metric]);
    expect(await minutesOf(stage.sql, `memory in ${unit}`, 'process.memory.usage')).toMatchObject([{ last: 2 ** 21 }]);
  });

  it('percent', async () => {
    await stage.send('percent', [{ ...gauge([number(undefined, 10, 50)], maxName), unit: '%' }]);
    expect(await minutesOf(stage.sql, 'percent', maxName)).toMatchObject([{ last: 0.5 }]);
  });

  it('an annotation is no unit', async () => {
    for (const unit of ['{message}', '{whatever}', '1', ''])
      await stage.send('annotated', [counter([number(0, 10, 2)], { unit })]);
    expect(await minutesOf(stage.sql, 'annotated', counterName)).toMatchObject([{ sum: 8 }]);
  });

  it('an older name has its own unit where it says none', async () => {
    const old = { ...histogram([explicit(0, 10, [1_000], [0, 2], { sum: 3_000 })]), name: 'http.server.duration' };
    await stage.send('older', [old]);
    expect(await minutesOf(stage.sql, 'older', 'http.server.request.duration')).toMatchObject([{ count: 2, sum: 3 }]);
  });

  it('two units of one name side by side are two streams of one series', async () => {
    const inSeconds = histogram([explicit(0, 10, [1], [2, 0], { sum: 1 })], { unit: 's' });
    const inMilliseconds = histogram([explicit(0, 10, [1_000], [3, 0], { sum: 2_000 })], { unit: 'ms' });
    await stage.send('both', [inSeconds, inMilliseconds]);
    const [row] = await minutesOf(stage.sql, 'both', histogramName);
    expect(row).toMatchObject({ count: 5, sum: 3 });
    expect(spansAsEdges(row?.spans)).toEqual([[0, 1, 5]]);
  });
});

/** The metric is rejected whole, its neighbour in the request is stored. */
async function expectRejected(
  service: string,
  metric: MetricTree,
  reason: 'wrong_unit' | 'wrong_kind' | 'no_temporality',
) {
  const neighbour = gauge([number(undefined, 10, 7)], 'kaiku_voice_rooms_active');
  const answer = await stage.send(service, [metric, neighbour]);
  expect(answer).toMatchObject({ httpStatus: 200, rejected: metric.points.length });
  expect(answer.message).toContain(reasons[reason].text);
  expect(await reasonsOf(stage.sql, service)).toEqual({ [reason]: metric.points.length });
  expect(await minutesOf(stage.sql, service, metric.name)).toEqual([]);
  expect(await minutesOf(stage.sql, service, neighbour.name)).toMatchObject([{ last: 7 }]);
}

describe('else it is rejected by reason', () => {
  it.each([
    ['bytes for a duration', histogram([explicit(0, 10, [1], [1, 0])], { unit: 'By' })],
    ['a duration for a count', counter([number(0, 10, 1), number(0, 20, 2)], { unit: 's' })],
    ['a unit that no one knows', { ...gauge([number(undefined, 10, 1)], 'process.memory.usage'), unit: 'furlong' }],
    ['another case', histogram([explicit(0, 10, [1], [1, 0])], { unit: 'MS' })],
  ])('%s', async (what, metric) => {
    await expectRejected(what, metric, 'wrong_unit');
  });
});

describe('another kind is rejected by reason', () => {
  const named = (metric: MetricTree, name: string): MetricTree => ({ ...metric, name });
  const points = [number(0, 10, 1), number(0, 20, 2)];
  it.each([
    ['a gauge for a counter', gauge(points, counterName)],
    ['a non-monotonic sum for a counter', upDown(points, counterName)],
    ['a delta non-monotonic sum for a counter', upDown(points, counterName, delta)],
    ['a histogram for a counter', named(histogram([explicit(0, 10, [1], [1, 0])]), counterName)],
    ['a monotonic sum for an additive gauge', named(counter(points), additiveName)],
    ['a monotonic sum for a gauge', named(counter(points), maxName)],
    ['a histogram for a gauge', named(histogram([explicit(0, 10, [1], [1, 0])]), additiveName)],
    ['a sum for a histogram', named(counter(points), histogramName)],
    ['a gauge for a histogram', gauge(points, histogramName)],
  ])('%s', async (what, metric) => {
    await expectRejected(what, metric, 'wrong_kind');
  });

  it('sums and histograms must say how their points follow each other', async () => {
    const unspecified = { temporality: 'unspecified' } as const;
    await expectRejected('sum without', counter(points, unspecified), 'no_temporality');
    await expectRejected('histogram without', histogram([explicit(0, 10, [1], [1, 0])], unspecified), 'no_temporality');
  });

  it('a gauge and a non-monotonic sum are one kind for additive gauges: both count, as two streams', async () => {
    await stage.send('one-kind', [gauge([number(undefined, 10, 3)]), upDown([number(0, 20, 4)])]);
    await stage.send('one-kind', [upDown([number(0, 70, 5)]), gauge([number(undefined, 80, 6)])]);
    const rows = await minutesOf(stage.sql, 'one-kind', additiveName);
    expect(rows.map(({ last }) => last)).toEqual([7, 11]);
  });

  it('every kind of distribution feeds a histogram', async () => {
    const summary = metricOf(histogramName, [summaryPoint(histogramTime())], { kind: 'summary' });
    await stage.send('distributions', [
      histogram([explicit(0, 10, [1], [2, 0])]),
      exponentialHistogram([exponential(0, 10, { positive: [0, 4] })]),
      summary,
    ]);
    expect(await minutesOf(stage.sql, 'distributions', histogramName)).toMatchObject([{ count: 9 }]);
  });
});

function histogramTime() {
  const { startTimeUnixNano, timeUnixNano } = explicit(0, 10, [], []);
  return { startTimeUnixNano, timeUnixNano };
}
