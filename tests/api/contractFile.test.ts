import { setTimeout as wait } from 'node:timers/promises';
import { config } from '@command-center/contract/api/config';
import { summary } from '@command-center/contract/api/summary';
import { type TrendSeries, trends } from '@command-center/contract/api/trends';
import { createContract } from '@command-center/contract/contract';
import { exampleFile } from '@command-center/contract/contractFile/example';
import { parseContractFile } from '@command-center/contract/contractFile/parse';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { readSettings } from '@command-center/contract/settings/settings';
import { type Sidecar, startSidecar } from '@command-center/sidecar/main';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { base, openStage, type Stage } from './stage.ts';

/** The file that docs/contract.md shows, through a real sidecar and the API (contract.md §1, §4, §6). */

const nowMs = Date.now();
/** Whole, and long enough ago to be closed for the API's clock. */
const minuteMs = (Math.floor(nowMs / 60_000) - 3) * 60_000;
const summaryDeadlineMs = 30_000;

let stage: Stage;
let sidecar: Sidecar;

beforeAll(async () => {
  const parsed = parseContractFile(exampleFile);
  if (!parsed.isValid) throw new Error(JSON.stringify(parsed.problems));
  const contract = createContract(parsed.file);
  stage = await openStage(nowMs, {}, contract);
  const settings = readSettings({
    COMMAND_CENTER_OTLP_GRPC_PORT: '0',
    COMMAND_CENTER_OTLP_HTTP_PORT: '0',
    COMMAND_CENTER_SIDECAR_PORT: '0',
  });
  sidecar = await startSidecar({ settings, contract, databaseUrl: stage.databaseUrl, log: () => undefined });
});
afterAll(async () => {
  await sidecar.stop();
  await stage.close();
});

type Labels = Readonly<Record<string, string>>;

async function send(service: string, ...metrics: readonly object[]): Promise<void> {
  const resource = { attributes: attributesOf({ 'service.name': service }) };
  const answer = await fetch(`http://127.0.0.1:${sidecar.http.port}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }),
  });
  expect(await answer.json()).toEqual({});
  expect(answer.status).toBe(httpOk);
}

function attributesOf(labels: Labels): object[] {
  return Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

const times = { startTimeUnixNano: `${minuteMs}000000`, timeUnixNano: `${minuteMs + 10_000}000000` };

function counter(name: string, asDouble: number, labels: Labels = {}): object {
  const dataPoints = [{ ...times, asDouble, attributes: attributesOf(labels) }];
  return { name, sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints } };
}

function gauge(name: string, asDouble: number): object {
  return { name, gauge: { dataPoints: [{ ...times, asDouble }] } };
}

function histogram(name: string, labels: Labels, unit?: string): object {
  const point = { ...times, count: '4', sum: 100, bucketCounts: ['0', '4', '0'], explicitBounds: [20, 30] };
  const dataPoints = [{ ...point, attributes: attributesOf(labels) }];
  return { name, ...(unit === undefined ? {} : { unit }), histogram: { aggregationTemporality: 1, dataPoints } };
}

async function read(query: string): Promise<TrendSeries[]> {
  return trends.parse(await stage.read(`${base}/trends?range=1h&${query}`)).series;
}

describe('a metric of the file', () => {
  test('is stored with its labels alone, and read by /trends', async () => {
    await send('shop', counter('shop_orders_total', 5, { outcome: 'success', region: 'eu', 'user.id': '7' }));
    expect(await read('metric=shop_orders_total&by=outcome&where=service.name:shop')).toMatchObject([
      { unit: '{order}', kind: 'counter', labels: { outcome: 'success' }, points: [{ sum: 5 }] },
    ]);
    const stored = await stage.sql`SELECT labels FROM telemetry_metric_series WHERE metric_name = 'shop_orders_total'`;
    expect(stored).toEqual([{ labels: { outcome: 'success', 'service.name': 'shop' } }]);
  });

  test('is heard under its aliases, with their factor, and asked for by them', async () => {
    await send('thousands', counter('shop_orders_thousands', 2));
    expect(await read('metric=shop.orders&where=service.name:thousands')).toMatchObject([
      { metric_name: 'shop_orders_total', points: [{ sum: 2000 }] },
    ]);
  });

  test('adds up the parts that its aliases are', async () => {
    await send('shop', gauge('shop_carts_full', 3), gauge('shop_carts_empty', 4));
    const [all] = await read('metric=shop_carts');
    expect(all?.points).toMatchObject([{ value: 7 }]);
    const [full] = await read('metric=shop_carts_full');
    expect(full).toMatchObject({ labels: { quality: 'good' }, points: [{ value: 3 }] });
  });

  test('is no metric without the file', async () => {
    const plain = await openStage(nowMs);
    const answer = await plain.ask(`${base}/trends?range=1h&metric=shop_orders_total`);
    expect(answer.status).toBe(reasons.invalid_parameter.httpStatus);
    await plain.close();
  });
});

describe('a built-in metric that the file changes', () => {
  const name = 'http.server.request.duration';

  test('keeps the labels of the file, in the store and as parameters', async () => {
    await send('api', histogram(name, { 'http.route': '/a', 'http.request.method': 'GET' }, 'ms'));
    const stored = await stage.sql`SELECT labels FROM telemetry_metric_series WHERE metric_name = ${name}`;
    expect(stored).toEqual([{ labels: { 'http.route': '/a', 'service.name': 'api' } }]);
    const answer = await stage.ask(`${base}/trends?range=1h&metric=${name}&by=http.request.method`);
    expect(answer.status).toBe(reasons.invalid_parameter.httpStatus);
  });

  test('is heard under an alias of the file: selected, in its unit', async () => {
    await send('edge', histogram('shop_request_ms', { 'http.route': '/b', 'span.kind': 'SPAN_KIND_SERVER' }));
    await send('inner', histogram('shop_request_ms', { 'http.route': '/b', 'span.kind': 'SPAN_KIND_CLIENT' }));
    const [edge] = await read('metric=shop_request_ms&where=service.name:edge');
    expect(edge).toMatchObject({
      metric_name: name,
      unit: 's',
      points: [{ count: 4, sum: 0.1, p95_lo: expect.closeTo(0.02, 2), p95_hi: expect.closeTo(0.03, 2) }],
    });
    expect(await read('metric=shop_request_ms&where=service.name:inner')).toMatchObject([{ points: [] }]);
  });
});

describe('the rest of the file', () => {
  test('is the matrix of services that the leader judges', async () => {
    const deadline = Date.now() + summaryDeadlineMs;
    for (;;) {
      const { services, written_at } = summary.parse(await stage.read(`${base}/summary`));
      expect(services.map(({ id, name }) => [id, name])).toEqual([
        ['http_api', 'HTTP API'],
        ['postgresql', 'Orders database'],
        ['shop', 'Shop'],
      ]);
      if (written_at !== null) break;
      if (Date.now() > deadline) throw new Error('no summary was written');
      await wait(100);
    }
  });

  test('and what Valkey is used for', async () => {
    expect(config.parse(await stage.read(`${base}/config`)).valkey_used_for).toBe('carts and sessions');
  });
});
