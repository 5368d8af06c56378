import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { BarePoint, MetricTree, Trees } from '@command-center/sidecar/decode/testing/trees';
import { protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Minute, minutesOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import {
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
import { metricsOf } from './requests.ts';
import { sendHttp } from './send.ts';

const stage = useMetricStage();
const delta = { temporality: 'delta' } as const;
const PODS = ['a', 'b'];
const USERS = ['x', 'y', 'z'];
const MAX_LATENESS_S = 300;

/** What one stream reports at a time: what it gained since the report before, and in all. */
interface Report {
  readonly start: number;
  readonly previous: number;
  readonly time: number;
  readonly gained: number;
  readonly total: number;
}

const buckets = (n: number): number[] => [n, 2 * n, 0, 3 * n];
const exponentialOf = (n: number) => ({ scale: 2, zeroCount: n, positive: [-3, n, 0, 2 * n] as const });

/** A metric a way of merging, each with a name of its own, so that nothing competes. */
const kinds: readonly (readonly [
  name: string,
  metric: (points: BarePoint[]) => MetricTree,
  point: (report: Report) => BarePoint,
])[] = [
  [counterName, (points) => counter(points), ({ start, time, total }) => number(start, time, total)],
  [
    'kaiku_ws_reconnects_total',
    (points) => counter(points, delta),
    ({ previous, time, gained }) => number(previous, time, gained),
  ],
  [
    'kaiku_voice_jitter_ms',
    (points) => histogram(points),
    ({ start, time, total }) => explicit(start, time, [1, 2, 5], buckets(total)),
  ],
  [
    'kaiku_voice_latency_ms',
    (points) => histogram(points, delta),
    ({ previous, time, gained }) => explicit(previous, time, [1, 2, 5], buckets(gained)),
  ],
  [
    'kaiku_voice_room_participants',
    (points) => exponentialHistogram(points),
    ({ start, time, total }) => exponential(start, time, exponentialOf(total)),
  ],
  ['kaiku_ws_connections_active', (points) => gauge(points), ({ time, gained }) => number(undefined, time, gained)],
  ['kaiku_voice_rooms_active', (points) => upDown(points), ({ start, time, gained }) => number(start, time, gained)],
  [
    'kaiku_voice_sessions_active',
    (points) => upDown(points, '', delta),
    ({ previous, time, gained }) => number(previous, time, gained),
  ],
  [maxName, (points) => gauge(points), ({ time, gained }) => number(undefined, time, gained)],
];

interface Sent {
  readonly time: number;
  readonly pod: string;
  readonly metric: MetricTree;
}

/** Whole tens meet each other, and the edges of minutes. */
const someSeconds = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 20 }).map((n) => n * 10),
);
const life = fc.record({
  /** When it is first heard: a sender known for over 5 min has new label sets, not unknown history. */
  bornS: fc.nat({ max: 30 }).map((n) => n * 20),
  ageS: fc.nat({ max: 1_500 }),
  steps: fc.array(fc.record({ gapS: someSeconds, gained: fc.nat({ max: 40 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
});
type Life = {
  readonly bornS: number;
  readonly ageS: number;
  readonly steps: readonly { readonly gapS: number; readonly gained: number }[];
};

function reportsOf({ bornS, ageS, steps }: Life): Report[] {
  let time = bornS;
  let total = 0;
  return steps.map(({ gapS, gained }) => {
    const previous = time;
    time += gapS;
    total += gained;
    return { start: bornS - ageS, previous, time, gained, total };
  });
}

/** A life a pod and user; every kind of metric lives it. */
function streamsOf(lives: readonly Life[]): Sent[][] {
  return lives.flatMap((one, index) => {
    const pod = PODS[index % PODS.length] ?? '';
    const attributes = [{ key: 'user', value: USERS[index % USERS.length] ?? '' }];
    return kinds.map(([name, metric, point]) =>
      reportsOf(one).map((report): Sent => {
        const { points, ...rest } = metric([{ ...point(report), attributes }]);
        return { time: report.time, pod, metric: { ...rest, name, points } };
      }),
    );
  });
}

/** An order in which each point is late by up to 5 min and the points of a stream stay in order, as a collector's queue makes it. */
function interleaved(streams: readonly (readonly Sent[])[], latenessS: (index: number) => number): Sent[] {
  let index = 0;
  const arrivals = streams.flatMap((stream) => {
    let arrival = Number.NEGATIVE_INFINITY;
    return stream.map((sent) => {
      arrival = Math.max(arrival, sent.time + latenessS(index++));
      return { sent, arrival };
    });
  });
  return arrivals.sort((a, b) => a.arrival - b.arrival).map(({ sent }) => sent);
}

/** One request: every point in the order given, its pod's resource around it. */
async function post(service: string, sent: readonly Sent[], http: string): Promise<void> {
  const tree: Trees['metrics'] = sent.flatMap(({ pod, metric }) =>
    metricsOf(service, [metric], { resource: { 'service.instance.id': pod } }),
  );
  const answer = await sendHttp({ http }, 'metrics', encodeProtobuf('metrics', tree), protobufType);
  expect(answer).toMatchObject({ httpStatus: 200, rejected: 0 });
}

const at = (list: readonly number[], index: number): number => list[index % list.length] ?? 0;
const draws = fc.array(fc.nat({ max: MAX_LATENESS_S }), { minLength: 5, maxLength: 40 });

/** Of every kind; percentiles are of the spans, which are compared, and are null where a restart left two writers. */
async function rowsOf(service: string): Promise<Omit<Minute, 'labels' | 'p50' | 'p95' | 'p99'>[]> {
  const all = await Promise.all(kinds.map(([name]) => minutesOf(stage.sql, service, name)));
  return all.flat().map(({ labels, p50, p95, p99, ...row }) => row);
}

let runs = 0;

describe('merging after the allowlist, 2 pods, 3 users', () => {
  it('any interleaving and any batching give the same rows, over restarts, retries and two sidecars', async () => {
    const other = await stage.startAnother();
    const lives = fc.array(life, { minLength: PODS.length * USERS.length, maxLength: PODS.length * USERS.length });
    await fc.assert(
      fc.asyncProperty(lives, draws, draws, async (own, lateness, cuts) => {
        runs += 1;
        const streams = streamsOf(own);
        const plain = `plain-${runs}`;
        await post(
          plain,
          interleaved(streams, () => 0),
          stage.http,
        );
        const service = `mixed-${runs}`;
        const order = interleaved(streams, (index) => at(lateness, index));
        for (let from = 0, batch = 0; from < order.length; batch += 1) {
          const size = 1 + at(cuts, batch);
          const cut = order.slice(from, from + size);
          from += size;
          if (at(cuts, batch) % 7 === 0) await stage.restart();
          const http = at(cuts, batch) % 3 === 0 ? other : stage.http;
          await post(service, cut, http);
          // The answer was lost: the same points come again, wherever they then arrive.
          if (at(cuts, batch) % 5 === 0) await post(service, cut, stage.http);
        }
        expect(await rowsOf(service)).toEqual(await rowsOf(plain));
      }),
      { numRuns: 12, seed: 21, endOnFailure: true },
    );
    const [dropped] = await stage.sql<{ count: number }[]>`
      SELECT sum(count)::float8 AS count FROM telemetry_intake WHERE outcome = 'dropped' AND reason IN ('label_dropped', 'forbidden_key') AND name = 'user'`;
    expect(dropped?.count).toBeGreaterThan(0);
  }, 120_000);

  const shuffle = fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: 20 });
  const cumulative = kinds.filter((_, index) => index === 0 || index === 2 || index === 4);

  it.each([
    ['of a young process: in any order', 60, 0],
    ['of an old one: in any order after its first point', 3_600, 1],
  ])('reordering within a cumulative stream gives the same totals, %s', async (_, ageS, kept) => {
    const steps = fc.array(fc.record({ gapS: fc.integer({ min: 1, max: 80 }), gained: fc.nat({ max: 40 }) }), {
      minLength: 2,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(steps, shuffle, async (lived, keys) => {
        runs += 1;
        const reports = reportsOf({ bornS: 0, ageS, steps: lived });
        const last = reports.at(-1)?.total ?? 0;
        const expected = ageS === 60 ? last : last - (reports[0]?.total ?? 0);
        const order = [
          ...reports.slice(0, kept),
          ...reports
            .slice(kept)
            .map((report, index) => ({ report, key: at(keys, index) }))
            .sort((a, b) => a.key - b.key)
            .map(({ report }) => report),
        ];
        const service = `reordered-${runs}`;
        for (const report of order) {
          const metrics = cumulative.map(([name, metric, point]) => ({ ...metric([point(report)]), name }));
          await stage.send(service, metrics);
        }
        const totals = await Promise.all(
          cumulative.map(async ([name]) => {
            const rows = await minutesOf(stage.sql, service, name);
            return rows.reduce((sum, row) => sum + ((row.spans === null ? row.sum : row.count) ?? 0), 0);
          }),
        );
        expect(totals).toEqual([expected, 6 * expected, 4 * expected]);
      }),
      { numRuns: 10, seed: 22, endOnFailure: true },
    );
  });
});
