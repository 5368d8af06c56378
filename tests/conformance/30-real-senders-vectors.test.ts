import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultyDoor, faultyGrpc, faultyHttp, inOrder, type Plan } from '../collector/faults.ts';
import { makeLoad } from '../collector/load.ts';
import { missing } from '../collector/programs.ts';
import { openStage, type Stage, toSidecar } from '../collector/stage.ts';
import { storedRows } from '../collector/tables.ts';
import { type CollectorProcess, freePorts, startCollector } from '../processes/collector.ts';

/**
 * Vectors 13 to 17 of otlp-reference.md §E, from the collector's side: gateway.yaml with an exporter for each, all fed with the same logs, so that
 * their waits pass at the same time.
 */

const reason = missing('otelcol');
const SERVICE = 'vectors';
const RECORDS = 3;
const LIMIT_BYTES = 64 * 1_024;
const OVER_LIMIT_BYTES = 200_000;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

/** An exporter's own defaults, and waits so short that only a hint explains a long one. */
const defaults = '{initial_interval: 5s, max_interval: 30s, max_elapsed_time: 300s}';
const quick = '{initial_interval: 50ms, max_interval: 100ms, max_elapsed_time: 300s}';

/** The first request meets this, computed when it comes; all others pass. */
function first(fault: () => ReturnType<Plan>): Plan {
  let isFirst = true;
  return () => {
    const met = isFirst ? fault() : undefined;
    isFirst = false;
    return met;
  };
}

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toUTCString();

const exporters = {
  'otlp_grpc/unavailable': { retry: defaults, plan: inOrder([{ status: UNAVAILABLE, hint: '1' }]) },
  'otlp_grpc/bare': { retry: quick, plan: inOrder([{ status: RESOURCE_EXHAUSTED }]) },
  'otlp_grpc/informed': { retry: quick, plan: inOrder([{ status: RESOURCE_EXHAUSTED, hint: '0' }]) },
  'otlp_http/seconds': { retry: quick, plan: inOrder([{ status: 503, hint: '2' }]) },
  'otlp_http/date': { retry: quick, plan: first(() => ({ status: 503, hint: inSeconds(4) })) },
  'otlp_http/past-date': { retry: quick, plan: inOrder([{ status: 503, hint: 'Wed, 21 Oct 2015 07:28:00 GMT' }]) },
  'otlp_http/fraction': { retry: quick, plan: inOrder([{ status: 503, hint: '1.5' }]) },
  'otlp_http/too-long': { retry: quick, plan: inOrder([{ status: 503, hint: '600' }]) },
} as const;
type Name = keyof typeof exporters;
const names = Object.keys(exporters) as Name[];

let stage: Stage;
let gateway: CollectorProcess;
let metricsUrl: string;
const doors = new Map<Name, FaultyDoor>();

beforeAll(async () => {
  if (reason !== undefined) return;
  stage = await openStage({ COMMAND_CENTER_OTLP_MAX_BODY_BYTES: String(LIMIT_BYTES) });
  const sidecar = stage.sidecar();
  for (const name of names) {
    const { plan } = exporters[name];
    doors.set(
      name,
      name.startsWith('otlp_grpc') ? await faultyGrpc(sidecar.grpc, plan) : await faultyHttp(sidecar.http, plan),
    );
  }
  const [port] = await freePorts(1);
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  const direct = `{endpoint: "${sidecar.grpc}", tls: {insecure: true}, compression:`;
  const changes = [
    ...names.map((name) => {
      const { address } = doorOf(name);
      const endpoint = name.startsWith('otlp_grpc') ? address : `http://${address}`;
      return `exporters::${name}: {endpoint: "${endpoint}", tls: {insecure: true}, retry_on_failure: ${exporters[name].retry}}`;
    }),
    `exporters::otlp_grpc/plain: ${direct} none}`,
    `exporters::otlp_grpc/packed: ${direct} gzip}`,
    `service::pipelines::logs::exporters: [${names.join(', ')}]`,
    'service::pipelines::traces::exporters: [otlp_grpc/plain, otlp_grpc/packed]',
    `service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${port}, without_type_suffix: true, without_units: true}}}}]`,
  ];
  gateway = await startCollector({ file: 'gateway.yaml', changes, environment: toSidecar(sidecar) });
  const body = makeLoad(SERVICE, 1).requests[0]?.bodies.logs;
  if (body === undefined) throw new Error('no load');
  await post('logs', body);
  await post('traces', oversized());
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  for (const door of doors.values()) await door.close();
  await stage?.close();
});

function doorOf(name: Name): FaultyDoor {
  const door = doors.get(name);
  if (door === undefined) throw new Error(`no door for ${name}`);
  return door;
}

async function post(signal: 'logs' | 'traces', body: Uint8Array<ArrayBuffer>): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf' };
  const { status } = await fetch(`${gateway.http}/v1/${signal}`, { method: 'POST', headers, body });
  expect(status).toBe(200);
}

