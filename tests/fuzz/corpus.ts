import type { Random } from '@command-center/infra/demo/random';
import type { AttributeValue, KeyValue, Signal } from '@command-center/sidecar/decode/records';
import { encodeJson } from '@command-center/sidecar/decode/testing/encodeJson';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { BareLog, BarePoint, BareSpan, MetricTree, Trees } from '@command-center/sidecar/decode/testing/trees';
import { strangeLog, strangePoint, strangeSpan } from './strange.ts';

/** Requests as collectors and SDKs send them, some with a record that cannot be: what the mutations start from. */

const STRANGE_SHARE = 0.25;

export const signals = ['metrics', 'logs', 'traces'] as const satisfies readonly Signal[];

export interface Sound {
  readonly protobuf: Buffer;
  readonly json: Buffer;
}
export type Corpus = Readonly<Record<Signal, readonly [Sound, ...Sound[]]>>;

const SECOND_NS = 1_000_000_000n;
const services = ['chat', 'voice', 'gateway'] as const;
const routes = ['/api/v1/guilds/{id}', '/api/v1/messages', '/health'] as const;

/** `size` requests a signal, with times within the hour before `endMs`. */
export function makeCorpus(random: Random, size: number, endMs: number): Corpus {
  const many = <S extends Signal>(signal: S, make: () => Trees[S]): [Sound, ...Sound[]] => {
    const one = (): Sound => {
      const tree = make();
      return { protobuf: Buffer.from(encodeProtobuf(signal, tree)), json: Buffer.from(encodeJson(signal, tree)) };
    };
    return [one(), ...Array.from({ length: size - 1 }, one)];
  };
  const timeNs = (): bigint => BigInt(endMs) * 1_000_000n - BigInt(random.integer(1, 3_600_000)) * 1_000_000n;
  return {
    metrics: many('metrics', () =>
      around(
        random,
        Array.from({ length: random.integer(1, 3) }, () => metricOf(random, timeNs())),
      ),
    ),
    logs: many('logs', () =>
      around(
        random,
        Array.from({ length: random.integer(1, 3) }, () => orStrange(random, logOf(random, timeNs()), strangeLog)),
      ),
    ),
    traces: many('traces', () =>
      around(
        random,
        Array.from({ length: random.integer(1, 3) }, () => orStrange(random, spanOf(random, timeNs()), strangeSpan)),
      ),
    ),
  };
}

function around<Item>(random: Random, items: readonly Item[]) {
  const attributes = [
    attribute('service.name', random.pick(services)),
    attribute('service.instance.id', random.hex(8)),
    attribute('deployment.environment.name', 'production'),
  ];
  const scope = { name: 'express', version: '1.0', attributes: [attribute('short', true)], items };
  return [{ attributes, scopes: [scope] }];
}

function orStrange<T>(random: Random, record: T, strange: (random: Random, record: T) => T): T {
  return random.chance(STRANGE_SHARE) ? strange(random, record) : record;
}

function attribute(key: string, value: AttributeValue): KeyValue {
  return { key, value };
}

type Shape = Omit<MetricTree, 'points'> & { readonly points: (random: Random, timeNs: bigint) => BarePoint };

const gauge = { kind: 'gauge', temporality: 'unspecified', isMonotonic: false, points: numberPoint } as const;
const distribution = { unit: 's', isMonotonic: false } as const;

/** Every kind and temporality, known to the contract and unknown. */
const shapes: readonly [Shape, ...Shape[]] = [
  { name: 'kaiku_ws_connections_active', unit: '{connection}', ...gauge },
  { name: 'process.memory.usage', unit: 'By', ...gauge },
  { name: 'nobody.knows.this', unit: '1', ...gauge },
  ...(['delta', 'cumulative'] as const).flatMap((temporality): Shape[] => [
    {
      name: 'kaiku_ws_messages_total',
      unit: '{message}',
      kind: 'sum',
      temporality,
      isMonotonic: true,
      points: numberPoint,
    },
    { name: 'db.client.connection.count', unit: '', kind: 'sum', temporality, isMonotonic: false, points: numberPoint },
    { name: 'http.server.request.duration', ...distribution, kind: 'histogram', temporality, points: histogramPoint },
    {
      name: 'http.server.request.duration',
      ...distribution,
      kind: 'exponentialHistogram',
      temporality,
      points: exponentialPoint,
    },
    {
      name: 'kaiku_http_request_duration_ms',
      unit: 'ms',
      kind: 'histogram',
      temporality,
      isMonotonic: false,
      points: histogramPoint,
    },
  ]),
  {
    name: 'http.server.request.duration',
    ...distribution,
    kind: 'summary',
    temporality: 'unspecified',
    points: summaryPoint,
  },
];

