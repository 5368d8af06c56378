import process from 'node:process';
import { decodeJson } from './json.ts';
import { decodeProtobuf } from './protobuf.ts';
import type { AttributeValue, KeyValue, Signal } from './records.ts';
import { encodeJson } from './testing/encodeJson.ts';
import { encodeProtobuf } from './testing/encodeProtobuf.ts';
import { reflectionDecoder } from './testing/reflection.ts';
import type { BareLog, BarePoint, BareSpan, MetricTree, ResourceTree, Trees } from './testing/trees.ts';

/** `node sidecar/src/decode/decode.bench.ts`: items decoded a CPU second, for each kind of item, by the walk, by JSON, and by protobufjs' reflection. */

export interface DecodeBench {
  readonly kind: string;
  readonly items: number;
  readonly bytes: number;
  /** Items a CPU second (user and system). */
  readonly protobuf: number;
  readonly json: number;
  readonly reflection: number;
  /** Items that the last pass of each decoder gave: the same three times, or the bench measures nothing. */
  readonly check: readonly number[];
}

export interface DecodeBenchSize {
  /** Items of a request. */
  readonly items: number;
  /** CPU milliseconds a decoder is given. */
  readonly cpuMs: number;
}

const nowNano = 1_760_000_000_000_000_000n;

export function runDecodeBench({ items, cpuMs }: DecodeBenchSize): DecodeBench[] {
  const index = Array.from({ length: items }, (_, at) => at);
  return [
    measure('number points', 'metrics', metricsOf('sum', index.map(numberPoint)), items, cpuMs),
    measure('explicit histograms', 'metrics', metricsOf('histogram', index.map(histogramPoint)), items, cpuMs),
    measure(
      'exponential histograms',
      'metrics',
      metricsOf('exponentialHistogram', index.map(exponentialPoint)),
      items,
      cpuMs,
    ),
    measure('log records', 'logs', requestOf(index.map(logRecord)), items, cpuMs),
    measure('spans', 'traces', requestOf(index.map(span)), items, cpuMs),
  ];
}

function measure<S extends Signal>(kind: string, signal: S, tree: Trees[S], items: number, cpuMs: number): DecodeBench {
  const bytes = encodeProtobuf(signal, tree);
  const json = Buffer.from(encodeJson(signal, tree));
  const reflect = reflectionDecoder(signal);
  const protobufPass = passes(() => decodeProtobuf(signal, bytes).records.length, cpuMs);
  const jsonPass = passes(() => decodeJson(signal, json).records.length, cpuMs);
  const reflectionPass = passes(() => countItems(reflect(bytes)), cpuMs);
  return {
    kind,
    items,
    bytes: bytes.length,
    protobuf: Math.round(items * protobufPass.perSecond),
    json: Math.round(items * jsonPass.perSecond),
    reflection: Math.round(items * reflectionPass.perSecond),
    check: [protobufPass.result, jsonPass.result, reflectionPass.result],
  };
}

function passes(decode: () => number, cpuMs: number): { perSecond: number; result: number } {
  let result = decode();
  const warm = process.cpuUsage();
  while (cpuMsSince(warm) < cpuMs / 4) result = decode();
  const start = process.cpuUsage();
  let count = 0;
  do {
    result = decode();
    count++;
  } while (cpuMsSince(start) < cpuMs);
  return { perSecond: (count * 1000) / cpuMsSince(start), result };
}

function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Leaves of a decoded message: points of metrics, else items. */
function countItems(message: object): number {
  const groups = listAt(message, 'resourceGroups').flatMap((group) => listAt(group, 'scopeGroups'));
  const items = groups.flatMap((group) => listAt(group, 'items'));
  const data = ['gauge', 'sum', 'histogram', 'exponentialHistogram'];
  const points = items.flatMap((item) => data.flatMap((name) => listAt(Reflect.get(item, name) ?? {}, 'dataPoints')));
  return points.length > 0 ? points.length : items.length;
}

