import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamEntry } from '../aggregate/block.ts';
import type { Window } from '../aggregate/window.ts';
import { curator, nowMs } from '../curate/testing/records.ts';
import { PointTable } from '../decode/pointTable.ts';
import { decodeProtobuf } from '../decode/protobuf.ts';
import { encodeProtobuf } from '../decode/testing/encodeProtobuf.ts';
import type { BarePoint, MetricTree } from '../decode/testing/trees.ts';
import { buildBatch } from './build.ts';
import { curateRequest } from './curateRequest.ts';
import { foldDraft } from './draft.ts';
import { createMemory, type Memory, SeriesSlot } from './memory.ts';
import { seriesKey } from './places.ts';

/** The reference takes the same points as objects, which never go the fast lane. */
const metrics: readonly Omit<MetricTree, 'points'>[] = [
  {
    name: 'kaiku_http_requests_total',
    unit: '{request}',
    kind: 'sum',
    temporality: 'cumulative',
    isMonotonic: true,
  },
  {
    name: 'db.client.connection.count',
    unit: '{connection}',
    kind: 'sum',
    temporality: 'cumulative',
    isMonotonic: false,
  },
  { name: 'kaiku_ws_connections_active', unit: '', kind: 'gauge', temporality: 'unspecified', isMonotonic: false },
  { name: 'process.memory.usage', unit: 'MiBy', kind: 'gauge', temporality: 'unspecified', isMonotonic: false },
  {
    name: 'http.server.request.duration',
    unit: 'ms',
    kind: 'histogram',
    temporality: 'cumulative',
    isMonotonic: false,
  },
  { name: 'kaiku_ws_messages_total', unit: '', kind: 'sum', temporality: 'delta', isMonotonic: true },
];

const boundsLists = [[1, 2, 5], [1, 2], []];

/** Few streams, starts and times, so that they meet; times mostly move on as they do in life, sometimes back, sometimes far. */
const sent = fc.record({
  metric: fc.nat({ max: metrics.length - 1 }),
  pod: fc.nat({ max: 2 }),
  status: fc.constantFrom(200n, 500n),
  stepMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 40_000 }) },
    fc.integer({ min: -90_000, max: 400_000 }),
  ),
  extraNs: fc.constantFrom(0, 1, 999_999),
  start: fc.constantFrom('old', 'old', 'old', 'old', 'new', 'none', 'time'),
  growth: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 9 }) }, fc.integer({ min: -30, max: -1 })),
  bounds: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat({ max: 2 })),
  hasSum: fc.boolean(),
  isMarker: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
});

type Sent = typeof sent extends fc.Arbitrary<infer T> ? T : never;

const MS = 1_000_000n;

/** Requests of several points each; every stream has a value that grows, and now and then falls. */
function requestsOf(batches: readonly (readonly Sent[])[]): Uint8Array[] {
  let timeMs = nowMs - 3_600_000;
  const values = new Map<string, number>();
  return batches.map((batch) =>
    encodeProtobuf('metrics', [
      {
        attributes: [{ key: 'service.name', value: 'api' }],
        scopes: [
          {
            name: 's',
            version: '',
            attributes: [],
            items: batch.flatMap((one): MetricTree[] => {
              const metric = metrics[one.metric];
              if (metric === undefined) return [];
              timeMs += one.stepMs;
              const key = `${one.metric} ${one.pod}`;
              const value = Math.max(0, (values.get(key) ?? 0) + one.growth);
              values.set(key, value);
              return [{ ...metric, points: [pointOf(one, metric, timeMs, value)] }];
            }),
          },
        ],
      },
    ]),
  );
}

function pointOf(one: Sent, metric: Omit<MetricTree, 'points'>, timeMs: number, value: number): BarePoint {
  const timeUnixNano = BigInt(timeMs) * MS + BigInt(one.extraNs);
  const starts = {
    old: BigInt(nowMs - 7_200_000) * MS,
    new: BigInt(nowMs - 3_700_000) * MS,
    none: 0n,
    time: timeUnixNano,
  };
  const base = {
    attributes: [
      { key: 'pod', value: `pod-${one.pod}` },
      { key: 'http.route', value: '/a' },
      { key: 'http.response.status_code', value: one.status },
    ],
    startTimeUnixNano:
      metric.temporality === 'delta' ? timeUnixNano - 10_000n * MS : starts[one.start as keyof typeof starts],
    timeUnixNano,
    flags: one.isMarker ? 1 : 0,
  };
  if (metric.kind !== 'histogram') return { type: 'number', ...base, value };
  const explicitBounds = boundsLists[one.bounds] ?? [];
  const bucketCounts = explicitBounds.length === 0 ? [] : [value, ...explicitBounds.map((bound) => value * bound)];
  const count = bucketCounts.reduce((sum, n) => sum + n, bucketCounts.length === 0 ? value : 0);
  const sum = one.hasSum ? count * 1.5 : undefined;
  return { type: 'histogram', ...base, count, sum, min: 0, max: undefined, bucketCounts, explicitBounds };
}

