import { readFileSync } from 'node:fs';
import { defaultCatalogue } from '@command-center/contract/catalogue/catalogue';
import { connect } from '@command-center/drizzle/connect';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import { type FreshDatabase, freshDatabase } from '@command-center/drizzle/testing/database';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const grid = z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });
const dashboard = z
  .object({
    panels: z.array(
      z.object({
        id: z.int(),
        type: z.string(),
        title: z.string().min(1),
        gridPos: grid,
        targets: z
          .array(
            z.object({
              rawSql: z.string(),
              format: z.enum(['time_series', 'table']),
              datasource: z.object({ uid: z.literal(`\${datasource}`) }),
            }),
          )
          .default([]),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../infra/grafana/command-center.json', import.meta.url), 'utf8')));

const queries = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ rawSql, format }, index) => ({ name: `${title} ${index + 1}`, rawSql, format })),
);

const minuteMs = 60_000;
const now = Math.floor(Date.now() / minuteMs) * minuteMs;
const fromMs = now - 30 * minuteMs;

/** What Grafana's PostgreSQL data source makes of its macros. */
function expanded(query: string): string {
  const time = (ms: number): string => `'${new Date(ms).toISOString().replace('.000Z', 'Z')}'`;
  return query
    .replaceAll('$__timeFrom()', time(fromMs))
    .replaceAll('$__timeTo()', time(now))
    .replaceAll(/\$__timeFilter\((\w+)\)/g, `$1 BETWEEN ${time(fromMs)} AND ${time(now)}`);
}

let database: FreshDatabase;
let sql: Sql;

/** Ten whole minutes of a series, each with these columns. */
async function seed(metric: string, labels: Record<string, string>, columns: Record<string, number>): Promise<void> {
  const [series] = await sql<{ id: number }[]>`
    INSERT INTO telemetry_metric_series (metric_name, labels) VALUES (${metric}, ${sql.json({ 'service.name': 'orders', ...labels })}) RETURNING id`;
  for (let minute = 1; minute <= 10; minute += 1) {
    const row = { ts: new Date(now - minute * minuteMs), series_id: series?.id ?? 0, writer: 1, ...columns };
    await sql`INSERT INTO telemetry_metric_samples ${sql(row)}`;
  }
  const day = new Date(Math.floor(now / 86_400_000) * 86_400_000);
  const rollUp = {
    bucket: day,
    resolution: '1d',
    series_id: series?.id ?? 0,
    sample_count: 10,
    total_count: 10 * (columns.value_count ?? 0),
  };
  await sql`INSERT INTO telemetry_trend_rollups ${sql(rollUp)}`;
}

beforeAll(async () => {
  database = await freshDatabase();
  sql = connect(database.url, { name: 'grafana-test', max: 1 });
  await ensurePartitions(sql, [new Date(fromMs), new Date(now)]);
  const route = { 'http.route': '/orders/{id}' };
  for (const method of ['GET', 'PUT']) {
    const labels = { ...route, 'http.request.method': method };
    await seed('kaiku_http_requests_total', labels, { value_count: 600, value_sum: 600 });
    await seed('http.server.request.duration', labels, { value_count: 600, value_p95: method === 'GET' ? 0.25 : 0.5 });
  }
  for (const [code, count] of [
    ['500', 12],
    ['404', 100],
  ] as const)
    await seed(
      'kaiku_http_errors_total',
      { ...route, 'http.response.status_code': code },
      { value_count: count, value_sum: count },
    );
  for (const [state, value_last] of [
    ['used', 8],
    ['idle', 2],
  ] as const)
    await seed('db.client.connection.count', { 'db.client.connection.state': state }, { value_last });
  await seed('db.client.connection.max', {}, { value_last: 10 });
  await seed('kaiku_voice_sessions_active', {}, { value_last: 7 });
  await seed('kaiku_voice_rooms_active', {}, { value_last: 3 });
  await seed('kaiku_voice_packet_loss_ratio', {}, { value_count: 60, value_p95: 0.03 });
  await seed('db.client.operation.duration', { 'db.operation.name': 'SELECT' }, { value_count: 60, value_p95: 0.02 });
  await seed('otelcol_exporter_queue_size', { exporter: 'otlp' }, { value_last: 500 });
  await seed('otelcol_exporter_queue_capacity', { exporter: 'otlp' }, { value_last: 1000 });
  await seed('process.memory.usage', {}, { value_max: 2 ** 28, value_last: 2 ** 28 });
  await sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
    VALUES (gen_random_uuid(), ${new Date(now - minuteMs)}, 'ERROR', 'orders', 'db', 'query_failed', 'it failed')`;
  await sql`INSERT INTO telemetry_trace_index (trace_id, span_id, ts, span_name, domain, is_error, duration_ms, service)
    VALUES (${'a'.repeat(32)}, ${'b'.repeat(16)}, ${new Date(now - minuteMs)}, 'GET /orders/{id}', 'http', false, 900, 'orders')`;
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** As Grafana's login reads. */
function read(query: string) {
  return sql.begin('read only', async (tx) => {
    await tx`SET LOCAL ROLE command_center_reader`;
    return await tx.unsafe(query);
  });
}

const rowsOf = async (title: string) => {
  const query = queries.find(({ name }) => name === `${title} 1`);
  return [...(await read(expanded(query?.rawSql ?? '')))];
};

describe('the dashboard for Grafana (infra/grafana) over the views', () => {
  test.each(queries)('$name: its query is answered in the form that its panel draws', async ({ rawSql, format }) => {
    const query = expanded(rawSql);
    expect(query).not.toContain('$_');
    const rows = await read(query);
    expect(rows.length).toBeGreaterThan(0);
    for (const { time, metric, ...values } of rows) {
      expect(time).toBeInstanceOf(Date);
      if (format === 'table') continue;
      if (metric !== undefined) expect([typeof metric, Object.keys(values)]).toEqual(['string', ['value']]);
      for (const value of Object.values(values)) expect(value === null || Number.isFinite(Number(value))).toBe(true);
    }
    if (format === 'time_series') {
      const times = rows.map((row) => Number(row.time));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  test('its numbers are those of the minutes', async () => {
    expect((await rowsOf('Traffic'))[0]).toMatchObject({ requests: 20 });
    expect((await rowsOf('Errors'))[0]).toMatchObject({ '5xx': 1 });
    expect((await rowsOf('Latency'))[0]).toMatchObject({ 'slowest route': 0.5 });
    expect((await rowsOf('Saturation'))[0]).toMatchObject({ 'fullest pool': 80 });
    expect((await rowsOf('Collector queues'))[0]).toMatchObject({ metric: 'otlp', value: 50 });
  });

  test('its metrics are of the contract, under their canonical names', () => {
    const names = queries.flatMap(({ rawSql }) =>
      [...rawSql.matchAll(/(?:between\(|metric_name = )'([^']+)'/g)].map(([, name]) => name ?? ''),
    );
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) expect(defaultCatalogue.entryOf(name)?.name).toBe(name);
  });

  test('its panels lie beside each other, and none has the number of another', () => {
    const panels = dashboard.panels;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { gridPos: a }] of panels.entries()) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      for (const { gridPos: b } of panels.slice(index + 1)) {
        const isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(isApart).toBe(true);
      }
    }
  });
});
