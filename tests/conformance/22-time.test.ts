import { isReasonCode, type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { BarePoint, MetricTree } from '@command-center/sidecar/decode/testing/trees';
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
  minuteZeroMs,
  number,
  upDown,
} from './metrics.ts';
import { metricOf, summaryPoint } from './requests.ts';
import { sendJson } from './send.ts';

const stage = useMetricStage();
const delta = { temporality: 'delta' } as const;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const nanoseconds = (ms: number): bigint => BigInt(ms) * 1_000_000n;

/** A metric of each kind; all points of a kind's metric take the time. */
const kinds: readonly (readonly [string, MetricTree])[] = [
  ['cumulative sum', counter([number(0, 10, 3)])],
  ['delta sum', counter([number(0, 10, 3)], delta)],
  ['additive gauge', gauge([number(undefined, 10, 3)])],
  ['gauge', gauge([number(undefined, 10, 0.5)], maxName)],
  ['UpDownCounter', upDown([number(0, 10, 3)])],
  ['histogram', histogram([explicit(0, 10, [1], [2, 0])])],
  ['exponential histogram', exponentialHistogram([exponential(0, 10, { positive: [0, 2] })])],
  ['summary', metricOf(histogramName, [summaryPoint()], { kind: 'summary' })],
];

function timed(metric: MetricTree, timeUnixNano: bigint, startTimeUnixNano = 0n): MetricTree {
  return {
    ...metric,
    points: metric.points.map((point): BarePoint => ({ ...point, timeUnixNano, startTimeUnixNano })),
  };
}

async function expectRejected(
  service: string,
  metric: MetricTree,
  reason: ReasonCode,
  door: 'HTTP/protobuf' | 'HTTP/JSON',
) {
  const neighbour = gauge([number(undefined, 10, 7)], 'kaiku_voice_rooms_active');
  const answer = await stage.send(service, [metric, neighbour], { door });
  expect(answer).toMatchObject({ httpStatus: 200, rejected: 1 });
  expect(answer.message).toContain(reasons[reason].text);
  expect(await minutesOf(stage.sql, service, metric.name)).toEqual([]);
  expect(await minutesOf(stage.sql, service, 'kaiku_voice_rooms_active')).toMatchObject([{ last: 7 }]);
}

describe.each(['HTTP/protobuf', 'HTTP/JSON'] as const)('over %s', (door) => {
  describe('time 0 on a point is rejected: arrival would be another time at each retry', () => {
    it.each(kinds)('%s', async (kind, metric) => {
      const service = `0 ${kind} ${door}`;
      await expectRejected(service, timed(metric, 0n), 'no_time', door);
      expect(await reasonsOf(stage.sql, service)).toEqual({ no_time: 1 });
      // Sent again it is the same answer, not another row.
      await expectRejected(service, timed(metric, 0n), 'no_time', door);
    });
  });

  describe.each([
    ['older than 30 days', -30 * DAY_MS - 1_000, 'too_old'],
    ['the year 1970', 1 - Date.now(), 'too_old'],
    ['more than 10 min ahead', 10 * MINUTE_MS + 20_000, 'too_new'],
    ['the year 2400', 400 * 365 * DAY_MS, 'too_new'],
  ] as const)('%s: partial success', (what, offsetMs, reason) => {
    it.each(kinds)('%s', async (kind, metric) => {
      await expectRejected(`${what} ${kind} ${door}`, timed(metric, nanoseconds(Date.now() + offsetMs)), reason, door);
    });
  });

  it.each([
    ['29 days and 23 hours old', -30 * DAY_MS + 60 * MINUTE_MS],
    ['30 days old but for a few seconds', -30 * DAY_MS + 20_000],
    ['9 min 40 s ahead', 10 * MINUTE_MS - 20_000],
  ])('%s is stored', async (what, offsetMs) => {
    const service = `${what} ${door}`;
    const time = Date.now() + offsetMs;
    const metric = timed(counter([number(0, 10, 3)]), nanoseconds(time), nanoseconds(time - 10_000));
    expect(await stage.send(service, [metric], { door })).toMatchObject({ rejected: 0, message: '' });
    expect((await minutesOf(stage.sql, service, counterName)).map(({ sum }) => sum)).toEqual([3]);
  });

  it('nanoseconds are exact to the edge of the minute', async () => {
    const edge = nanoseconds(minuteZeroMs + MINUTE_MS);
    const start = edge - 30_000_000_000n;
    const at = (time: bigint, value: number) => timed(counter([number(0, 10, value)]), time, start);
    await stage.send(`edge ${door}`, [at(edge - 1n, 1), at(edge, 3), at(edge + 1n, 7)], { door });
    const rows = await minutesOf(stage.sql, `edge ${door}`, counterName);
    expect(rows.map(({ minute, sum }) => [minute, sum])).toEqual([
      [0, 3],
      [1, 4],
    ]);
  });

  it('a nanosecond is later, and its start another start', async () => {
    const time = nanoseconds(minuteZeroMs + 10_000);
    const start = time - 10_000_000_000n;
    const at = (later: bigint, value: number, startsLater = 0n) =>
      timed(counter([number(0, 10, value)]), time + later, start + startsLater);
    const buckets = (later: bigint, n: number) => timed(histogram([explicit(0, 10, [1], [n, 0])]), time + later, start);
    const reading = (later: bigint, value: number) => timed(gauge([number(undefined, 10, value)]), time + later);
    const service = `later ${door}`;
    // In turn: each finds its stream as the last one left it.
    for (const metric of [at(0n, 2), at(2n, 5), at(1n, 4), at(2n, 9), at(3n, 1, 1n), at(4n, 6)])
      await stage.send(service, [metric], { door });
    for (const metric of [buckets(0n, 2), buckets(2n, 5), buckets(1n, 9), buckets(3n, 6)])
      await stage.send(service, [metric], { door });
    for (const metric of [reading(0n, 2), reading(2n, 5), reading(1n, 9)])
      await stage.send(service, [metric], { door });
    expect(await minutesOf(stage.sql, service, counterName)).toMatchObject([{ sum: 6 + 1 }]);
    expect(await minutesOf(stage.sql, service, histogramName)).toMatchObject([{ count: 6 }]);
    expect(await minutesOf(stage.sql, service, additiveName)).toMatchObject([{ last: 5 }]);
    expect(await reasonsOf(stage.sql, service)).toEqual({ overtaken: 3, conflicting_duplicate: 1 });
  });

  it('a nanosecond tells two points from one', async () => {
    const time = nanoseconds(minuteZeroMs + 10_000);
    const one = (later: bigint) => timed(counter([number(0, 10, 2)], delta), time + later);
    await stage.send(`apart ${door}`, [one(0n), one(1n), one(1n)], { door });
    expect(await minutesOf(stage.sql, `apart ${door}`, counterName)).toMatchObject([{ sum: 4 }]);
  });
});

