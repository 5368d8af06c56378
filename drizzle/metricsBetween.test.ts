import type { Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from './connect.ts';
import { ensurePartitions, packedTables } from './partitions.ts';
import { type FreshDatabase, freshDatabase } from './testing/database.ts';

const HOUR_MS = 3_600_000;
const DAYS = 12;
/** Packed: the hours before this one. */
const settledMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
const atMinute = (minutes: number): Date => new Date(settledMs + minutes * 60_000);

let database: FreshDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = connect(database.url, { name: 'between-test', max: 1 });
  const days = Array.from({ length: DAYS + 2 }, (_, day) => new Date(settledMs - (DAYS - day) * 24 * HOUR_MS));
  await ensurePartitions(sql, days);
  await ensurePartitions(sql, days, packedTables);
  await sql`
    INSERT INTO telemetry_metric_series (metric_name, labels)
    SELECT metric, jsonb_build_object('pod', pod) FROM unnest('{requests,memory}'::text[]) AS metric, generate_series(1, 3) AS pod`;
  // Whole hours, but for the last, of which two minutes are there.
  await sql`
    INSERT INTO telemetry_metric_packed (hour, series_id, minutes, value_sum)
    SELECT ${atMinute(0)}::timestamptz - n * interval '1 hour', s.id, CASE WHEN n = 1 THEN '{7,59}'::smallint[] END,
      CASE WHEN n = 1 THEN '{1,2}'::real[] ELSE (SELECT array_agg(n + minute * 0.5) FROM generate_series(0, 59) AS minute)::real[] END
    FROM telemetry_metric_series AS s, generate_series(1, ${DAYS * 24}) AS n`;
  // Late: a minute that lies packed as well, and hours that are not packed yet.
  await sql`
    INSERT INTO telemetry_metric_samples (ts, series_id, writer, value_count, value_sum)
    SELECT ${atMinute(0)}::timestamptz + minute * interval '1 minute', s.id, 1, 3, 3
    FROM telemetry_metric_series AS s, unnest('{-53,0,61}'::integer[]) AS minute`;
  await sql`
    INSERT INTO telemetry_open_windows (ts, series_id, writer, value_count, value_sum)
    SELECT ${atMinute(170)}, s.id, 2, 4, 4 FROM telemetry_metric_series AS s`;
  await sql`ANALYZE`;
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const between = (from: Date, to: Date) => sql`
  SELECT * FROM telemetry_metrics_between('requests', ${from}, ${to}) ORDER BY ts, labels`;

const throughView = (from: Date, to: Date) => sql`
  SELECT * FROM telemetry_metrics WHERE metric_name = 'requests' AND ts >= ${from} AND ts < ${to} ORDER BY ts, labels`;

/** Pages that a statement touches. */
async function pages(statement: string): Promise<number> {
  const plan = await sql.unsafe(`EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF) ${statement}`);
  // Of the topmost node, which counts what is below it.
  const line = plan.map((row) => String(row['QUERY PLAN'])).find((text) => text.includes('Buffers: shared')) ?? '';
  return [...line.matchAll(/(?:hit|read)=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}

describe('telemetry_metrics_between gives what telemetry_metrics gives for one metric and time', () => {
  test.each([
    ['an hour that lies packed', -300, -240, 60],
    ['parts of two of them', -270, -190, 80],
    ['one minute, packed and late', -53, -52, 1],
    ['no minute', -53, -53, 0],
    ['hours with gaps, packed, closed and open', -61, 171, 1 + 2 + 2 + 1],
    ['days, up to times that are yet to come', -2 * 24 * 60, 10_000, (2 * 24 - 1) * 60 + 2 + 2 + 1],
  ])('%s', async (_what, from, to, minutes) => {
    const rows = await between(atMinute(from), atMinute(to));
    expect([...rows]).toEqual([...(await throughView(atMinute(from), atMinute(to)))]);
    expect(rows).toHaveLength(3 * minutes);
  });

  test('and reads the hours it is asked for', async () => {
    const times = `'${atMinute(-120).toISOString()}', '${atMinute(0).toISOString()}'`;
    const viewed = await pages(`SELECT * FROM telemetry_metrics WHERE metric_name = 'requests'
      AND ts >= '${atMinute(-120).toISOString()}' AND ts < '${atMinute(0).toISOString()}'`);
    await between(atMinute(-120), atMinute(0));
    const asked = await pages(`SELECT * FROM telemetry_metrics_between('requests', ${times})`);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(viewed / 4);
  });
});

describe('who may run it', () => {
  const as = (role: string, statement: string) =>
    sql.begin(async (tx) => {
      await tx.unsafe(`SET LOCAL ROLE ${role}`);
      return tx.unsafe(statement);
    });
  const statement = `SELECT * FROM public.telemetry_metrics_between('requests', '-infinity', 'infinity') LIMIT 1`;

  test('command_center_reader, whatever its search_path and its own tables', async () => {
    const rows = await sql.begin(async (tx) => {
      await tx`CREATE TEMPORARY TABLE telemetry_minutes (ts timestamptz)`;
      await tx`SET LOCAL ROLE command_center_reader`;
      await tx`SET LOCAL search_path = pg_temp`;
      return tx.unsafe(statement);
    });
    expect(rows).toHaveLength(1);
  });

  test('nobody else', async () => {
    const role = `stranger_${crypto.randomUUID().replaceAll('-', '')}`;
    await sql.unsafe(`CREATE ROLE ${role}`);
    try {
      await expect(as(role, statement)).rejects.toThrow(/permission denied for function/);
    } finally {
      await sql.unsafe(`DROP ROLE ${role}`);
    }
  });
});
