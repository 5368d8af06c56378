import { setTimeout as delay } from 'node:timers/promises';
import { decodeProtobuf } from '@command-center/sidecar/decode/protobuf';
import type { KeyValue, Signal } from '@command-center/sidecar/decode/records';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { BareLog, BarePoint, BareSpan, MetricTree, Trees } from '@command-center/sidecar/decode/testing/trees';

/**
 * A load whose every request can be told from the totals: request k adds 4^k to each delta stream, so the digits of a stored sum, in base 4,
 * say how often each request was counted. Logs and spans carry the number of their request.
 */

/** Requests whose digits fit into the whole numbers of a double. */
export const REQUESTS_PER_GROUP = 24;
export const DIGIT_BASE = 4;
/** Delta streams, log records and spans of one request. */
export const STREAMS = ['a', 'b', 'c', 'd'] as const;
export const RECORDS = 3;
/** What each request adds to the cumulative counter. */
export const CUMULATIVE_STEP = 5;

const INTERVAL_NS = 100_000_000n;
const RETRY_DELAY_MS = 50;
const POST_TIMEOUT_MS = 20_000;

export interface LoadRequest {
  readonly index: number;
  readonly bodies: Readonly<Record<Signal, Uint8Array<ArrayBuffer>>>;
}

export interface Load {
  readonly service: string;
  readonly requests: readonly LoadRequest[];
}

/** Names of the labels that tell groups of requests and streams apart. */
export const streamLabel = (group: number, stream: string): string => `group-${group}-${stream}`;

export function makeLoad(service: string, count: number, nowMs: number = Date.now()): Load {
  const startNs = BigInt(nowMs) * 1_000_000n - BigInt(count + 1) * INTERVAL_NS;
  const requests = Array.from({ length: count }, (_, index): LoadRequest => {
    const start = startNs + BigInt(index) * INTERVAL_NS;
    return {
      index,
      bodies: {
        metrics: encoded('metrics', [resource(service, metricsOf(index, startNs, start, start + INTERVAL_NS))]),
        logs: encoded('logs', [resource(service, logsOf(index, start))]),
        traces: encoded('traces', [resource(service, spansOf(index, start))]),
      },
    };
  });
  return { service, requests };
}

/** The numbers of the requests that an export request's body holds records of. */
export function requestsIn(signal: Signal, body: Uint8Array): Set<number> {
  const decoded = decodeProtobuf(signal, body);
  switch (decoded.signal) {
    case 'metrics':
      return new Set(
        [...decoded.records].flatMap((point) =>
          point.metric.name === 'kaiku_auth_login_attempts_total' && point.type === 'number'
            ? [(point.value ?? 0) / CUMULATIVE_STEP - 1]
            : [],
        ),
      );
    case 'logs':
      return new Set(decoded.records.map(({ attributes }) => Number.parseInt(String(attributes[0]?.value), 10)));
    case 'traces':
      return new Set(decoded.records.map(({ traceId }) => Buffer.from(traceId).readUInt32BE(4)));
  }
}

/** Sends them as an application does: in order, each signal by itself, again until a success is answered. `url`: OTLP/HTTP with scheme. */
export async function send(
  load: Load,
  url: string,
  indexes: readonly number[],
  { deadlineMs = 60_000, token }: { readonly deadlineMs?: number; readonly token?: string } = {},
): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const signals: readonly Signal[] = ['metrics', 'logs', 'traces'];
  await Promise.all(
    signals.map(async (signal) => {
      for (const index of indexes) {
        const body = load.requests[index]?.bodies[signal];
        if (body === undefined) throw new Error(`the load has no request ${index}`);
        while (!(await isAccepted(`${url}/v1/${signal}`, body, token)))
          await delay(RETRY_DELAY_MS, undefined, { signal: deadline });
      }
    }),
  );
}

