import type { StoredSummary } from '@command-center/contract/api/summary';
import { createContract, defaultContract } from '@command-center/contract/contract';
import { readSettings } from '@command-center/contract/settings/settings';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leaderSettings } from './settings.ts';
import { createSummariser } from './summarise.ts';
import {
  additiveRow,
  counterRow,
  gaugeRow,
  histogramRow,
  minuteBefore,
  openTelemetry,
  type Telemetry,
} from './testing/telemetry.ts';

let telemetry: Telemetry;
beforeEach(async () => {
  telemetry = await openTelemetry();
});
afterEach(() => telemetry.close());

function summariser(env: Record<string, string> = {}, contract = defaultContract) {
  const own = createSummariser(leaderSettings(readSettings(env)), new Date(telemetry.nowMs), contract);
  return async (): Promise<StoredSummary> => {
    const summary = await telemetry.sql.begin((tx) => own.summarise(tx, 7));
    own.committed();
    return summary;
  };
}

const orders = { 'service.name': 'orders', 'deployment.environment.name': 'production' };
const route = { ...orders, 'http.route': '/orders/{id}', 'http.request.method': 'GET' };
/** The newest minute that is complete whenever the test runs. */
const complete = (): number => minuteBefore(telemetry.nowMs, 2);

async function busyHour(): Promise<void> {
  const requests = await telemetry.series('kaiku_http_requests_total', route);
  const probes = await telemetry.series('kaiku_http_requests_total', { ...route, 'http.route': '/healthz' });
  const failed = await telemetry.series('kaiku_http_errors_total', { ...route, 'http.response.status_code': '503' });
  const missed = await telemetry.series('kaiku_http_errors_total', { ...route, 'http.response.status_code': '404' });
  const duration = await telemetry.series('http.server.request.duration', route);
  for (let ago = 0; ago < 60; ago += 1) {
    const at = minuteBefore(telemetry.nowMs, ago);
    const bounds = [0.1, 0.2, 0.4];
    await telemetry.write(
      1,
      counterRow(requests, at, 60),
      counterRow(probes, at, 600),
      counterRow(failed, at, 6),
      counterRow(missed, at, 30),
      histogramRow(duration, at, bounds, [50, 0, 10, 0]),
    );
    await telemetry.write(2, counterRow(requests, at, 60), counterRow(failed, at, 6));
  }
}