interface Outcome {
  readonly windows: ReadonlyMap<number, Window>;
  readonly streams: ReadonlyMap<string, StreamEntry>;
  readonly counted: readonly string[];
}

/** Builds and folds batch after batch; where `isDropped` says so, a batch is built, dropped and built again, as after a conflict. */
function run(requests: readonly Uint8Array[], isPlain: boolean, isDropped: (index: number) => boolean): Outcome {
  const memory = createMemory(1);
  const { points, log, span } = curator();
  const counted: string[] = [];
  let series = 0;
  requests.forEach((bytes, index) => {
    const decoded = decodeProtobuf('metrics', bytes);
    if (decoded.signal !== 'metrics') throw new Error('metrics decode to metrics');
    const records = isPlain ? PointTable.from([...decoded.records]) : decoded.records;
    const curated = curateRequest({ points, log, span }, { ...decoded, records });
    for (const stream of curated.points.streams)
      for (const target of stream?.targets ?? []) {
        if (memory.series.has(seriesKey(target))) continue;
        series += 1;
        const slot = { id: series, fromMinuteMs: -Infinity, overflowId: null, isOverflow: false, askedAtMs: 0 };
        memory.series.set(seriesKey(target), new SeriesSlot(slot));
      }
    if (isDropped(index)) buildBatch(memory, [curated], new Set(), Number.NEGATIVE_INFINITY);
    const built = buildBatch(memory, [curated], new Set(), Number.NEGATIVE_INFINITY);
    counted.push(JSON.stringify([...(built.rejected[0] ?? [])]), ...talliesOf(built.draft.tally));
    foldDraft(memory, built.draft);
  });
  return { windows: memory.windows, streams: streamsOf(memory), counted };
}

function talliesOf(tally: {
  rows(names: { name(n: string): string; service(s: string): string }): unknown[];
}): string[] {
  const names = { name: (name: string) => name, service: (service: string) => service };
  return tally.rows(names).map((row) => JSON.stringify(row));
}

function streamsOf(memory: Memory): Map<string, StreamEntry> {
  const nodes = [...memory.families.values()].flatMap((family) => [...family.slots.values()]);
  return new Map(nodes.flatMap((slot) => [...slot.committed.streams]).sort());
}

describe('the fast lane', () => {
  it('gives the windows, states and counts of the plain step, in any batching and with batches that were built twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(sent, { minLength: 1, maxLength: 12 }), { maxLength: 8 }),
        fc.nat(),
        (batches, drops) => {
          const requests = requestsOf(batches);
          const fast = run(requests, false, (index) => ((drops >> (index % 30)) & 1) === 1);
          const plain = run(requests, true, () => false);
          expect(new Map([...fast.windows].sort())).toEqual(new Map([...plain.windows].sort()));
          expect(fast.streams).toEqual(plain.streams);
          expect(fast.counted).toEqual(plain.counted);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('takes the usual point', () => {
    const usual: Sent = {
      metric: 0,
      pod: 0,
      status: 200n,
      stepMs: 10_000,
      extraNs: 0,
      start: 'old',
      growth: 5,
      bounds: 0,
      hasSum: true,
      isMarker: false,
    };
    for (const metric of [0, 1, 2, 3, 4]) {
      const requests = requestsOf([[{ ...usual, metric }], [{ ...usual, metric }]]);
      const table = decodeProtobuf('metrics', requests[1] ?? new Uint8Array()).records;
      if (!(table instanceof PointTable)) throw new Error('metrics decode to a table');
      const read: number[] = [];
      const content = table.content.bind(table);
      table.content = (row) => {
        read.push(row);
        return content(row);
      };
      const memory = createMemory(1);
      const { points, log, span } = curator();
      requests.forEach((bytes, index) => {
        const decoded = decodeProtobuf('metrics', bytes);
        if (decoded.signal !== 'metrics') throw new Error('metrics decode to metrics');
        const records = index === 1 ? table : decoded.records;
        const curated = curateRequest({ points, log, span }, { ...decoded, records });
        for (const target of curated.points.streams[0]?.targets ?? []) {
          const slot = {
            id: memory.series.size + 1,
            fromMinuteMs: -Infinity,
            overflowId: null,
            isOverflow: false,
            askedAtMs: 0,
          };
          if (!memory.series.has(seriesKey(target))) memory.series.set(seriesKey(target), new SeriesSlot(slot));
        }
        foldDraft(memory, buildBatch(memory, [curated], new Set(), Number.NEGATIVE_INFINITY).draft);
      });
      expect(read).toEqual([]);
    }
  });
});
