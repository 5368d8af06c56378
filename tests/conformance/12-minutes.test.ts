import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Minute, minutesOf, spansAsEdges } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import {
  additiveName,
  at,
  counter,
  counterName,
  explicit,
  gauge,
  histogram,
  histogramName,
  maxName,
  minuteZeroMs,
  number,
  upDown,
} from './metrics.ts';
import { metricOf, summaryPoint } from './requests.ts';

const stage = useMetricStage();
const MINUTE_S = 60;
const SPREAD_MINUTES = 60;

const sumsOf = (rows: readonly Minute[]) => rows.map(({ minute, sum }): [number, number | null] => [minute, sum]);
const countsOf = (rows: readonly Minute[]) => rows.map(({ minute, count }) => [minute, count]);
const counterMinutes = async (service: string) => sumsOf(await minutesOf(stage.sql, service, counterName));
const histogramMinutes = (service: string) => minutesOf(stage.sql, service, histogramName);

describe('an interval is (start, end]: the edge belongs to the minute that it ends', () => {
  it('a point at 12:01:00.000 belongs to 12:00, one a nanosecond later to 12:01', async () => {
    const edge = number(0, MINUTE_S, 3);
    const after = { ...number(0, MINUTE_S, 8), timeUnixNano: at(MINUTE_S, 1n) };
    await stage.send('edge', [counter([edge, after])]);
    expect(await counterMinutes('edge')).toEqual([
      [0, 3],
      [1, 5],
    ]);
  });

  it('the edge rule holds for every point', async () => {
    const service = 'every-edge';
    const delta = { temporality: 'delta' } as const;
    await stage.send(service, [
      { ...counter([number(30, MINUTE_S, 3)], delta), name: 'kaiku_ws_reconnects_total' },
      histogram([explicit(0, MINUTE_S, [1], [2, 0])]),
      { ...histogram([explicit(30, MINUTE_S, [1], [2, 0])], delta), name: 'kaiku_voice_jitter_ms' },
      metricOf('kaiku_voice_latency_ms', [summaryPoint({ startTimeUnixNano: at(0), timeUnixNano: at(MINUTE_S) })], {
        kind: 'summary',
      }),
      gauge([number(undefined, MINUTE_S, 7)]),
      gauge([number(undefined, MINUTE_S, 0.5)], maxName),
      upDown([number(0, MINUTE_S, 2)], 'kaiku_voice_rooms_active'),
      upDown([number(30, MINUTE_S, 2)], 'kaiku_voice_sessions_active', delta),
    ]);
    const rows = await stage.sql<{ name: string; ms: number }[]>`
      SELECT metric_name AS name, extract(epoch FROM ts)::float8 * 1000 AS ms FROM telemetry_metrics
      WHERE labels->>'service.name' = ${service}`;
    expect(rows.map(({ ms }) => (ms - minuteZeroMs) / 60_000)).toEqual(Array.from({ length: 8 }, () => 0));
  });

  it('the newest of a minute is the one at its end', async () => {
    const points = [number(undefined, MINUTE_S, 0.2), number(undefined, 59.999, 0.9), number(undefined, 0, 0.7)];
    await stage.send('last-edge', [gauge(points, maxName)]);
    const rows = await minutesOf(stage.sql, 'last-edge', maxName);
    expect(rows.map(({ minute, last, max }) => [minute, last, max])).toEqual([
      [-1, 0.7, 0.7],
      [0, 0.2, 0.9],
    ]);
  });

  it('an increase up to an edge leaves the next minute alone', async () => {
    await stage.send('up-to-edge', [counter([number(0, 120, 10)])]);
    expect(await counterMinutes('up-to-edge')).toEqual([
      [0, 5],
      [1, 5],
    ]);
  });
});

