import { topErrors, topRoutes } from '@command-center/contract/api/top';
import { explicitSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seedSeries, seedWindows } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const at = '2026-03-10T12:20:00Z';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage(now);
});
afterEach(() => stage.close());

const routes = async (query = '') => topRoutes.parse(await stage.read(`${base}/top-routes?range=1h${query}`));
const errors = async (query = '') => topErrors.parse(await stage.read(`${base}/top-errors?range=1h${query}`));

const duration = 'http.server.request.duration';
const requests = 'kaiku_http_requests_total';
const failed = 'kaiku_http_errors_total';

async function count(metric: string, labels: Record<string, string | true>, sum: number, ts = at): Promise<void> {
  const series_id = await seedSeries(stage.sql, metric, labels);
  await seedWindows(stage.sql, 'telemetry_open_windows', [
    { ts, series_id, writer: 1, value_sum: sum, value_count: sum },
  ]);
}

/** Requests of at most 0.1, 1, 10 s and of more. */
async function time(labels: Record<string, string | true>, counts: readonly number[]): Promise<void> {
  const series_id = await seedSeries(stage.sql, duration, labels);
  const sketch = encodeSketch(explicitSpans([0.1, 1, 10], counts, { factor: 1, isSigned: false }));
  const value_count = counts.reduce((sum, one) => sum + one, 0);
  await seedWindows(stage.sql, 'telemetry_open_windows', [
    { ts: at, series_id, writer: 1, value_count, value_sum: 1, sketch },
  ]);
}

const of = (route: string, method = 'GET', service = 'orders') => ({
  'service.name': service,
  'http.request.method': method,
  'http.route': route,
});

describe('the routes that hurt most (interfaces.md §1, "Shapes")', () => {
  test('an empty database has none', async () => {
    expect(await routes()).toEqual({
      from: '2026-03-10T11:30:30.000Z',
      to: '2026-03-10T12:30:30.000Z',
      items: [],
      overflow_count: 0,
    });
  });

  test('methods and services of a route are one row, p95 is that of all its requests', async () => {
    await count(requests, of('/a'), 60);
    await count(requests, of('/a', 'POST', 'carts'), 40);
    // p95 of either alone: 0.1-1 s, and beyond 10 s; of all 100: the 95th is in 1-10 s.
    await time(of('/a'), [50, 10, 0, 0]);
    await time(of('/a', 'POST', 'carts'), [30, 4, 2, 4]);
    const { items } = await routes();
    expect(items).toMatchObject([{ route: '/a', count: 100, p95_quality: 'bounded', error_count: 0, error_rate: 0 }]);
    const [row] = items;
    expect(row?.p95_lo).toBeCloseTo(1, 1);
    expect(row?.p95_hi).toBeGreaterThanOrEqual(10);
    expect(row?.p95).toBeGreaterThan(1);
  });

  test('only 5xx and errors without a status count, over all requests', async () => {
    await count(requests, of('/a'), 50);
    await count(failed, { ...of('/a'), 'http.response.status_code': '500' }, 3);
    await count(failed, { ...of('/a'), 'http.response.status_code': '503' }, 1);
    await count(failed, { ...of('/a'), 'http.response.status_code': '404' }, 20);
    await count(failed, { 'service.name': 'carts', 'http.route': '/a' }, 1);
    expect((await routes()).items).toMatchObject([
      { route: '/a', count: 50, error_count: 5, error_rate: 0.1, p95: null },
    ]);
  });

  test('without requests an error rate is unknown, and a route without any request is not listed', async () => {
    await count(failed, { ...of('/failed'), 'http.response.status_code': '500' }, 3);
    await count(requests, of('/quiet'), 0);
    expect((await routes()).items).toMatchObject([{ route: '/failed', count: 0, error_count: 3, error_rate: null }]);
  });

  test('the slowest first, or those with most errors; what lies in the open bucket says so', async () => {
    await time(of('/slow'), [0, 0, 10, 0]);
    await time(of('/slowest'), [0, 0, 0, 10]);
    await time(of('/fast'), [10, 0, 0, 0]);
    await count(requests, of('/fast'), 10);
    await count(failed, { ...of('/fast'), 'http.response.status_code': '500' }, 2);
    await count(requests, of('/untimed'), 10);
    const { items } = await routes();
    expect(items.map(({ route }) => route)).toEqual(['/slowest', '/slow', '/fast', '/untimed']);
    expect(items[0]).toMatchObject({ p95_quality: 'overflow', p95_hi: null });
    expect((await routes('&sort=errors&limit=1')).items).toMatchObject([{ route: '/fast', error_count: 2 }]);
    expect((await routes('&limit=2')).items).toHaveLength(2);
  });

  test('routes that only machines ask for are left out unless asked for; _OTHER is a route like others', async () => {
    for (const route of ['/healthz', '/metrics', '_OTHER', '/a']) await count(requests, of(route), 1);
    expect((await routes()).items.map(({ route }) => route)).toEqual(['/a', '_OTHER']);
    expect((await routes('&probes=1')).items.map(({ route }) => route).sort()).toEqual(
      ['/a', '/healthz', '/metrics', '_OTHER'].sort(),
    );
  });

  test('what exceeded the label budget has no route: it is counted apart', async () => {
    await count(requests, of('/a'), 5);
    await count(requests, { 'otel.metric.overflow': true }, 7);
    await count(failed, { 'otel.metric.overflow': true }, 7);
    expect(await routes()).toMatchObject({ items: [{ route: '/a', count: 5 }], overflow_count: 7 });
  });

  test('of one service', async () => {
    await count(requests, of('/a'), 5);
    await count(requests, of('/a', 'GET', 'carts'), 3);
    expect((await routes('&service=carts')).items).toMatchObject([{ route: '/a', count: 3 }]);
    expect((await routes('&service=nobody')).items).toEqual([]);
  });

  test('the range includes its start and not its end', async () => {
    await count(requests, of('/before'), 1, '2026-03-10T11:59:00Z');
    await count(requests, of('/first'), 1, '2026-03-10T12:00:00Z');
    await count(requests, of('/end'), 1, '2026-03-10T12:20:00Z');
    const path = `${base}/top-routes?from=2026-03-10T12:00:00Z&to=2026-03-10T12:20:00Z`;
    expect(topRoutes.parse(await stage.read(path)).items.map(({ route }) => route)).toEqual(['/first']);
  });

  test('from 24 h on, and on days whose minutes have no percentiles, the range is of whole hours and says so', async () => {
    const covered = async (query: string) => {
      const { from, to } = topRoutes.parse(await stage.read(`${base}/top-routes?${query}`));
      return [from, to];
    };
    expect(await covered('range=24h')).toEqual(['2026-03-09T12:00:00.000Z', '2026-03-10T12:30:30.000Z']);
    expect(await covered('range=6h')).toEqual(['2026-03-10T06:30:30.000Z', '2026-03-10T12:30:30.000Z']);
    // What began before the 30-day line is not whole any more.
    expect(await covered('range=30d')).toEqual(['2026-02-08T13:00:00.000Z', '2026-03-10T12:30:30.000Z']);
    expect(await covered('from=2026-03-01T10:20:00Z&to=2026-03-01T10:40:00Z')).toEqual([
      '2026-03-01T10:00:00.000Z',
      '2026-03-01T11:00:00.000Z',
    ]);
  });
});

