import { reasons } from '@command-center/contract/reasons';
import type { MetricTree } from '@command-center/sidecar/decode/testing/trees';
import { describe, expect, it } from 'vitest';
import { minutesOf, reasonsOf } from './metricRows.ts';
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

const stage = useMetricStage();
const delta = { temporality: 'delta' } as const;

const values = [
  ['NaN', Number.NaN, 'not_finite'],
  ['Infinity', Number.POSITIVE_INFINITY, 'not_finite'],
  ['-Infinity', Number.NEGATIVE_INFINITY, 'not_finite'],
  ['no value', undefined, 'no_value'],
] as const;

const kinds: readonly (readonly [string, (point: ReturnType<typeof number>[]) => MetricTree, string])[] = [
  ['cumulative sum', (points) => counter(points), counterName],
  ['delta sum', (points) => counter(points, delta), counterName],
  ['additive gauge', (points) => gauge(points), additiveName],
  ['gauge', (points) => gauge(points, maxName), maxName],
  ['UpDownCounter', (points) => upDown(points), additiveName],
  ['delta UpDownCounter', (points) => upDown(points, additiveName, delta), additiveName],
];

describe.each(['HTTP/protobuf', 'HTTP/JSON'] as const)('sums and gauges over %s', (door) => {
  describe.each(values)('%s is rejected with its reason', (what, value, reason) => {
    it.each(kinds)(
      '%s: the point, not the request, and its stream goes on as if it had not come',
      async (kind, metric, name) => {
        const service = `${door} ${what} ${kind}`;
        const isDelta = kind.startsWith('delta');
        const from = (time: number) => (isDelta ? time - 10 : 0);
        await stage.send(service, [metric([number(from(10), 10, 3)])], { door });
        const points = [number(from(20), 20, value), number(from(30), 30, 5)];
        const answer = await stage.send(service, [metric(points)], { door });
        expect(answer).toMatchObject({ httpStatus: 200, rejected: 1 });
        expect(answer.message).toContain(reasons[reason].text);
        expect(await reasonsOf(stage.sql, service)).toEqual({ [reason]: 1 });
        const rows = await minutesOf(stage.sql, service, name);
        expect(rows.map((row) => row.sum ?? row.last)).toEqual([isDelta ? 8 : 5]);
      },
    );
  });
});

describe('a histogram whose sum is absent or no number', () => {
  const sums = [
    ['absent', undefined],
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
  ] as const;

  it.each(sums)('%s: its buckets are usable', async (what, sum) => {
    const service = `sum ${what}`;
    const limits = { sum, min: Number.NaN, max: Number.NaN };
    const answer = await stage.send(service, [
      histogram([explicit(0, 10, [1, 2], [0, 4, 0], limits)]),
      { ...histogram([explicit(0, 10, [1, 2], [0, 4, 0], limits)], delta), name: 'kaiku_voice_jitter_ms' },
      {
        ...exponentialHistogram([exponential(0, 10, { positive: [0, 4], ...limits })]),
        name: 'kaiku_voice_latency_ms',
      },
    ]);
    expect(answer).toMatchObject({ rejected: 0, message: '' });
    for (const name of [histogramName, 'kaiku_voice_jitter_ms', 'kaiku_voice_latency_ms']) {
      const [row] = await minutesOf(stage.sql, service, name);
      expect(row).toMatchObject({ count: 4, sum: 0, min: null, max: null });
      expect(row?.p50).toBeGreaterThan(1);
      expect(row?.p95).toBeLessThanOrEqual(2);
    }
  });

  it.each(sums)('%s, later in a sequence: the next sum counts from the last one known', async (what, sum) => {
    const service = `later ${what}`;
    await stage.send(service, [
      histogram([explicit(0, 10, [1], [2, 0], { sum: 1 }), explicit(0, 70, [1], [5, 0], { sum })]),
    ]);
    await stage.restart();
    await stage.send(service, [histogram([explicit(0, 130, [1], [6, 0], { sum: 4 })])]);
    const rows = await minutesOf(stage.sql, service, histogramName);
    expect(rows.map(({ count, sum }) => [count, sum])).toEqual([
      [2, 1],
      [3, 0],
      [1, 3],
    ]);
  });

  it.each(sums)('%s at a count of 0: the first sum counts in full', async (what, sum) => {
    const service = `empty ${what}`;
    await stage.send(service, [
      histogram([explicit(0, 10, [1], [0, 0], { sum }), explicit(0, 20, [1], [5, 0], { sum: 4 })]),
    ]);
    expect(await minutesOf(stage.sql, service, histogramName)).toMatchObject([{ count: 5, sum: 4 }]);
  });
});