describe('an increase over at most 90 s belongs whole to the minute of its end', () => {
  it.each([
    ['90 s', 90, [[1, 10]]],
    [
      'a millisecond more: spread',
      90.001,
      [
        [0, 6],
        [1, 4],
      ],
    ],
  ])('%s', async (what, time, expected) => {
    await stage.send(`whole ${what}`, [counter([number(0, time, 10)])]);
    expect(await counterMinutes(`whole ${what}`)).toEqual(expected);
  });

  it('so that a 60 s timer that jitters does not zig-zag', async () => {
    const points = [0.2, 60.9, 120.1, 180.8, 240.3].map((time, index) => number(0, time, (index + 1) * 60));
    await stage.send('jitter', [counter(points)]);
    expect(await counterMinutes('jitter')).toEqual([0, 1, 2, 3, 4].map((minute) => [minute, 60]));
  });
});

describe('a longer one is spread over the minutes that it overlaps, in proportion to the overlap', () => {
  it('by cumulative floor, so that the parts add up', async () => {
    // 30 + 60 + 60 + 15 s of 165 s: 7 x 30/165 = 1.27, 7 x 90/165 = 3.8, 7 x 150/165 = 6.36.
    await stage.send('spread', [counter([number(30, 195, 7)])]);
    expect(await counterMinutes('spread')).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 1],
    ]);
  });

  it('parts that are no whole numbers in exact proportion', async () => {
    await stage.send('spread-double', [counter([number(0, 240, 2.5)])]);
    expect(await counterMinutes('spread-double')).toEqual([0, 1, 2, 3].map((minute) => [minute, 0.625]));
  });

  it('of a later point from the last one on, of a delta from its start', async () => {
    await stage.send('outage', [counter([number(0, 30, 4), number(0, 270, 16)])]);
    expect(await counterMinutes('outage')).toEqual([
      [0, 5],
      [1, 3],
      [2, 3],
      [3, 3],
      [4, 2],
    ]);
    await stage.send('delta', [counter([number(60, 180, 9)], { temporality: 'delta' })]);
    expect(await counterMinutes('delta')).toEqual([
      [1, 4],
      [2, 5],
    ]);
  });

  it('over a restart the same: the last time is state', async () => {
    await stage.send('outage-restart', [counter([number(0, 30, 4)])]);
    await stage.restart();
    await stage.send('outage-restart', [counter([number(0, 270, 16)])]);
    expect(await counterMinutes('outage-restart')).toEqual([
      [0, 5],
      [1, 3],
      [2, 3],
      [3, 3],
      [4, 2],
    ]);
  });

  it('over the newest 60 minutes at most', async () => {
    const service = 'long-outage';
    await stage.send(service, [counter([number(-7_200, -7_200, 0), number(-7_200, 30, 120)])]);
    const rows = (await counterMinutes(service)).filter(([minute]) => minute > -120);
    expect(rows.map(([minute]) => minute)).toEqual(
      Array.from({ length: SPREAD_MINUTES }, (_, index) => index - (SPREAD_MINUTES - 1)),
    );
    expect(rows.reduce((sum, [, part]) => sum + (part ?? 0), 0)).toBe(120);
    // 59 whole minutes and a half: 120 / 59.5 = 2.02 a minute.
    expect(rows.slice(0, -1).every(([, part]) => part === 2 || part === 3)).toBe(true);
    expect(rows.at(-1)?.[1]).toBe(2);
  });

  it('a reset too: what it shows now was counted since the last point', async () => {
    await stage.send('reset', [counter([number(0, 60, 4), number(0, 180, 2)])]);
    expect(await counterMinutes('reset')).toEqual([
      [0, 4],
      [1, 1],
      [2, 1],
    ]);
  });

  it('any increase over any interval keeps its total and touches just its minutes', async () => {
    let services = 0;
    const interval = fc.record({
      start: fc.integer({ min: 0, max: 300_000 }),
      length: fc.integer({ min: 1, max: 900_000 }),
      increase: fc.nat(1_000),
    });
    await fc.assert(
      fc.asyncProperty(interval, async ({ start, length, increase }) => {
        services += 1;
        const service = `any-${services}`;
        await stage.send(service, [
          counter([number(start / 1_000, (start + length) / 1_000, increase)], { temporality: 'delta' }),
        ]);
        const rows = await minutesOf(stage.sql, service, counterName);
        expect(rows.reduce((sum, row) => sum + (row.sum ?? 0), 0)).toBe(increase);
        const last = Math.ceil((start + length) / 60_000) - 1;
        const first = length > 90_000 ? Math.floor(start / 60_000) : last;
        expect(rows.map(({ minute }) => minute)).toEqual(
          Array.from({ length: last - first + 1 }, (_, index) => first + index),
        );
      }),
      { numRuns: 15, seed: 12 },
    );
  });
});

