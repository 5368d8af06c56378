import { httpOk } from '@command-center/contract/reasons';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { BarePoint, MetricTree } from '@command-center/sidecar/decode/testing/trees';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';

/** What the fuzz runs found, each as the smallest request that shows it. */

let database: Awaited<ReturnType<typeof freshDatabase>>;
let sidecar: SidecarProcess;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sidecar = await startSidecar(database.url);
  sql = postgres(database.url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await sidecar.stop();
  await database.drop();
});

type Fields<T = BarePoint> = T extends BarePoint
  ? Omit<T, 'attributes' | 'startTimeUnixNano' | 'timeUnixNano' | 'flags'>
  : never;

async function post(service: string, metric: Omit<MetricTree, 'points'>, fields: Fields): Promise<number> {
  const timeUnixNano = BigInt(Date.now()) * 1_000_000n;
  const base = { attributes: [], startTimeUnixNano: timeUnixNano - 10_000_000_000n, timeUnixNano, flags: 0 };
  const points = [{ ...base, ...fields }];
  const scope = { name: '', version: '', attributes: [], items: [{ ...metric, points }] };
  const tree = [{ attributes: [{ key: 'service.name', value: service }], scopes: [scope] }];
  const body = new Uint8Array(encodeProtobuf('metrics', tree));
  const headers = { 'content-type': 'application/x-protobuf' };
  const answer = await fetch(`${sidecar.http}/v1/metrics`, { method: 'POST', headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

async function stored(service: string): Promise<unknown> {
  const [row] = await sql`
    SELECT value_count::text, value_sum, value_p50 FROM telemetry_open_windows AS w
    JOIN telemetry_metric_series AS s ON s.id = w.series_id WHERE s.labels->>'service.name' = ${service}`;
  return row;
}

const counter = { name: 'kaiku_ws_messages_total', unit: '{message}', kind: 'sum', temporality: 'delta' } as const;
const duration = { unit: 's', kind: 'histogram', temporality: 'delta', isMonotonic: false } as const;

describe('numbers that no column was made for cost no request its records', () => {
  it('a counter that grows by more than a bigint holds', async () => {
    expect(await post('huge', { ...counter, isMonotonic: true }, { type: 'number', value: 1e300 })).toBe(httpOk);
    expect(await stored('huge')).toMatchObject({ value_sum: 1e300, value_count: String(Number.MAX_SAFE_INTEGER) });
  });

  it('a histogram that counts more than a bigint holds', async () => {
    const point = { type: 'histogram', count: 2 ** 63, sum: 1, min: undefined, max: undefined } as const;
    const metric = { ...duration, name: 'db.client.operation.duration' };
    expect(await post('counts', metric, { ...point, bucketCounts: [], explicitBounds: [] })).toBe(httpOk);
    expect(await stored('counts')).toMatchObject({ value_count: String(Number.MAX_SAFE_INTEGER) });
  });

  it.each([
    { what: 'larger', extreme: 1e300, real: 3.402823e38 },
    { what: 'smaller', extreme: 1e-300, real: 0 },
  ])('a percentile $what than a real holds', async ({ what, extreme, real }) => {
    const point = { type: 'histogram', count: 1, sum: extreme, min: extreme, max: extreme } as const;
    const metric = { ...duration, name: 'db.client.operation.duration' };
    expect(await post(what, metric, { ...point, bucketCounts: [1, 0], explicitBounds: [1] })).toBe(httpOk);
    expect(await stored(what)).toMatchObject({ value_p50: expect.closeTo(real, -36) });
  });
});

describe('sources of one metric that take turns in one batch (contract.md §4, "One source counts")', () => {
  it('are decided, however often they take over: the batch is stored', async () => {
    const minuteMs = 60_000;
    const histogram = (name: string, unit: string, minutesAgo: number) => {
      const timeMs = Date.now() - minutesAgo * minuteMs;
      const times = { startTimeUnixNano: `${timeMs - 10_000}000000`, timeUnixNano: `${timeMs}000000` };
      const point = { ...times, count: '1', sum: 1, bucketCounts: ['1', '0'], explicitBounds: [5] };
      return { name, unit, histogram: { aggregationTemporality: 1, dataPoints: [point] } };
    };
    const older = (minutesAgo: number) => histogram('kaiku_http_request_duration_ms', 'ms', minutesAgo);
    const stable = (minutesAgo: number) => histogram('http.server.request.duration', 's', minutesAgo);
    const metrics = [older(50), stable(45), older(20), stable(44), older(5), stable(30)];
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'both' } }] };
    const body = JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${sidecar.http}/v1/metrics`, { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toEqual([httpOk, {}]);
  });
});
