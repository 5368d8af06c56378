import type { Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from './connect.ts';
import { ensurePartitions } from './partitions.ts';
import { type FreshDatabase, freshDatabase } from './testing/database.ts';

let database: FreshDatabase;
let sql: Sql;
/** The views show the last 30 days. */
const today = new Date().toISOString().slice(0, 10);
const at = `${today}T10:00:00Z`;
const yesterday = new Date(Date.parse(today) - 86_400_000);
beforeAll(async () => {
  database = await freshDatabase();
  sql = connect(database.url, { name: 'views-test', max: 1 });
  await ensurePartitions(sql, [yesterday, new Date(at)]);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

async function series(metric: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    INSERT INTO telemetry_metric_series (metric_name, labels) VALUES (${metric}, ${sql.json(labels)}) RETURNING id`;
  return row?.id ?? 0;
}

async function part(table: 'open_windows' | 'metric_samples', columns: Readonly<Record<string, string | number>>) {
  await sql`INSERT INTO ${sql(`telemetry_${table}`)} ${sql({ ts: at, ...columns })}`;
}

async function metrics(metric: string) {
  const rows = await sql`
    SELECT value_count::integer, value_sum, value_min, value_max, value_last, value_p50, value_p95, value_p99
    FROM telemetry_metrics WHERE metric_name = ${metric} AND ts = ${at}`;
  return [...rows];
}

const nothing = { value_count: null, value_sum: null, value_min: null, value_max: null, value_last: null };
const noPercentiles = { value_p50: null, value_p95: null, value_p99: null };

describe('telemetry_metrics shows one row a series a minute, its writers merged (design §4)', () => {
  test('increases add up, over open and closed windows', async () => {
    const series_id = await series('requests');
    await part('open_windows', { series_id, writer: 1, value_count: 2, value_sum: 2 });
    await part('metric_samples', { series_id, writer: 2, value_count: 3, value_sum: 3 });
    expect(await metrics('requests')).toEqual([{ ...nothing, ...noPercentiles, value_count: 5, value_sum: 5 }]);
  });

  test('percentiles are those of the largest part where it holds 90 %, else null', async () => {
    const shared = await series('shared');
    const alone = await series('alone');
    const row = { value_sum: 1, value_min: 1, value_max: 9, value_p50: 2, value_p95: 8, value_p99: 9 };
    await part('metric_samples', { ...row, series_id: shared, writer: 1, value_count: 89 });
    await part('metric_samples', {
      ...row,
      series_id: shared,
      writer: 2,
      value_count: 11,
      value_max: 20,
      value_p95: 19,
    });
    await part('metric_samples', { ...row, series_id: alone, writer: 1, value_count: 90 });
    await part('metric_samples', { ...row, series_id: alone, writer: 2, value_count: 10, value_p95: 19 });
    const merged = { ...nothing, value_count: 100, value_sum: 2, value_min: 1 };
    expect(await metrics('shared')).toEqual([{ ...merged, ...noPercentiles, value_max: 20 }]);
    expect(await metrics('alone')).toEqual([{ ...merged, value_max: 9, value_p50: 2, value_p95: 8, value_p99: 9 }]);
  });

  test('a part that does not know its extremes leaves them unknown, an empty one does not', async () => {
    const unknown = await series('unknown');
    const empty = await series('empty');
    for (const series_id of [unknown, empty])
      await part('metric_samples', { series_id, writer: 1, value_count: 1, value_sum: 4, value_min: 4, value_max: 4 });
    await part('metric_samples', { series_id: unknown, writer: 2, value_count: 1, value_sum: 4 });
    await part('metric_samples', { series_id: empty, writer: 2, value_count: 0, value_sum: 0 });
    expect((await metrics('unknown'))[0]).toMatchObject({ value_count: 2, value_min: null, value_max: null });
    expect((await metrics('empty'))[0]).toMatchObject({ value_count: 1, value_min: 4, value_max: 4 });
  });

  test('additive gauges add up; of others the newest reading counts, of two at one time the greater', async () => {
    const additive = await series('additive');
    const reading = await series('reading');
    await part('metric_samples', { series_id: additive, writer: 1, value_last: 3, value_last_ms: 10 });
    await part('metric_samples', { series_id: additive, writer: 2, value_last: 3, value_last_ms: 20 });
    const readings = [
      { writer: 1, value_last: 9, value_last_ms: 10 },
      { writer: 2, value_last: 4, value_last_ms: 20 },
      { writer: 3, value_last: 5, value_last_ms: 20 },
    ];
    for (const row of readings)
      await part('metric_samples', { series_id: reading, value_min: 1, value_max: 9, ...row });
    expect(await metrics('additive')).toEqual([{ ...nothing, ...noPercentiles, value_last: 6 }]);
    expect(await metrics('reading')).toEqual([
      { ...nothing, ...noPercentiles, value_min: 1, value_max: 9, value_last: 5 },
    ]);
  });

  test('a condition on name and time reaches the key of the one partition it asks for', async () => {
    const plan = await sql`
      EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, COSTS OFF) SELECT * FROM telemetry_metrics
      WHERE metric_name = 'requests' AND ts >= ${at}::timestamptz - interval '1 hour' AND ts < ${at}::timestamptz + interval '1 hour'`;
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    const partition = (day: Date): string =>
      `telemetry_metric_samples_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;
    expect(text).toContain(partition(new Date(at)));
    expect(text).not.toContain(partition(yesterday));
    expect(text).toMatch(/Index Cond: \(\(series_id = s\.id\) AND \(ts >=/);
  });
});

describe('telemetry_trends_daily shows the plan’s columns (design §4)', () => {
  test('a route over its methods, its server errors beside its requests', async () => {
    const day = yesterday.toISOString();
    const rollup = async (metric: string, labels: Record<string, string>, columns: Record<string, number | null>) => {
      const row = {
        bucket: day,
        resolution: '1d',
        series_id: await series(metric, labels),
        sample_count: 60,
        ...columns,
      };
      await sql`INSERT INTO telemetry_trend_rollups ${sql(row)}`;
    };
    const route = { 'http.route': '/orders' };
    const requests = 'kaiku_http_requests_total';
    await rollup(requests, { ...route, 'http.request.method': 'GET' }, { total_count: 100, error_count: 0 });
    await rollup(requests, { ...route, 'http.request.method': 'PUT' }, { total_count: 50, error_count: 0 });
    await rollup('kaiku_http_errors_total', { ...route, code: '500' }, { total_count: 3, error_count: 3 });
    await rollup('kaiku_http_errors_total', { ...route, code: '404' }, { total_count: 7, error_count: 0 });
    await rollup('http.server.request.duration', route, { total_count: 150, error_count: 0, max_p95: 0.5 });
    const rows = await sql`
      SELECT day, metric_name, route, sample_count::integer, max_p95, total_count::integer, error_count::integer
      FROM telemetry_trends_daily ORDER BY metric_name`;
    const expected = { day: new Date(day), route: '/orders', max_p95: null };
    expect([...rows]).toEqual([
      {
        ...expected,
        metric_name: 'http.server.request.duration',
        sample_count: 60,
        max_p95: 0.5,
        total_count: 150,
        error_count: 3,
      },
      { ...expected, metric_name: 'kaiku_http_errors_total', sample_count: 120, total_count: 10, error_count: 3 },
      { ...expected, metric_name: requests, sample_count: 120, total_count: 150, error_count: 3 },
    ]);
  });
});

describe('command_center_reader may select the views and nothing else (design §4)', () => {
  test('views answer, tables do not', async () => {
    const [tables, views] = await Promise.all(
      ['r', 'v'].map(async (kind) => {
        const relations = await sql<{ name: string }[]>`
          SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            AND (relkind = ${kind} OR relkind = ${kind === 'r' ? 'p' : kind}) ORDER BY relname`;
        return relations.map(({ name }) => name);
      }),
    );
    const open = ['telemetry_logs', 'telemetry_metrics', 'telemetry_traces', 'telemetry_trends_daily'];
    const ours = ['telemetry_minute_parts', 'telemetry_minutes'];
    expect(views).toEqual([...open, ...ours].sort());
    const read = (name: string) =>
      sql.begin(async (tx) => {
        await tx`SET LOCAL ROLE command_center_reader`;
        return tx`SELECT * FROM ${tx(name)} LIMIT 1`;
      });
    for (const name of open) await expect(read(name)).resolves.toBeDefined();
    for (const name of [...(tables ?? []), ...ours]) await expect(read(name)).rejects.toThrow(/permission denied/);
  });
});
