import { searchPieces } from '@command-center/api/lists/readLogs';
import type { LogFilters } from '@command-center/api/queries/logConditions';
import { logPage, logSearch, type PageParameters } from '@command-center/api/queries/logPage';
import { type TraceFilters, tracePage } from '@command-center/api/queries/tracePage';
import { createSearchIndex } from '@command-center/sidecar/lead/searchIndex';
import type { PendingQuery, Row } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays } from './seed.ts';
import { openStage, type Stage } from './stage.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const day = Date.parse('2026-03-09T00:00:00Z');
const window = { fromMs: day, toMs: day + dayMs };

/** Of the next day, which is open, the hours up to here have their index. */
const before = new Date(day + dayMs + 10 * hourMs);

/** A day of which half is one service, one domain and one route, and nothing meets: no ERROR in `voice`, no span of `db` with a route or an error. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage(day);
  const { sql } = stage;
  await seedDays(sql, day, day + dayMs);
  await sql`
    INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
    SELECT gen_random_uuid(), to_timestamp(${day / 1000}) + n * interval '2 seconds', CASE WHEN n % 2 = 0 THEN 'WARN' ELSE 'ERROR' END,
      CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END, CASE WHEN n % 2 = 0 THEN 'voice' ELSE 'http' END, 'event', 'message number ' || md5(n::text)
    FROM generate_series(1, 20000) AS n`;
  await sql`
    INSERT INTO telemetry_trace_index (trace_id, span_id, span_name, domain, route, is_error, duration_ms, ts, service)
    SELECT md5(n::text), left(md5(n::text), 16), 'n', CASE WHEN n % 2 = 0 THEN 'db' ELSE 'http' END, CASE WHEN n % 2 = 1 THEN '/a' END, n % 20 = 1,
      CASE WHEN n % 10 = 3 THEN 300 ELSE 5 END, to_timestamp(${day / 1000}) + n * interval '2 seconds', 's'
    FROM generate_series(1, 20000) AS n`;
  await sql`CREATE EXTENSION pg_trgm`;
  await sql`CREATE INDEX idx_tle_search_20260309 ON telemetry_log_events_20260309 USING gin ((event || chr(10) || message) gin_trgm_ops)`;
  await sql`
    INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
    SELECT md5(id::text)::uuid, ts + interval '1 day', level, service, domain, event, message FROM telemetry_log_events`;
  await createSearchIndex(
    sql,
    'idx_tle_early_20260310_10',
    'telemetry_log_events_20260310',
    { opclass: 'gin_trgm_ops' },
    before.toISOString(),
  );
  await sql`VACUUM ANALYZE telemetry_log_events, telemetry_trace_index`;
});
afterAll(() => stage.close());

interface Node {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Node[];
}

/** Rows of tables that a statement looked at, found or not. */
async function rowsRead(statement: (tx: Stage['sql']) => PendingQuery<Row[]>): Promise<number> {
  const { sql } = stage;
  const [row] = await sql`EXPLAIN (ANALYZE, FORMAT JSON) ${statement(sql)}`;
  const read = (node: Node): number => {
    const own =
      node['Relation Name'] === undefined
        ? 0
        : node['Actual Rows'] * node['Actual Loops'] +
          (node['Rows Removed by Filter'] ?? 0) +
          (node['Rows Removed by Index Recheck'] ?? 0);
    return own + (node.Plans ?? []).reduce((sum, child) => sum + read(child), 0);
  };
  return read(row?.['QUERY PLAN'][0].Plan);
}

const page = <F>(filters: F): PageParameters<F> => ({ window, filters, after: null, limit: 50 });
/** Two ranges of a page and what an estimate may cost. */
const FEW = 400;

describe('a list reads about as many rows as it answers, out of 20,000 (docs/adr/0014)', () => {
  test.each<LogFilters>([
    {},
    { level: 'ERROR' },
    { domain: 'voice' },
    { domain: 'nowhere' },
    { service: 'a' },
    { service: 'nowhere' },
    { level: 'ERROR', domain: 'voice' },
    { level: 'WARN', domain: 'voice' },
    { level: 'ERROR', service: 'a' },
    { domain: 'voice', service: 'b' },
    { level: 'ERROR', domain: 'voice', service: 'b' },
    { level: 'ERROR', domain: 'http', service: 'b' },
    { trace_id: '0'.repeat(32) },
  ])('logs: %j', async (filters) => {
    expect(await rowsRead((sql) => logPage(sql, page(filters)))).toBeLessThan(FEW);
  });

  test.each<LogFilters>([
    { search: 'nowhere-to-be-found' },
    { search: 'C4CA4238A0B923820' },
    { search: 'c4ca4238a0b923820', domain: 'voice' },
    { search: 'nowhere-to-be-found', level: 'ERROR', service: 'b' },
  ])('searches of a closed day: %j', async (filters) => {
    expect(await rowsRead((sql) => logSearch(sql, page(filters)))).toBeLessThan(FEW);
  });

  test('searches of the hours of an open day that are over', async () => {
    const until = before.getTime() + 0.72 * hourMs;
    const pieces = searchPieces({ fromMs: day, toMs: until }, null, [1], until);
    const read = [];
    for (const piece of pieces)
      read.push(await rowsRead((sql) => logSearch(sql, { ...page({ search: 'nowhere-to-be-found' }), window: piece })));
    // The hour that is not over holds 1,296 records.
    expect(read.map((rows) => rows < FEW)).toEqual([false, true, true]);
    expect(read[0]).toBeLessThan(1_400);
  });

  const slowMs = { db: 100, other: 200 };
  test.each<Omit<TraceFilters, 'slowMs'>>([
    { status: 'all' },
    { status: 'error' },
    { status: 'slow' },
    { status: 'all', domain: 'nowhere' },
    { status: 'all', route: '/a' },
    { status: 'all', route: '/nowhere' },
    { status: 'error', domain: 'db' },
    { status: 'error', route: '/nowhere' },
    { status: 'slow', domain: 'db' },
    { status: 'slow', route: '/nowhere' },
    { status: 'all', duration_min: 100_000 },
    { status: 'all', duration_min: 100_000, domain: 'http' },
    { status: 'all', duration_min: 300, domain: 'db' },
    { status: 'all', duration_min: 300, route: '/nowhere' },
  ])('spans: %j', async (filters) => {
    expect(await rowsRead((sql) => tracePage(sql, page({ ...filters, slowMs })))).toBeLessThan(FEW);
  });
});