describe('the summary says what is wrong, of what, and since when (contract.md §6)', () => {
  test('of a database without telemetry: unknown, and nothing is drawn well', async () => {
    const summary = await summariser()();
    expect(summary.verdict).toMatchObject({ status: 'unknown', reason: 'Nothing has been heard yet' });
    for (const sign of Object.values(summary.vital_signs)) {
      expect(sign).toMatchObject({ value: null, colour: null, unknown: true, age_s: null });
      expect(sign.sparkline).toHaveLength(60);
    }
    expect(Object.fromEntries(summary.services.map(({ id, status }) => [id, status]))).toEqual({
      http_api: 'unknown',
      websocket_hub: 'unknown',
      voice_sfu: 'unknown',
      postgresql: 'healthy',
      valkey: 'unconfigured',
      s3: 'unconfigured',
      otel_pipeline: 'unknown',
    });
    expect(summary.alerts).toEqual([]);
  });

  test('of the services, metrics and probe routes of a contract file', async () => {
    await busyHour();
    const carts = await telemetry.series('shop_carts', orders);
    await telemetry.write(1, additiveRow(carts, complete(), 0));
    const contract = createContract({
      metrics: [{ name: 'shop_carts', kind: 'gauge', unit: '{cart}', merge: 'sum', signal: 'traffic' }],
      probe_routes: ['/orders/*'],
      services: [
        { id: 'postgresql' },
        {
          id: 'shop',
          name: 'Shop',
          healthy_when: 'carts are open',
          conditions: [
            { type: 'fresh', metric: 'shop_carts' },
            { type: 'above_zero', metric: 'shop_carts' },
          ],
        },
      ],
    });
    const { services, verdict, vital_signs: signs } = await summariser({}, contract)();
    expect(services).toMatchObject([
      { id: 'postgresql', name: 'PostgreSQL', status: 'healthy' },
      { id: 'shop', name: 'Shop', status: 'degraded', reason: 'shop_carts is 0' },
    ]);
    expect(verdict).toMatchObject({ status: 'degraded', reason: 'Shop: shop_carts is 0' });
    // /healthz is none of this file's probe routes, /orders/{id} is.
    expect(signs.traffic.value).toBe(10);
  });

  test('the four signs, writers merged and probe routes left out', async () => {
    await busyHour();
    const { vital_signs: signs, verdict, metadata, services, alerts } = await summariser()();
    expect(signs.traffic).toMatchObject({ value: 2, n: 120, unit: '/s', colour: null, unknown: false });
    expect(signs.errors).toMatchObject({ value: 10, colour: 'red', unit: '%' });
    expect(signs.errors.numerator).toBe((signs.errors.n ?? 0) / 10);
    expect(signs.latency).toMatchObject({ colour: 'yellow', quality: 'bounded', unit: 'ms', unknown: false });
    expect(signs.latency.lo).toBeGreaterThanOrEqual(195);
    expect(signs.latency.hi).toBeLessThanOrEqual(410);
    expect(signs.latency.subject).toBe('p95 over 5 min, slowest: orders /orders/{id}');
    expect(signs.saturation).toMatchObject({ unknown: true, value: null });
    expect(signs.traffic.sparkline.filter(({ value }) => value === 2).length).toBeGreaterThanOrEqual(57);
    expect(signs.errors.sparkline.filter(({ value }) => value === 10).length).toBeGreaterThanOrEqual(57);
    expect(verdict).toMatchObject({ status: 'degraded' });
    expect(verdict.reason).toContain('Errors is 10 % (red above 5 %)');
    expect(metadata).toMatchObject({ service: 'orders', environment: 'production' });
    expect(services.find(({ id }) => id === 'http_api')?.status).toBe('healthy');
    expect(alerts.map(({ signal, colour }) => [signal, colour])).toEqual([
      ['API error rate (5xx)', 'red'],
      ['API p95 latency', 'yellow'],
    ]);
  });

  test('saturation names the fullest by its own threshold', async () => {
    const used = await telemetry.series('db.client.connection.count', {
      ...orders,
      'db.client.connection.state': 'used',
    });
    const idle = await telemetry.series('db.client.connection.count', {
      ...orders,
      'db.client.connection.state': 'idle',
    });
    const max = await telemetry.series('db.client.connection.max', orders);
    const memory = await telemetry.series('process.memory.usage', orders);
    await telemetry.write(
      1,
      additiveRow(used, complete(), 4),
      additiveRow(idle, complete(), 0),
      additiveRow(max, complete(), 10),
      gaugeRow(memory, complete(), 100),
    );
    await telemetry.write(2, additiveRow(used, complete(), 4));
    const judge = summariser({ COMMAND_CENTER_PROCESS_MEMORY_LIMIT_BYTES: '1000' });
    const { vital_signs: signs, services } = await judge();
    expect(signs.saturation).toMatchObject({ value: 80, colour: 'yellow', subject: 'DB pool, orders', unknown: false });
    expect(services.find(({ id }) => id === 'postgresql')).toMatchObject({
      status: 'degraded',
      reason: 'no idle connections in the pool',
    });
  });

  test('what was heard and fell silent is unknown, with its age, and makes the verdict unknown', async () => {
    const requests = await telemetry.series('kaiku_http_requests_total', route);
    await telemetry.sql`UPDATE telemetry_metric_series SET last_seen = now() - interval '20 minutes'`;
    await telemetry.write(1, counterRow(requests, minuteBefore(telemetry.nowMs, 20), 60));
    const { vital_signs: signs, verdict, services } = await summariser()();
    expect(signs.traffic).toMatchObject({ value: null, colour: null, unknown: true });
    expect(signs.traffic.age_s).toBeGreaterThanOrEqual(19 * 60);
    expect(verdict.status).toBe('unknown');
    expect(services.find(({ id }) => id === 'http_api')?.status).toBe('unknown');
  });

  test('a change needs two findings in a row, and is kept as a transition', async () => {
    const judge = summariser();
    await judge();
    const requests = await telemetry.series('kaiku_http_requests_total', route);
    await telemetry.write(1, counterRow(requests, minuteBefore(telemetry.nowMs, 0), 60));
    const status = (summary: StoredSummary) => summary.services.find(({ id }) => id === 'http_api')?.status;
    expect(status(await judge())).toBe('unknown');
    expect(status(await judge())).toBe('healthy');
    const transitions = await telemetry.sql`
      SELECT service_id, old_status, new_status FROM telemetry_health_transitions ORDER BY service_id`;
    expect(transitions).toEqual([
      { service_id: 'http_api', old_status: 'unknown', new_status: 'healthy' },
      { service_id: 'otel_pipeline', old_status: 'unknown', new_status: 'healthy' },
    ]);
  });

  test('since lasts as long as what it tells of, and a pass is short', async () => {
    await busyHour();
    const judge = summariser();
    const first = await judge();
    const startedMs = performance.now();
    const second = await judge();
    expect(performance.now() - startedMs).toBeLessThan(250);
    expect(second.verdict.since).toBe(first.verdict.since);
    expect(second.alerts.map(({ since }) => since)).toEqual(first.alerts.map(({ since }) => since));
  });
});