function listAt(message: object, name: string): object[] {
  const list: unknown = Reflect.get(message, name);
  return Array.isArray(list) ? list : [];
}

function requestOf<Item>(items: readonly Item[]): readonly ResourceTree<Item>[] {
  const attributes = attributesOf({
    'service.name': 'chat',
    'deployment.environment.name': 'production',
    'service.version': '1.2.3',
    'host.name': 'node-1',
  });
  return [{ attributes, scopes: [{ name: 'bench', version: '1', attributes: [], items }] }];
}

function metricsOf(kind: MetricTree['kind'], points: readonly BarePoint[]): Trees['metrics'] {
  return requestOf([
    {
      name: 'http.server.request.duration',
      unit: 's',
      kind,
      temporality: 'cumulative',
      isMonotonic: kind === 'sum',
      points,
    },
  ]);
}

function attributesOf(values: Readonly<Record<string, AttributeValue>>): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function labelsAt(at: number): KeyValue[] {
  return attributesOf({
    'http.request.method': at % 2 === 0 ? 'GET' : 'POST',
    'http.route': `/api/things/${at % 50}`,
    'http.response.status_code': BigInt(200 + (at % 5)),
  });
}

function baseAt(at: number) {
  return { attributes: labelsAt(at), startTimeUnixNano: nowNano, timeUnixNano: nowNano + BigInt(at), flags: 0 };
}

function numberPoint(at: number): BarePoint {
  return { type: 'number', ...baseAt(at), value: at * 1.5 };
}

const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

function histogramPoint(at: number): BarePoint {
  const bucketCounts = [0, ...bounds].map((_, bucket) => (at * bucket) % 300);
  const count = bucketCounts.reduce((total, one) => total + one, 0);
  return {
    type: 'histogram',
    ...baseAt(at),
    count,
    sum: at / 3,
    min: 0.001,
    max: 9,
    bucketCounts,
    explicitBounds: bounds,
  };
}

function exponentialPoint(at: number): BarePoint {
  const bucketCounts = Array.from({ length: 100 }, (_, bucket) => (at * bucket) % 300);
  const count = bucketCounts.reduce((total, one) => total + one, 0);
  const positive = { offset: -50, bucketCounts };
  const negative = { offset: 0, bucketCounts: [] };
  return {
    type: 'exponentialHistogram',
    ...baseAt(at),
    count,
    sum: at / 3,
    min: 0.001,
    max: 9,
    scale: 5,
    zeroCount: 0,
    zeroThreshold: 0,
    positive,
    negative,
  };
}

function idAt(at: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, byte) => (at * 31 + byte) & 0xff);
}

function logRecord(at: number): BareLog {
  return {
    timeUnixNano: nowNano + BigInt(at),
    observedTimeUnixNano: nowNano,
    severityNumber: 17,
    severityText: 'ERROR',
    eventName: '',
    body: `request ${at} failed: connection refused by the upstream after 3 tries`,
    attributes: labelsAt(at),
    flags: 1,
    traceId: idAt(at, 16),
    spanId: idAt(at, 8),
  };
}

function span(at: number): BareSpan {
  return {
    traceId: idAt(at, 16),
    spanId: idAt(at, 8),
    parentSpanId: idAt(at + 1, 8),
    name: 'GET /api/things',
    kind: 2,
    startTimeUnixNano: nowNano,
    endTimeUnixNano: nowNano + BigInt(at),
    attributes: labelsAt(at),
    statusCode: at % 2,
    flags: 1,
  };
}

if (import.meta.main) {
  const results = runDecodeBench({ items: 1000, cpuMs: 1000 });
  for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
  process.stdout.write(
    `${JSON.stringify({ bench: 'decode', itemsPerCpuSecond: Object.fromEntries(results.map(({ kind, protobuf }) => [kind, protobuf])) })}\n`,
  );
}