function metricOf(random: Random, timeNs: bigint): MetricTree {
  const { points, ...metric } = random.pick(shapes);
  const times = Array.from({ length: random.integer(1, 2) }, (_, index) => timeNs + BigInt(index) * 10n * SECOND_NS);
  return { ...metric, points: times.map((time) => orStrange(random, points(random, time), strangePoint)) };
}

function baseOf(random: Random, timeNs: bigint) {
  return {
    attributes: [
      attribute('http.request.method', random.pick(['GET', 'POST'])),
      attribute('http.route', random.pick(routes)),
      attribute('http.response.status_code', BigInt(random.pick([200, 404, 500]))),
      attribute('pod', random.hex(4)),
    ],
    startTimeUnixNano: timeNs - BigInt(random.pick([10, 60, 7_200])) * SECOND_NS,
    timeUnixNano: timeNs,
    flags: random.chance(0.05) ? 1 : 0,
  };
}

function numberPoint(random: Random, timeNs: bigint): BarePoint {
  return { type: 'number', ...baseOf(random, timeNs), value: random.integer(0, 10_000) };
}

function histogramPoint(random: Random, timeNs: bigint): BarePoint {
  const bucketCounts = Array.from({ length: 5 }, () => random.integer(0, 40));
  const count = bucketCounts.reduce((sum, one) => sum + one, 0);
  const explicitBounds = [0.005, 0.05, 0.5, 5];
  return {
    type: 'histogram',
    ...baseOf(random, timeNs),
    count,
    sum: count / 8,
    min: 0.001,
    max: 6,
    bucketCounts,
    explicitBounds,
  };
}

function exponentialPoint(random: Random, timeNs: bigint): BarePoint {
  const counts = Array.from({ length: random.integer(1, 20) }, () => random.integer(0, 9));
  const count = counts.reduce((sum, one) => sum + one, 0) + 2;
  return {
    type: 'exponentialHistogram',
    ...baseOf(random, timeNs),
    count,
    sum: count / 4,
    min: 0,
    max: 9,
    scale: random.integer(-1, 8),
    zeroCount: 2,
    zeroThreshold: 0,
    positive: { offset: random.integer(-10, 10), bucketCounts: counts },
    negative: { offset: 0, bucketCounts: [] },
  };
}

function summaryPoint(random: Random, timeNs: bigint): BarePoint {
  return { type: 'summary', ...baseOf(random, timeNs), count: random.integer(0, 900), sum: 12.5 };
}

function idOf(random: Random, bytes: number): Uint8Array {
  return new Uint8Array(Buffer.from(random.hex(bytes * 2), 'hex'));
}

const bodies: readonly [AttributeValue, ...AttributeValue[]] = [
  'database pool exhausted after 30 s',
  { entries: [attribute('message', 'login failed'), attribute('domain', 'auth'), attribute('attempt', 3n)] },
  ['first', 2n, 0.5, false],
  new Uint8Array([1, 2, 3]),
];

function logOf(random: Random, timeNs: bigint): BareLog {
  return {
    timeUnixNano: random.chance(0.9) ? timeNs : 0n,
    observedTimeUnixNano: timeNs + SECOND_NS,
    severityNumber: random.pick([9, 13, 17, 21]),
    severityText: random.pick(['', 'WARN', 'ERROR']),
    eventName: random.pick(['', 'pool.exhausted']),
    body: random.pick(bodies),
    attributes: [
      attribute('request_id', random.hex(12)),
      attribute('exception.type', 'TimeoutError'),
      attribute('exception.message', 'no answer from 10.0.0.1'),
      attribute('user.email', 'someone@example.org'),
    ],
    flags: 1,
    traceId: idOf(random, 16),
    spanId: idOf(random, 8),
  };
}

function spanOf(random: Random, timeNs: bigint): BareSpan {
  const isDatabase = random.chance(0.3);
  return {
    traceId: idOf(random, 16),
    spanId: idOf(random, 8),
    parentSpanId: random.chance(0.5) ? new Uint8Array() : idOf(random, 8),
    name: isDatabase ? 'SELECT * FROM users' : 'GET /api/v1/messages',
    kind: isDatabase ? 3 : 2,
    startTimeUnixNano: timeNs - BigInt(random.integer(0, 2_000_000_000)),
    endTimeUnixNano: timeNs,
    attributes: isDatabase
      ? [attribute('db.system.name', 'postgresql'), attribute('db.operation.name', 'SELECT')]
      : [attribute('http.route', random.pick(routes)), attribute('http.response.status_code', 200n)],
    statusCode: random.pick([0, 1, 2]),
    flags: 1,
  };
}
