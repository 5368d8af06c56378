import { randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { reasons } from '@command-center/contract/reasons';
import postgres, { type Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from './stage.ts';

const MEBIBYTE = 2 ** 20;

let stage: Stage;
let sql: Sql;
beforeAll(async () => {
  stage = await openStage({ COMMAND_CENTER_OTLP_MAX_BODY_BYTES: String(8 * MEBIBYTE) });
  sql = postgres(stage.databaseUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await stage.close();
});

const json = { 'content-type': 'application/json' };
const protobuf = { 'content-type': 'application/x-protobuf' };

function post(body: string | Uint8Array, headers: Record<string, string>, path = '/v1/metrics'): Promise<Response> {
  return fetch(`${stage.sidecar.http}${path}`, { method: 'POST', headers, body: Buffer.from(body) });
}

/** A request with one gauge point, as JSON; `asDouble` is JSON's text. */
function gauge(asDouble: string): string {
  const point = `{"timeUnixNano":"${Date.now()}000000","asDouble":${asDouble}}`;
  const metric = `{"name":"kaiku_ws_connections_active","unit":"{connection}","gauge":{"dataPoints":[${point}]}}`;
  return `{"resourceMetrics":[{"resource":{},"scopeMetrics":[{"metrics":[${metric}]}]}]}`;
}

async function storedRows(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    SELECT ((SELECT count(*) FROM telemetry_open_windows) + (SELECT count(*) FROM telemetry_metric_samples) +
      (SELECT count(*) FROM telemetry_log_events) + (SELECT count(*) FROM telemetry_trace_index))::integer AS count`;
  return row?.count ?? Number.NaN;
}

afterEach(async () => {
  // Whatever was sent: alive, and good data still flows.
  expect(stage.sidecar.isAlive()).toBe(true);
  const answer = await post(gauge('7'), json);
  expect([answer.status, await answer.json()]).toEqual([200, {}]);
  await sql`TRUNCATE telemetry_open_windows, telemetry_metric_samples`;
});

describe('what cannot be decoded is refused as a whole, and nothing of it is stored', () => {
  it.each([
    {
      what: 'truncated protobuf',
      body: Uint8Array.of(0x0a, 0x7f, 0x0a, 0x05),
      headers: protobuf,
      reason: 'undecodable',
    },
    { what: 'truncated JSON', body: gauge('7').slice(0, -3), headers: json, reason: 'undecodable' },
    {
      what: 'a foreign content type',
      body: gauge('7'),
      headers: { 'content-type': 'text/plain' },
      reason: 'unsupported_media_type',
    },
    {
      what: 'protobuf said to be gzip',
      body: Uint8Array.of(1, 2, 3),
      headers: { ...protobuf, 'content-encoding': 'gzip' },
      reason: 'undecodable',
    },
    {
      what: 'an unknown compression',
      body: gauge('7'),
      headers: { ...json, 'content-encoding': 'snappy' },
      reason: 'unsupported_encoding',
    },
    {
      what: '5 MB of nonsense',
      body: randomFillSync(new Uint8Array(5_000_000)),
      headers: protobuf,
      reason: 'undecodable',
    },
    {
      what: '5 MB of nonsense as JSON',
      body: '{'.concat('"a" '.repeat(1_250_000)),
      headers: json,
      reason: 'undecodable',
    },
    { what: '5 million brackets as JSON', body: '['.repeat(5_000_000), headers: json, reason: 'too_large' },
    { what: 'more than the limit', body: new Uint8Array(9 * MEBIBYTE), headers: protobuf, reason: 'too_large' },
  ] as const)('$what: $reason', async ({ body, headers, reason }) => {
    for (const path of ['/v1/metrics', '/v1/logs', '/v1/traces']) {
      const answer = await post(body, headers, path);
      expect([path, answer.status]).toEqual([path, reasons[reason].httpStatus]);
      await answer.arrayBuffer();
    }
    expect(await storedRows()).toBe(0);
  });

  it('a gzip bomb is cut off at the limit: a gigabyte is never held', async () => {
    const bomb = gzipSync(new Uint8Array(1024 * MEBIBYTE));
    const before = await residentBytes();
    const answer = await post(bomb, { ...protobuf, 'content-encoding': 'gzip' });
    expect(answer.status).toBe(reasons.too_large.httpStatus);
    expect((await residentBytes()) - before).toBeLessThan(200 * MEBIBYTE);
    expect(await storedRows()).toBe(0);
  });
});

describe('what decodes but can never be accepted is rejected by partial success, and nothing of it is stored', () => {
  it.each([
    { what: 'a point whose double JSON made null', value: 'null', reason: reasons.no_value },
    { what: 'NaN', value: '"NaN"', reason: reasons.not_finite },
    { what: 'infinity', value: '"Infinity"', reason: reasons.not_finite },
  ])('$what', async ({ value, reason }) => {
    const answer = await post(gauge(value), json);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      // proto3 JSON writes 64-bit integers as strings.
      partialSuccess: { rejectedDataPoints: '1', errorMessage: expect.stringContaining(reason.text) },
    });
    expect(await storedRows()).toBe(0);
  });

  it('the good point beside a bad one is stored', async () => {
    const [good, bad] = [gauge('3'), gauge('null')];
    const body = good.replace(/\]\}$/, `,${bad.slice(bad.indexOf('[') + 1)}`);
    const answer = await post(body, json);
    expect(await answer.json()).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } });
    expect(await storedRows()).toBe(1);
  });
});

/** VmRSS of the sidecar; NaN where there is no /proc, which fails the comparison. */
async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${stage.sidecar.pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
