import type { TrendSeries } from '@command-center/contract/api/trends';
import { describe, expect, it } from 'vitest';
import { highestOf, lowestOf, percentileSeries, pointAt, pointText, summed, timesOf, valueSeries } from './series.ts';

const ts = (minute: number): string => new Date(minute * 60_000).toISOString();
const histogram: TrendSeries = {
  metric_name: 'http.server.request.duration',
  unit: 's',
  kind: 'histogram',
  labels: {},
  resolution: '1m',
  points: [
    { ts: ts(0), count: 9, p95: 0.4, p95_lo: 0.25, p95_hi: 0.5, p95_quality: 'bounded' },
    { ts: ts(1), count: 9, p95: null, p95_lo: null, p95_hi: null, p95_quality: null },
    { ts: ts(2), count: 9, p95: 10, p95_lo: 10, p95_hi: null, p95_quality: 'overflow', partial: true },
  ],
};

describe('a percentile line', () => {
  const [line] = percentileSeries(histogram, ['p95']);

  it('says how exact each value is', () => {
    expect(line?.points.map((point) => pointText(point, 's'))).toEqual([
      '400\u00a0ms [250\u00a0ms, 500\u00a0ms]',
      'not known',
      '>\u00a010\u00a0s',
    ]);
  });

  it('knows the window that still counts', () => {
    expect(line?.points.map(({ isOpen }) => isOpen)).toEqual([false, false, true]);
  });

  it('can be read in another unit', () => {
    const [percent] = percentileSeries(histogram, ['p95'], 100);
    expect(percent?.points[0]).toMatchObject({ value: 40, percentile: { lo: 25, hi: 50 } });
  });

  it('of a metric that nobody reports has no points', () => {
    expect(percentileSeries(undefined, ['p50'])[0]?.points).toEqual([]);
    expect(pointText(undefined, 's')).toBe('no data');
  });
});

describe('windows', () => {
  const point = (tsMs: number, value: number | null, isOpen = false) => ({ tsMs, value, isOpen });
  const parts = [
    [point(0, 1), point(2, null)],
    [point(0, 2), point(1, 5, true)],
  ];

  it('add up over series: known where one is, a gap where none is', () => {
    expect(summed(parts)).toEqual([point(0, 3), point(1, 5, true), point(2, null)]);
    expect(summed([])).toEqual([]);
  });

  it('of several series are each there once, in order', () => {
    const series = parts.map((points, index) => ({ name: String(index), colour: '', points }));
    expect(timesOf(series).map(({ tsMs }) => tsMs)).toEqual([0, 1, 2]);
    expect(highestOf(series)).toBe(5);
    expect(lowestOf(series)).toBe(1);
    expect(lowestOf([])).toBeNull();
  });

  it('are found by their exact time', () => {
    const points = Array.from({ length: 9 }, (_, index) => point(index * 2, index));
    expect(points.map(({ tsMs }) => pointAt(points, tsMs)?.value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(pointAt(points, 3)).toBeUndefined();
  });

  it('without a reading are not known, which is not zero', () => {
    const [none, zero] = valueSeries(
      'rate',
      '',
      { ...histogram, points: [{ ts: ts(0) }, { ts: ts(1), rate: 0 }] },
      (one) => one.rate,
    ).points;
    expect([none, zero].map((one) => pointText(one, '/s'))).toEqual(['not known', '0\u00a0/s']);
  });
});