describe('the errors that come most often (contract.md §4)', () => {
  test('an empty database has none', async () => {
    expect(await errors()).toMatchObject({ items: [], overflow_count: 0 });
  });

  test('by type over all error counters; without one a request counts under its status', async () => {
    await count(failed, { ...of('/a'), 'http.response.status_code': '500', 'error.type': 'timeout' }, 3);
    await count(failed, { ...of('/b'), 'http.response.status_code': '404' }, 9);
    await count(failed, { 'service.name': 'orders' }, 1);
    await count('kaiku_auth_login_attempts_total', { outcome: 'failure', 'error.type': 'timeout' }, 4);
    await count('kaiku_auth_login_attempts_total', { outcome: 'success' }, 1000);
    await count('kaiku_ws_reconnects_total', { outcome: 'failure' }, 2);
    expect((await errors()).items).toEqual([
      { error_type: '404', count: 9 },
      { error_type: 'timeout', count: 7 },
      { error_type: '_OTHER', count: 3 },
    ]);
    expect((await errors('&limit=1')).items).toEqual([{ error_type: '404', count: 9 }]);
  });

  test('those of probes are left out unless asked for, those beyond the budget are counted apart', async () => {
    await count(failed, { ...of('/healthz'), 'error.type': 'refused' }, 3);
    await count(failed, { 'otel.metric.overflow': true }, 5);
    await count('kaiku_auth_login_attempts_total', { 'otel.metric.overflow': true }, 70);
    expect(await errors()).toMatchObject({ items: [], overflow_count: 5 });
    expect((await errors('&probes=1')).items).toEqual([{ error_type: 'refused', count: 3 }]);
  });

  test('of one service', async () => {
    await count(failed, { ...of('/a'), 'error.type': 'x' }, 3);
    await count(failed, { ...of('/a', 'GET', 'carts'), 'error.type': 'y' }, 2);
    expect((await errors('&service=carts')).items).toEqual([{ error_type: 'y', count: 2 }]);
  });
});
