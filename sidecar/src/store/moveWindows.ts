import { ensurePartitions } from '@command-center/drizzle/partitions';
import type { Sql } from 'postgres';

/** Windows a statement moves to their partition, well within the 3 s of a leader's transaction; what is left follows at the next pass. */
const maxMovedWindows = 50_000;
/** A writer moves its own windows this long after their minute ended; from then on it writes to the samples itself (design §4). */
const OWN_AFTER_END = '2 minutes';
/** Windows whose writer is gone are moved by the leader. */
const ANY_AFTER_END = '15 minutes';

/** Moves this writer's windows of minutes that ended over 2 min ago to their partition. Returns how many it moved. */
export function moveOwnWindows(sql: Sql, writer: number): Promise<number> {
  return move(sql, OWN_AFTER_END, writer);
}

/** Moves the windows of minutes that ended over 15 min ago, whoever wrote them. Returns how many it moved. */
export function moveOldWindows(sql: Sql): Promise<number> {
  return move(sql, ANY_AFTER_END, null);
}

async function move(sql: Sql, afterEnd: string, writer: number | null): Promise<number> {
  const due = sql`w.ts < now() - interval '1 minute' - ${afterEnd}::text::interval
    AND (${writer}::integer IS NULL OR w.writer = ${writer}::integer)`;
  const days = await sql<{ day: Date }[]>`
    /* find-due-windows */
    SELECT DISTINCT date_trunc('day', w.ts, 'UTC') AS day FROM telemetry_open_windows AS w WHERE ${due}`;
  if (days.length === 0) return 0;
  await ensurePartitions(
    sql,
    days.map((row) => row.day),
  );
  // One statement, so that no reader sees a window twice or not at all; a row its writer is changing now is left for the next time.
  const moved = await sql`
    /* move-windows */
    WITH due AS (
      SELECT w.series_id, w.ts, w.writer FROM telemetry_open_windows AS w WHERE ${due}
        AND date_trunc('day', w.ts, 'UTC') IN ${sql(days.map((row) => row.day))}
      ORDER BY w.series_id, w.ts LIMIT ${maxMovedWindows} FOR UPDATE SKIP LOCKED
    ), d AS (
      DELETE FROM telemetry_open_windows AS w USING due
      WHERE w.series_id = due.series_id AND w.ts = due.ts AND w.writer = due.writer
      RETURNING w.*
    )
    INSERT INTO telemetry_metric_samples AS s (ts, series_id, writer, value_count, value_sum, value_min, value_max, value_last,
      value_last_ms, value_p50, value_p95, value_p99, sketch)
    SELECT ts, series_id, writer, value_count, value_sum, value_min, value_max, value_last, value_last_ms, value_p50, value_p95,
      value_p99, sketch
    FROM d ORDER BY series_id, ts
    ON CONFLICT (series_id, ts, writer) DO UPDATE SET
      value_count = excluded.value_count, value_sum = excluded.value_sum, value_min = excluded.value_min,
      value_max = excluded.value_max, value_last = excluded.value_last, value_last_ms = excluded.value_last_ms,
      value_p50 = excluded.value_p50, value_p95 = excluded.value_p95, value_p99 = excluded.value_p99, sketch = excluded.sketch`;
  return moved.count;
}