async function isAccepted(url: string, body: Uint8Array<ArrayBuffer>, token: string | undefined): Promise<boolean> {
  const shown = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/x-protobuf', ...shown };
  const answered = fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(POST_TIMEOUT_MS) });
  const answer = await answered
    .then(async (response) => ({ status: response.status, text: await response.text() }))
    .catch(() => undefined);
  if (answer === undefined || [429, 502, 503, 504].includes(answer.status)) return false;
  if (answer.status === 200) return true;
  throw new Error(`${url} answered ${answer.status}: ${answer.text}`);
}

/** 0, 1, … count - 1, or a part of it. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, step) => from + step);

function encoded<S extends Signal>(signal: S, tree: Trees[S]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(encodeProtobuf(signal, tree));
}

function resource<T>(service: string, items: readonly T[]) {
  return {
    attributes: [{ key: 'service.name', value: service }],
    scopes: [{ name: 'load', version: '1', attributes: [], items }],
  };
}

const label = (key: string, value: string): KeyValue[] => [{ key, value }];

function metricsOf(index: number, firstStart: bigint, start: bigint, time: bigint): MetricTree[] {
  const group = Math.floor(index / REQUESTS_PER_GROUP);
  const digit = DIGIT_BASE ** (index % REQUESTS_PER_GROUP);
  const delta = { startTimeUnixNano: start, timeUnixNano: time, flags: 0 };
  const running = { ...delta, startTimeUnixNano: firstStart, attributes: [] };
  const metric = (own: Omit<MetricTree, 'points'>, points: BarePoint[]): MetricTree => ({ ...own, points });
  return [
    metric(
      { name: 'kaiku_ws_messages_total', unit: '{message}', kind: 'sum', temporality: 'delta', isMonotonic: true },
      STREAMS.map((stream) => ({
        ...delta,
        type: 'number',
        value: digit,
        attributes: label('ws.event_type', streamLabel(group, stream)),
      })),
    ),
    metric(
      { name: 'db.client.operation.duration', unit: 's', kind: 'histogram', temporality: 'delta', isMonotonic: false },
      [
        {
          ...delta,
          type: 'histogram',
          count: digit,
          sum: digit * 0.5,
          min: undefined,
          max: undefined,
          explicitBounds: [0.1, 1],
          bucketCounts: [0, digit, 0],
          attributes: label('db.collection.name', streamLabel(group, 'rows')),
        },
      ],
    ),
    metric(
      {
        name: 'kaiku_auth_login_attempts_total',
        unit: '{attempt}',
        kind: 'sum',
        temporality: 'cumulative',
        isMonotonic: true,
      },
      [{ ...running, type: 'number', value: CUMULATIVE_STEP * (index + 1) }],
    ),
    metric(
      {
        name: 'kaiku_voice_sessions_active',
        unit: '{session}',
        kind: 'sum',
        temporality: 'cumulative',
        isMonotonic: false,
      },
      [{ ...running, type: 'number', value: index + 1 }],
    ),
  ];
}

function logsOf(index: number, start: bigint): BareLog[] {
  return range(0, RECORDS).map((record) => ({
    timeUnixNano: start + BigInt(record) * 1_000n,
    observedTimeUnixNano: 0n,
    severityNumber: 17,
    severityText: 'ERROR',
    eventName: 'store.failed',
    body: 'the session store does not answer',
    attributes: [{ key: 'request_id', value: `${index}-${record}` }],
    flags: 0,
    traceId: new Uint8Array(),
    spanId: new Uint8Array(),
  }));
}

function spansOf(index: number, start: bigint): BareSpan[] {
  return range(0, RECORDS).map((record) => {
    const traceId = Buffer.alloc(16, 1);
    traceId.writeUInt32BE(index, 4);
    traceId.writeUInt32BE(record, 8);
    return {
      traceId,
      spanId: Buffer.alloc(8, 1),
      parentSpanId: new Uint8Array(),
      name: 'GET /api/v1/guilds/{id}',
      kind: 2,
      startTimeUnixNano: start,
      endTimeUnixNano: start + 5_000_000n,
      attributes: [{ key: 'http.route', value: '/api/v1/guilds/{id}' }],
      statusCode: 0,
      flags: 1,
    };
  });
}