describe('start times', () => {
  it('may be older than 30 days: a process may live that long', async () => {
    const old = nanoseconds(minuteZeroMs - 90 * DAY_MS);
    const points = [
      timed(counter([number(0, 10, 5)]), nanoseconds(minuteZeroMs + 10_000), old),
      timed(counter([number(0, 20, 9)]), nanoseconds(minuteZeroMs + 20_000), old),
    ];
    expect(await stage.send('old-start', points)).toMatchObject({ rejected: 0 });
    expect(await minutesOf(stage.sql, 'old-start', counterName)).toMatchObject([{ sum: 4 }]);
  });

  it('after the time of the point are impossible: rejected', async () => {
    await expectRejected('backwards', counter([number(20, 10, 5)]), 'impossible_interval', 'HTTP/protobuf');
    await expectRejected(
      'backwards-delta',
      histogram([explicit(20, 10, [1], [2, 0])], delta),
      'impossible_interval',
      'HTTP/protobuf',
    );
  });

  it('of a gauge are not read', async () => {
    await stage.send('gauge-start', [gauge([number(20, 10, 5)])]);
    expect(await minutesOf(stage.sql, 'gauge-start', additiveName)).toMatchObject([{ last: 5 }]);
  });
});

describe('vector proto-example-metrics', () => {
  const example = (time: string, names: readonly string[]) => {
    const base = {
      startTimeUnixNano: time,
      timeUnixNano: time,
      attributes: [{ key: 'my.attr', value: { stringValue: 'some value' } }],
    };
    const [sum, reading, explicitName, exponentialName] = names;
    return {
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'my.service' } }] },
          scopeMetrics: [
            {
              scope: { name: 'my.library', version: '1.0.0' },
              metrics: [
                {
                  name: sum,
                  sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...base, asDouble: 5 }] },
                },
                { name: reading, gauge: { dataPoints: [{ ...base, asDouble: 10 }] } },
                {
                  name: explicitName,
                  histogram: {
                    aggregationTemporality: 1,
                    dataPoints: [
                      { ...base, count: '2', sum: 2, bucketCounts: ['1', '1'], explicitBounds: [1], min: 0, max: 2 },
                    ],
                  },
                },
                {
                  name: exponentialName,
                  exponentialHistogram: {
                    aggregationTemporality: 1,
                    dataPoints: [
                      {
                        ...base,
                        count: '3',
                        sum: 10,
                        scale: 0,
                        zeroCount: '1',
                        positive: { offset: 1, bucketCounts: ['0', '2'] },
                        min: 0,
                        max: 5,
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    };
  };
  const names = [counterName, additiveName, 'kaiku_voice_jitter_ms', 'kaiku_voice_latency_ms'];

  it('as sent it is older than 30 days: 200 with four points rejected, whether or not the contract knows the names', async () => {
    for (const sent of [names, ['my.counter', 'my.gauge', 'my.histogram', 'my.exponential.histogram']]) {
      const answer = await sendJson(stage, 'metrics', example('1544712660300000000', sent));
      expect(answer).toMatchObject({ httpStatus: 200, rejected: 4 });
      expect(answer.message).toContain(reasons.too_old.text);
    }
    expect(Object.keys(await reasonsOf(stage.sql, 'my.service')).filter(isReasonCode)).toEqual(['too_old']);
  });

  it('moved to now and into the contract: +5, last 10, two values in two buckets, one zero and two in (4, 5]', async () => {
    const now = String(nanoseconds(minuteZeroMs + 300));
    expect(await sendJson(stage, 'metrics', example(now, names))).toMatchObject({ httpStatus: 200, rejected: 0 });
    const read = async (name: string) => (await minutesOf(stage.sql, 'my.service', name))[0];
    expect((await read(counterName))?.sum).toBe(5);
    expect((await read(additiveName))?.last).toBe(10);
    const explicitRow = await read('kaiku_voice_jitter_ms');
    expect(explicitRow).toMatchObject({ count: 2, sum: 2, min: 0, max: 2 });
    expect(spansAsEdges(explicitRow?.spans)).toEqual([
      [0, 1, 1],
      [1, Number.POSITIVE_INFINITY, 1],
    ]);
    const exponentialRow = await read('kaiku_voice_latency_ms');
    expect(exponentialRow).toMatchObject({ count: 3, sum: 10, min: 0, max: 5 });
    expect(spansAsEdges(exponentialRow?.spans)).toEqual([
      [0, 0, 1],
      [4, 8, 2],
    ]);
    expect(exponentialRow?.p95).toBeGreaterThan(4);
    expect(exponentialRow?.p95).toBeLessThanOrEqual(5);
  });
});
