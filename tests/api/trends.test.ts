import { type TrendSeries, trends } from '@command-center/contract/api/trends';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays, seedRollups, seedSeries, seedWindows } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

// The minute 12:30 is open.
const now = Date.parse('2026-03-10T12:30:30Z');
const minute = (time: string) => `2026-03-10T${time}:00.000Z`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 31 * 86_400_000, now);
});
afterAll(() => stage.close());

async function read(query: string): Promise<TrendSeries[]> {
  return trends.parse(await stage.read(`${base}/trends?${query}`)).series;
}

describe('a counter adds over writers and series (design §4)', () => {
  const requests = 'kaiku_http_requests_total';
  beforeAll(async () => {
    const orders = await seedSeries(stage.sql, requests, { 'service.name': 'orders', 'http.route': '/a' });
    const carts = await seedSeries(stage.sql, requests, { 'service.name': 'carts', 'http.route': '/a' });
    const overflow = await seedSeries(stage.sql, requests, { 'otel.metric.overflow': true });
    const other = await seedSeries(stage.sql, 'kaiku_ws_messages_total', { 'service.name': 'orders' });
    await seedWindows(stage.sql, 'telemetry_metric_samples', [
      { ts: minute('12:10'), series_id: orders, writer: 1, value_sum: 30, value_count: 30 },
      { ts: minute('12:10'), series_id: orders, writer: 2, value_sum: 12, value_count: 12 },
      { ts: minute('12:10'), series_id: carts, writer: 2, value_sum: 6, value_count: 6 },
      { ts: minute('12:10'), series_id: other, writer: 2, value_sum: 1000, value_count: 1000 },
      { ts: minute('12:12'), series_id: orders, writer: 1, value_sum: 0, value_count: 0 },
      { ts: minute('12:13'), series_id: overflow, writer: 1, value_sum: 5, value_count: 5 },
      { ts: minute('11:31'), series_id: orders, writer: 1, value_sum: 1, value_count: 1 },
      { ts: minute('11:30'), series_id: orders, writer: 1, value_sum: 500, value_count: 500 },
    ]);
    await seedWindows(stage.sql, 'telemetry_open_windows', [
      // A minute that the first writer has closed and the second has not.
      { ts: minute('12:12'), series_id: orders, writer: 2, value_sum: 3, value_count: 3 },
      { ts: minute('12:30'), series_id: carts, writer: 2, value_sum: 2, value_count: 2 },
    ]);
  });

  test('all series merged, gaps missing, zero kept, the open minute marked', async () => {
    expect(await read(`metric=${requests}&range=1h`)).toEqual([
      {
        metric_name: requests,
        unit: '{request}',
        kind: 'counter',
        labels: {},
        resolution: '1m',
        points: [
          { ts: minute('11:31'), sum: 1, rate: 1 / 60 },
          { ts: minute('12:10'), sum: 48, rate: 0.8 },
          { ts: minute('12:12'), sum: 3, rate: 0.05 },
          { ts: minute('12:13'), sum: 5, rate: 5 / 60 },
          { ts: minute('12:30'), sum: 2, rate: 2 / 60, partial: true },
        ],
      },
    ]);
  });

  test('by a label: one series a value, the overflow series under its own', async () => {
    const series = await read(`metric=${requests}&range=1h&by=service.name`);
    const sums = series.map(({ labels, points }) => [labels, points.map(({ sum }) => sum)]);
    expect(sums).toEqual([
      [{ 'service.name': 'orders' }, [1, 42, 3]],
      [{ 'service.name': 'carts' }, [6, 2]],
      [{ 'otel.metric.overflow': true }, [5]],
    ]);
  });

  test('where selects, also the overflow series', async () => {
    const sums = async (query: string) =>
      (await read(`metric=${requests}&range=1h&${query}`)).map(({ points }) => points.map(({ sum }) => sum));
    expect(await sums('where=service.name:carts')).toEqual([[6, 2]]);
    expect(await sums('where=service.name:carts&where=http.route:/b')).toEqual([[]]);
    expect(await sums('where=otel.metric.overflow:true')).toEqual([[5]]);
    expect(await sums('where=service.name:nobody&by=http.route')).toEqual([]);
  });

  test('from is inclusive, to exclusive', async () => {
    const [series] = await read(`metric=${requests}&from=${minute('12:10')}&to=${minute('12:13')}`);
    expect(series?.points.map(({ ts }) => ts)).toEqual([minute('12:10'), minute('12:12')]);
  });

  test('several metrics in one answer, each known under any of its names', async () => {
    const series = await read('metric=kaiku_ws_messages_total&metric=http.server.duration&range=1h');
    expect(series.map(({ metric_name, unit, kind }) => [metric_name, unit, kind])).toEqual([
      ['kaiku_ws_messages_total', expect.any(String), 'counter'],
      ['http.server.request.duration', 's', 'histogram'],
    ]);
  });

  test('beyond 24 h hours are answered: rolled-up ones, and minutes where none is rolled up yet', async () => {
    const [orders, carts] = (await stage.sql`
      SELECT id FROM telemetry_metric_series WHERE metric_name = ${requests} ORDER BY id LIMIT 2`) as unknown as [
      { id: number },
      { id: number },
    ];
    await seedRollups(stage.sql, [
      { bucket: '2026-03-08T05:00:00Z', series_id: orders.id, value_sum: 7200, value_count: 7200 },
      { bucket: '2026-03-08T05:00:00Z', series_id: carts.id, value_sum: 3600, value_count: 3600 },
      // Holds the minutes 11:30 and 11:31 of orders; hours of carts are not rolled up that far.
      { bucket: '2026-03-10T11:00:00Z', series_id: orders.id, value_sum: 501, value_count: 501 },
    ]);
    const [series] = await read(`metric=${requests}&range=7d`);
    expect(series?.resolution).toBe('1h');
    expect(series?.points).toEqual([
      { ts: '2026-03-08T05:00:00.000Z', sum: 10_800, rate: 3 },
      { ts: '2026-03-10T11:00:00.000Z', sum: 501, rate: 501 / 3600 },
      { ts: '2026-03-10T12:00:00.000Z', sum: 58, rate: 58 / 3600, partial: true },
    ]);
  });
});

