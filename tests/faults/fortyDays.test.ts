import { explicitSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { ensurePartitions, listPartitions } from '@command-center/drizzle/partitions';
import { takeLease } from '@command-center/sidecar/lead/lease';
import { purge } from '@command-center/sidecar/lead/purge';
import { tidyPacked } from '@command-center/sidecar/lead/tidy';
import { moveOldWindows } from '@command-center/sidecar/store/moveWindows';
import { inTransaction } from '@command-center/sidecar/store/transaction';
import { type WindowRow, writeWindows } from '@command-center/sidecar/store/windows';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyTables, setClock } from './database/simulated.ts';
import { makeStage, type Stage } from './database/stage.ts';
import { rollUpAll, startRollUps } from './rollUpAll.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 15);
const DAYS = 40;
/** The leader's rounds, and what arrives between two of them. */
const STEP_MS = 6 * HOUR_MS;
const MINUTE_STEP = 10;
const EVENTS = 50;
const WRITER = 7;
const HOLDER = -1;

/** Every table that holds telemetry, and the column that says how old a row is. */
const ages = {
  telemetry_open_windows: 'ts',
  telemetry_metric_samples: 'ts',
  telemetry_metric_packed: 'hour',
  telemetry_metric_sketches: 'hour',
  telemetry_trend_rollups: 'bucket',
  telemetry_log_events: 'ts',
  telemetry_trace_index: 'ts',
  telemetry_intake: 'minute',
  telemetry_health_transitions: 'ts',
  telemetry_dirty_hours: 'hour',
  telemetry_merged_minutes: 'hour',
  telemetry_merged_hours: 'hour',
  telemetry_unmerged_hours: 'hour',
} as const;

let stage: Stage;
beforeAll(async () => {
  stage = await makeStage();
  await emptyTables(stage.sql, false);
  await setClock(stage.sql, START_MS);
  await startRollUps(stage.sql, START_MS);
  await stage.sql`INSERT INTO telemetry_metric_series (metric_name, labels)
    VALUES ('kaiku_http_requests_total', '{}'), ('http.server.request.duration', '{}'), ('process.memory.usage', '{}')`;
});
afterAll(() => stage.close());

/** What a sidecar would have stored between two times. */
async function arrive(fromMs: number, toMs: number): Promise<void> {
  const { sql } = stage;
  const ids = (await sql<{ id: number }[]>`SELECT id FROM telemetry_metric_series ORDER BY id`).map(({ id }) => id);
  const none = {
    count: null,
    sum: null,
    min: null,
    max: null,
    last: null,
    lastMs: null,
    p50: null,
    p95: null,
    p99: null,
    sketch: null,
  };
  const sketch = encodeSketch(explicitSpans([0.1, 1], [3, 2, 1], { factor: 1, isSigned: false }));
  const rows: WindowRow[] = [];
  for (let minuteMs = fromMs; minuteMs < toMs; minuteMs += MINUTE_STEP * 60_000) {
    const [requests = 0, durations = 0, memory = 0] = ids;
    rows.push({ ...none, seriesId: requests, minuteMs, count: 5, sum: 5 });
    rows.push({ ...none, seriesId: durations, minuteMs, count: 6, sum: 1.5, sketch });
    rows.push({ ...none, seriesId: memory, minuteMs, min: 1, max: 1, last: 1, lastMs: 5 });
  }
  await ensurePartitions(sql, [new Date(fromMs), new Date(toMs)]);
  await inTransaction(sql, (tx, nowMs) => writeWindows(tx, WRITER, rows, nowMs));
  const at = sql`to_timestamp((${fromMs}::double precision + n * ${(toMs - fromMs) / EVENTS}::double precision) / 1000)`;
  await sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
    SELECT gen_random_uuid(), ${at}, 'ERROR', 'orders', 'http', 'failed', repeat('x', 100) FROM generate_series(0, ${EVENTS - 1}) AS n`;
  await sql`INSERT INTO telemetry_trace_index (trace_id, span_id, span_name, domain, is_error, duration_ms, ts, service)
    SELECT md5(n::text), left(md5(n::text), 16), 'GET /', 'http', false, 3, ${at}, 'orders' FROM generate_series(0, ${EVENTS - 1}) AS n`;
  await sql`INSERT INTO telemetry_intake SELECT ${at}, ${WRITER}, 'logs', 'orders', 'stored', '', '', 1 FROM generate_series(0, ${EVENTS - 1}) AS n`;
  await sql`INSERT INTO telemetry_health_transitions VALUES (to_timestamp(${fromMs}::double precision / 1000), 'api', 'healthy', 'degraded', 'slow')`;
}

/** All that a leader does but judging. */
async function leadOnce(): Promise<void> {
  const { sql } = stage;
  await moveOldWindows(sql);
  await rollUpAll(sql);
  await takeLease(sql, HOLDER);
  await purge(sql, HOLDER, 30);
  await takeLease(sql, HOLDER);
  await tidyPacked(sql, HOLDER);
}

async function tooOld(nowMs: number): Promise<readonly string[]> {
  const line = new Date(nowMs - 30 * DAY_MS);
  const found: string[] = [];
  for (const [table, column] of Object.entries(ages)) {
    const rows = await stage.sql`SELECT 1 FROM ${stage.sql(table)} WHERE ${stage.sql(column)} < ${line} LIMIT 1`;
    if (rows.length > 0) found.push(table);
  }
  const partitions = await listPartitions(stage.sql);
  return [
    ...found,
    ...partitions.filter(({ day }) => day.getTime() + DAY_MS <= line.getTime()).map(({ name }) => name),
  ];
}

async function bytes(): Promise<number> {
  const [row] = await stage.sql<{ bytes: number }[]>`
    SELECT sum(pg_total_relation_size(oid))::double precision AS bytes FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname LIKE 'telemetry%'`;
  return row?.bytes ?? 0;
}

describe('forty days pass (design §4)', () => {
  it('and nothing is older than thirty, in any table or partition, and the tables stay as large as they were', {
    timeout: 300_000,
  }, async () => {
    const sizes: number[] = [];
    for (let nowMs = START_MS + STEP_MS; nowMs <= START_MS + DAYS * DAY_MS; nowMs += STEP_MS) {
      await setClock(stage.sql, nowMs);
      await arrive(nowMs - STEP_MS, nowMs);
      await leadOnce();
      expect(await tooOld(nowMs)).toEqual([]);
      if (nowMs % DAY_MS === 0) {
        await stage.sql.unsafe('VACUUM');
        sizes.push(await bytes());
      }
    }
    const after = (days: number): number => sizes[days - 1] ?? 0;
    expect(after(30)).toBeGreaterThan(1.5 * after(10));
    expect(after(40)).toBeLessThan(1.05 * after(33));
    // Of each day's 432 samples of three series the last five quarters of an hour are not packed yet.
    const [left] = await stage.sql<{ samples: number; packed: number }[]>`
      SELECT (SELECT count(*)::integer FROM telemetry_metric_samples) AS samples, (SELECT count(*)::integer FROM telemetry_metric_packed) AS packed`;
    expect(left?.samples).toBeLessThan(3 * 6 * 3);
    expect(left?.packed).toBeGreaterThan(3 * 24 * 29);
  });
});
