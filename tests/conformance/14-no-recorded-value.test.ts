import { MAX_STREAMS_PER_FAMILY } from '@command-center/sidecar/batch/build';
import type { BarePoint, MetricTree } from '@command-center/sidecar/decode/testing/trees';
import { describe, expect, it } from 'vitest';
import { minutesOf, reasonsOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import {
  additiveName,
  at,
  counter,
  counterName,
  explicit,
  exponential,
  exponentialHistogram,
  gauge,
  histogram,
  maxName,
  number,
  upDown,
} from './metrics.ts';
import { metricOf, summaryPoint } from './requests.ts';

const stage = useMetricStage();
const NO_RECORDED_VALUE = 1;
const delta = { temporality: 'delta' } as const;

const marker = (time: number, start?: number) => number(start, time, 0, { flags: NO_RECORDED_VALUE });
const marked = <P extends BarePoint>(point: P): P => ({ ...point, flags: NO_RECORDED_VALUE });

async function rowsOf(service: string): Promise<number> {
  const [row] = await stage.sql<{ count: number }[]>`
    SELECT count(*)::float8 AS count FROM telemetry_metrics WHERE labels->>'service.name' = ${service}`;
  return row?.count ?? Number.NaN;
}

describe('NO_RECORDED_VALUE (metrics.proto, DataPointFlags) is never a zero and makes no row', () => {
  it.each<[string, MetricTree]>([
    ['cumulative sum', counter([marker(10, 0)])],
    ['delta sum', counter([marker(10, 0)], delta)],
    ['gauge', gauge([marker(10)], maxName)],
    ['additive gauge', gauge([marker(10)])],
    ['UpDownCounter', upDown([marker(10)])],
    ['delta UpDownCounter', upDown([marker(10, 0)], additiveName, delta)],
    ['histogram', histogram([marked(explicit(0, 10, [], []))])],
    ['delta histogram', histogram([marked(explicit(0, 10, [], []))], delta)],
    ['exponential histogram', exponentialHistogram([marked(exponential(0, 10, {}))])],
    [
      'summary',
      metricOf('kaiku_voice_jitter_ms', [marked(summaryPoint({ timeUnixNano: at(10) }))], { kind: 'summary' }),
    ],
  ])('%s: accepted, counted, nothing stored', async (what, metric) => {
    const service = `marker ${what}`;
    for (const door of ['HTTP/protobuf', 'HTTP/JSON'] as const)
      expect(await stage.send(service, [metric], { door })).toMatchObject({
        httpStatus: 200,
        rejected: 0,
        message: '',
      });
    expect(await rowsOf(service)).toBe(0);
    expect(await reasonsOf(stage.sql, service)).toMatchObject({ no_recorded_value: 2 });
  });

  it('is bit 0 of the flags, whatever the other bits', async () => {
    await stage.send('bits', [gauge([number(undefined, 10, 7, { flags: 2 }), number(undefined, 20, 0, { flags: 3 })])]);
    expect(await minutesOf(stage.sql, 'bits', additiveName)).toMatchObject([{ last: 7 }]);
    expect(await reasonsOf(stage.sql, 'bits')).toEqual({ no_recorded_value: 1 });
  });

  it('its value is not read, whatever it says', async () => {
    await stage.send('valued', [
      gauge([number(undefined, 10, 7), number(undefined, 20, 99, { flags: 1 })]),
      gauge([number(undefined, 10, 0.5), number(undefined, 20, 0.9, { flags: 1 })], maxName),
      counter([number(0, 10, 5), number(0, 20, 9, { flags: 1 })]),
    ]);
    expect(await minutesOf(stage.sql, 'valued', additiveName)).toMatchObject([{ last: 7 }]);
    expect(await minutesOf(stage.sql, 'valued', maxName)).toMatchObject([{ min: 0.5, max: 0.5, last: 0.5 }]);
    expect(await minutesOf(stage.sql, 'valued', counterName)).toMatchObject([{ sum: 5 }]);
  });
});

describe('nothing else of the point is checked', () => {
  it.each<[string, MetricTree]>([
    ['no value', counter([number(0, 10, undefined, { flags: 1 })])],
    ['NaN', gauge([number(undefined, 10, Number.NaN, { flags: 1 })])],
    ['a negative count of a counter', counter([number(0, 10, -1, { flags: 1 })])],
    ['no time', counter([{ ...marker(10, 0), timeUnixNano: 0n }])],
    ['40 days old', counter([marker(-40 * 86_400)])],
    ['a day ahead', counter([marker(86_400)])],
    ['a start after its time', counter([marker(10, 20)])],
    ['counts that are not the buckets', histogram([marked(explicit(0, 10, [1], [1, 2], { count: 7 }))])],
    ['bounds without buckets', histogram([marked(explicit(0, 10, [3, 2, 1], []))])],
    ['an impossible exponential point', exponentialHistogram([marked(exponential(0, 10, { count: 7 }))])],
    ['another kind', counter([marker(10, 0)], { kind: 'gauge', temporality: 'unspecified', isMonotonic: false })],
    ['another unit', counter([marker(10, 0)], { unit: 'ms' })],
    ['no temporality', counter([marker(10, 0)], { temporality: 'unspecified' })],
  ])('%s', async (what, metric) => {
    const service = `unchecked ${what}`;
    expect(await stage.send(service, [metric])).toMatchObject({ httpStatus: 200, rejected: 0, message: '' });
    expect(await rowsOf(service)).toBe(0);
    expect(await reasonsOf(stage.sql, service)).toEqual({ no_recorded_value: 1 });
  });

  it('nor is it one stream too many: it takes no place among them', async () => {
    const service = 'many-streams';
    const points = Array.from({ length: MAX_STREAMS_PER_FAMILY }, (_, id) =>
      number(0, 10, 1, { attributes: { id: BigInt(id) } }),
    );
    expect(await stage.send(service, [counter(points)])).toMatchObject({ rejected: 0 });
    const beyond = number(0, 10, 1, { attributes: { id: BigInt(MAX_STREAMS_PER_FAMILY) } });
    expect(await stage.send(service, [counter([beyond])])).toMatchObject({ rejected: 1 });
    expect(await stage.send(service, [counter([marked(beyond)])])).toMatchObject({ rejected: 0, message: '' });
    expect(await reasonsOf(stage.sql, service)).toEqual({ no_recorded_value: 1, stream_limit: 1 });
  });
});

describe("a counter's baseline stays as it is", () => {
  it.each([false, true])(
    'the next point adds what it gained since the last recorded one (restart: %s)',
    async (isRestarted) => {
      const service = `baseline-${isRestarted}`;
      await stage.send(service, [counter([number(0, 10, 100), marker(20, 0)])]);
      await stage.send(service, [histogram([explicit(0, 10, [1], [2, 0]), marked(explicit(0, 20, [], []))])]);
      if (isRestarted) await stage.restart();
      const effects = await stage.effects(service, [
        counter([number(0, 30, 130)]),
        histogram([explicit(0, 30, [1], [2, 3])]),
      ]);
      expect(effects).toEqual([
        { added: 30, reasons: [] },
        { added: 3, reasons: [] },
      ]);
    },
  );

  it('a marker is no point of its sender: it makes no one known', async () => {
    await stage.send('unknown', [counter([marker(0, -3_600)])]);
    const [effect] = await stage.effects('unknown', [counter([number(-3_600, 400, 40)])]);
    expect(effect).toEqual({ added: 0, reasons: ['baseline'] });
  });

  it('a marker is no point between two with start = time', async () => {
    const points = [number(10, 10, 1), number(20, 20, 2), marker(25, 25), number(30, 30, 3), number(40, 40, 7)];
    expect((await stage.effects('equal-starts', [counter(points)])).map(({ added }) => added)).toEqual([0, 0, 0, 0, 4]);
  });

  it('a marker covers no interval of a delta', async () => {
    const effects = await stage.effects('delta', [counter([marker(20, 10), number(10, 20, 4)], delta)]);
    expect(effects.map(({ added }) => added)).toEqual([0, 4]);
  });
});

describe('an additive gauge keeps its contribution to that minute, but nothing is filled across the marker', () => {
  const lasts = async (service: string) =>
    (await minutesOf(stage.sql, service, additiveName)).map(({ minute, last }) => [minute, last]);
  const pod = (name: string) => ({ attributes: { pod: name } });

  it.each([false, true])('over a restart: %s', async (isRestarted) => {
    const service = `contribution-${isRestarted}`;
    await stage.send(service, [gauge([number(undefined, 10, 3), number(undefined, 10, 10, pod('b')), marker(20)])]);
    expect(await lasts(service)).toEqual([[0, 13]]);
    if (isRestarted) await stage.restart();
    await stage.send(service, [gauge([number(undefined, 30, 5)])]);
    expect(await lasts(service)).toEqual([[0, 15]]);
    await stage.send(service, [gauge([marker(40)])]);
    if (isRestarted) await stage.restart();
    await stage.send(service, [gauge([number(undefined, 200, 7)])]);
    expect(await lasts(service)).toEqual([
      [0, 15],
      [3, 7],
    ]);
  });

  it('is filled again after the next recorded value', async () => {
    await stage.send('again', [
      gauge([number(undefined, 10, 3), marker(20), number(undefined, 130, 4), number(undefined, 250, 5)]),
    ]);
    expect(await lasts('again')).toEqual([
      [0, 3],
      [2, 4],
      [3, 4],
      [4, 5],
    ]);
  });

  it('a marker that comes late lies not between the newest point and the next', async () => {
    await stage.send('late', [gauge([number(undefined, 30, 3), marker(20), number(undefined, 150, 4)])]);
    expect(await lasts('late')).toEqual([
      [0, 3],
      [1, 3],
      [2, 4],
    ]);
  });

  it('a delta UpDownCounter alike: the running value goes on after it', async () => {
    await stage.send('running', [upDown([number(0, 10, 3), marker(20, 10), number(20, 150, 1)], additiveName, delta)]);
    expect(await lasts('running')).toEqual([
      [0, 3],
      [2, 4],
    ]);
  });
});