describe('histograms are spread per span', () => {
  it('count = sum of its spans, sum in proportion to the count', async () => {
    // Each bucket on its own: floor(3 x 1/2) = 1 and 2, floor(5 x 1/2) = 2 and 3.
    await stage.send('spans', [histogram([explicit(0, 120, [1, 2], [3, 5, 0], { sum: 16 })])]);
    const rows = await histogramMinutes('spans');
    expect(countsOf(rows)).toEqual([
      [0, 3],
      [1, 5],
    ]);
    expect(sumsOf(rows)).toEqual([
      [0, 6],
      [1, 10],
    ]);
    expect(rows.map(({ spans }) => spansAsEdges(spans).map(([, , count]) => count))).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it('without buckets the count alone', async () => {
    await stage.send('bare', [histogram([explicit(0, 120, [], [], { count: 5, sum: 10 })], { temporality: 'delta' })]);
    const rows = await histogramMinutes('bare');
    expect(rows.map(({ minute, count, sum, p50 }) => [minute, count, sum, p50])).toEqual([
      [0, 2, 4, null],
      [1, 3, 6, null],
    ]);
  });

  it('of spread values nobody knows which minute held the least and the greatest', async () => {
    await stage.send('extremes', [
      histogram([explicit(0, 120, [1], [4, 4], { min: 0.5, max: 3 })], { temporality: 'delta' }),
    ]);
    expect((await histogramMinutes('extremes')).map(({ min, max }) => [min, max])).toEqual([
      [null, null],
      [null, null],
    ]);
  });
});

describe('minutes of a zero increase get 0: zero is not "no data"', () => {
  it('counters', async () => {
    await stage.send('zero', [counter([number(0, 30, 5), number(0, 90, 5), number(0, 270, 5)])]);
    expect(await counterMinutes('zero')).toEqual([
      [0, 5],
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
    ]);
  });

  it('parts that are floored to nothing', async () => {
    await stage.send('floored', [counter([number(0, 240, 1)])]);
    expect(await counterMinutes('floored')).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
    ]);
  });

  it('a baseline, and a delta of 0', async () => {
    await stage.send('zero-first', [
      counter([number(-3_600, 30, 100)]),
      counter([number(60, 90, 0)], { temporality: 'delta' }),
    ]);
    expect(await counterMinutes('zero-first')).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it('histograms: count 0, an empty sketch, null percentiles', async () => {
    await stage.send('zero-histogram', [histogram([explicit(0, 30, [1], [2, 0]), explicit(0, 90, [1], [2, 0])])]);
    const [, zero] = await histogramMinutes('zero-histogram');
    expect(zero).toMatchObject({ minute: 1, count: 0, sum: 0, p50: null, p95: null, p99: null, min: null, max: null });
    expect(zero?.spans?.spans).toEqual([]);
  });
});

describe('minutes between two points of an additive gauge', () => {
  it.each([
    ['at most 5 min apart are filled with the earlier value', 330, [3, 3, 3, 3, 3, 4]],
    ['further apart are not', 330.001, [3, 4]],
  ])('%s', async (what, time, expected) => {
    await stage.send(what, [gauge([number(undefined, 30, 3), number(undefined, time, 4)])]);
    expect((await minutesOf(stage.sql, what, additiveName)).map(({ last }) => last)).toEqual(expected);
  });
});