/** One span that is small packed and over the limit unpacked. */
function oversized(): Uint8Array<ArrayBuffer> {
  const startTimeUnixNano = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId: Buffer.alloc(16, 7),
    spanId: Buffer.alloc(8, 7),
    parentSpanId: new Uint8Array(),
    name: 'GET /large',
    kind: 2,
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano + 1_000_000n,
    attributes: [{ key: 'padding', value: 'a'.repeat(OVER_LIMIT_BYTES) }],
    statusCode: 0,
    flags: 1,
  };
  const scope = { name: 'load', version: '1', attributes: [], items: [span] };
  const tree = [{ attributes: [{ key: 'service.name', value: SERVICE }], scopes: [scope] }];
  return Uint8Array.from(encodeProtobuf('traces', tree));
}

/** Milliseconds between the first and the second attempt, once there are two. */
async function firstWait(name: Name): Promise<number> {
  const { attempts } = doorOf(name);
  await expect.poll(() => attempts.length, { timeout: 20_000, interval: 10 }).toBe(2);
  return (attempts[1]?.atMs ?? 0) - (attempts[0]?.atMs ?? 0);
}

/** What the collector says it failed to send for good. */
async function sendFailed(signal: 'log_records' | 'spans', exporter: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const line = text
    .split('\n')
    .find(
      (each) => each.startsWith(`otelcol_exporter_send_failed_${signal}{`) && each.includes(`exporter="${exporter}"`),
    );
  return Number(line?.split(' ').at(-1) ?? 0);
}

describe('vector 13, grpc-over-limit: a request that can never fit is refused without RetryInfo', () => {
  it.for(['plain', 'packed'])('the collector drops it at once (%s)', async (name, { skip }) => {
    if (reason !== undefined) skip(reason);
    await expect.poll(() => sendFailed('spans', `otlp_grpc/${name}`), { timeout: 10_000 }).toBe(1);
    expect(gateway.log()).toMatch(new RegExp(`otlp_grpc/${name}.*not retryable.*ResourceExhausted`));
    expect(await storedRows(stage.sql, 'telemetry_trace_index', SERVICE)).toBe(0);
  });
});

describe('vector 14, grpc-unavailable-retryinfo', () => {
  it("a hint shorter than the collector's own backoff does not hasten it", { timeout: 30_000 }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const waitMs = await firstWait('otlp_grpc/unavailable');
    expect(waitMs).toBeGreaterThanOrEqual(2_400);
    expect(waitMs).toBeLessThan(9_000);
  });
});

describe('vector 15, grpc-exhausted-bare and with-info', () => {
  it('RESOURCE_EXHAUSTED by itself: dropped', async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    await expect.poll(() => sendFailed('log_records', 'otlp_grpc/bare')).toBe(RECORDS);
    expect(doorOf('otlp_grpc/bare').attempts).toHaveLength(1);
  });

  it('with RetryInfo of 0 s: tried again', async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    expect(await firstWait('otlp_grpc/informed')).toBeLessThan(1_000);
    expect(await sendFailed('log_records', 'otlp_grpc/informed')).toBe(0);
  });
});

describe('vector 16, http-503-retry-after', () => {
  it.for([
    { name: 'otlp_http/seconds', minMs: 1_990, maxMs: 4_000 },
    // A date has whole seconds: four ahead are between three and four.
    { name: 'otlp_http/date', minMs: 2_900, maxMs: 6_000 },
    { name: 'otlp_http/past-date', minMs: 20, maxMs: 1_450 },
    { name: 'otlp_http/fraction', minMs: 20, maxMs: 1_450 },
  ] as const)(
    '$name: the next try comes $minMs to $maxMs ms later',
    { timeout: 30_000 },
    async ({ name, minMs, maxMs }, { skip }) => {
      if (reason !== undefined) skip(reason);
      const waitMs = await firstWait(name);
      expect(waitMs).toBeGreaterThanOrEqual(minMs);
      expect(waitMs).toBeLessThan(maxMs);
    },
  );
});

describe('vector 17, hint-too-long: why hints are capped', () => {
  it('a hint past max_elapsed_time: dropped at once', async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    await expect.poll(() => sendFailed('log_records', 'otlp_http/too-long')).toBe(RECORDS);
    expect(doorOf('otlp_http/too-long').attempts).toHaveLength(1);
    expect(gateway.log()).toMatch(/otlp_http\/too-long.*no more retries left/);
  });
});

describe('all of them together', () => {
  it('the same records by every exporter are stored once', async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    await expect.poll(() => doorOf('otlp_grpc/unavailable').attempts.length, { timeout: 20_000 }).toBe(2);
    await gateway.stop();
    expect(await storedRows(stage.sql, 'telemetry_log_events', SERVICE)).toBe(RECORDS);
  });
});