describe('gauges merge as the catalogue says (design §4)', () => {
  const points = async (query: string) => (await read(query)).map((series) => series.points);

  test('an additive gauge is the sum of all contributions; its name for a part selects the part', async () => {
    const used = await seedSeries(stage.sql, 'db.client.connection.count', {
      'service.name': 'orders',
      'db.client.connection.state': 'used',
    });
    const idle = await seedSeries(stage.sql, 'db.client.connection.count', {
      'service.name': 'orders',
      'db.client.connection.state': 'idle',
    });
    await seedWindows(stage.sql, 'telemetry_metric_samples', [
      { ts: minute('12:00'), series_id: used, writer: 1, value_last: 10 },
      { ts: minute('12:00'), series_id: used, writer: 2, value_last: -4 },
      { ts: minute('12:00'), series_id: idle, writer: 2, value_last: 3 },
      { ts: minute('12:01'), series_id: used, writer: 1, value_last: 12 },
    ]);
    const window = `from=${minute('12:00')}&to=${minute('12:10')}`;
    expect(await points(`metric=db.client.connection.count&${window}`)).toEqual([
      [
        { ts: minute('12:00'), value: 9, min: 9, max: 9 },
        { ts: minute('12:01'), value: 12, min: 12, max: 12 },
      ],
    ]);
    const [alias] = await read(`metric=kaiku_db_pool_connections_idle&${window}`);
    expect(alias?.labels).toEqual({ 'db.client.connection.state': 'idle' });
    expect(alias?.points.map(({ value }) => value)).toEqual([3]);
    await seedRollups(stage.sql, [
      {
        bucket: '2026-03-09T00:00:00Z',
        series_id: used,
        value_sum: 600,
        value_count: 60,
        value_min: 8,
        value_max: 14,
        value_last: 9,
      },
      {
        bucket: '2026-03-09T00:00:00Z',
        series_id: idle,
        value_sum: 30,
        value_count: 30,
        value_min: 1,
        value_max: 1,
        value_last: 1,
      },
    ]);
    const hours = 'from=2026-03-08T00:00:00Z&to=2026-03-10T12:30:00Z';
    // 600 + 30 over 60 minutes; live 9 + 12 over two.
    expect(await points(`metric=db.client.connection.count&${hours}`)).toEqual([
      [
        { ts: '2026-03-09T00:00:00.000Z', value: 10.5, min: null, max: null },
        { ts: minute('12:00'), value: 10.5, min: null, max: null, partial: true },
      ],
    ]);
    expect(await points(`metric=db.client.connection.count&${hours}&where=db.client.connection.state:used`)).toEqual([
      [
        { ts: '2026-03-09T00:00:00.000Z', value: 10, min: 8, max: 14 },
        { ts: minute('12:00'), value: 9, min: 6, max: 12, partial: true },
      ],
    ]);
  });

  test('a max gauge reads the greatest', async () => {
    const [a, b] = [
      await seedSeries(stage.sql, 'process.memory.usage', { 'service.name': 'a' }),
      await seedSeries(stage.sql, 'process.memory.usage', { 'service.name': 'b' }),
    ];
    await seedWindows(stage.sql, 'telemetry_metric_samples', [
      {
        ts: minute('12:00'),
        series_id: a,
        writer: 1,
        value_min: 5,
        value_max: 50,
        value_last: 20,
        value_last_ms: 59_000,
      },
      {
        ts: minute('12:00'),
        series_id: a,
        writer: 2,
        value_min: 7,
        value_max: 70,
        value_last: 10,
        value_last_ms: 1_000,
      },
      {
        ts: minute('12:00'),
        series_id: b,
        writer: 2,
        value_min: 9,
        value_max: 40,
        value_last: 9,
        value_last_ms: 1_000,
      },
    ]);
    expect(await points(`metric=process.memory.usage&from=${minute('12:00')}&to=${minute('12:01')}`)).toEqual([
      [{ ts: minute('12:00'), value: 70, min: 5, max: 70 }],
    ]);
  });
});

describe('what is too much is refused, never cut', () => {
  test('values of a label past 100', async () => {
    await stage.sql`
      INSERT INTO telemetry_metric_series (metric_name, labels)
      SELECT 'kaiku_auth_login_attempts_total', jsonb_build_object('service.name', 's' || n) FROM generate_series(1, 101) AS n`;
    const answer = await stage.ask(`${base}/trends?metric=kaiku_auth_login_attempts_total&by=service.name&range=1h`);
    expect([answer.status, await answer.json()]).toMatchObject([400, { parameter: 'metric' }]);
    expect((await stage.ask(`${base}/trends?metric=kaiku_auth_login_attempts_total&range=24h`)).status).toBe(200);
  });

  test('points past 100,000: 71 values by the minute of a day', async () => {
    await stage.sql`
      INSERT INTO telemetry_metric_series (metric_name, labels)
      SELECT 'kaiku_ws_reconnects_total', jsonb_build_object('service.name', 's' || n) FROM generate_series(1, 71) AS n`;
    const query = 'metric=kaiku_ws_reconnects_total&by=service.name';
    expect((await stage.ask(`${base}/trends?${query}&range=24h`)).status).toBe(400);
    expect((await stage.ask(`${base}/trends?${query}&range=6h`)).status).toBe(200);
  });
});
