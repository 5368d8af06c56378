import { bigintArray, numberArray, realArray } from '@command-center/drizzle/arrays';
import type { PendingQuery, Row, TransactionSql } from 'postgres';
import { blobOf } from './blob.ts';
import type { Reader } from './transaction.ts';

/** A minute is written to `telemetry_open_windows` until this long after its end, then straight to `telemetry_metric_samples` (design §4). */
const OPEN_AFTER_END_MS = 2 * 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A row of both tables: one writer's full state of one series in one minute. */
export interface WindowRow {
  readonly seriesId: number;
  readonly minuteMs: number;
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly lastMs: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly sketch: Uint8Array | null;
}

/** Writes the full state of each window where it belongs by the database's clock, and marks hours that have already ended as dirty. */
export async function writeWindows(
  tx: TransactionSql,
  writer: number,
  rows: readonly WindowRow[],
  nowMs: number,
): Promise<void> {
  const ordered = [...rows].sort((a, b) => a.seriesId - b.seriesId || a.minuteMs - b.minuteMs);
  const isOpen = (row: WindowRow): boolean => row.minuteMs + MINUTE_MS + OPEN_AFTER_END_MS >= nowMs;
  const open = ordered.filter(isOpen);
  const closed = ordered.filter((row) => !isOpen(row));
  const statements = [];
  if (open.length > 0) statements.push(upsert(tx, 'telemetry_open_windows', writer, open));
  if (closed.length > 0) {
    statements.push(deleteOpen(tx, writer, closed), upsert(tx, 'telemetry_metric_samples', writer, closed));
  }
  const dirty = dirtyHours(ordered, nowMs);
  if (dirty.length > 0) statements.push(markDirty(tx, dirty));
  await Promise.all(statements);
}

/**
 * Writes what a batch adds to late minutes, whose hours may be packed: as parts under a writer id of their own, so that nothing is overwritten; readers
 * merge them, and the leader packs them with the rest (docs/adr/0010).
 */
export async function writeLateWindows(tx: TransactionSql, rows: readonly WindowRow[]): Promise<void> {
  if (rows.length === 0) return;
  const ordered = [...rows].sort((a, b) => a.seriesId - b.seriesId || a.minuteMs - b.minuteMs);
  const ownWriter = tx`(SELECT nextval('telemetry_writers'))`;
  await Promise.all([
    upsert(tx, 'telemetry_metric_samples', ownWriter, ordered),
    markDirty(tx, dirtyHours(ordered, Number.POSITIVE_INFINITY)),
  ]);
}

function markDirty(tx: TransactionSql, dirty: readonly DirtyHour[]) {
  return tx`
    /* mark-dirty-hours */
    INSERT INTO telemetry_dirty_hours (hour, series_id)
    SELECT to_timestamp(hour / 1000), series_id
    FROM unnest(${numberArray(dirty.map((row) => row.hourMs))}::double precision[],
      ${numberArray(dirty.map((row) => row.seriesId))}::integer[]) AS r(hour, series_id)`;
}

interface DirtyHour {
  readonly hourMs: number;
  readonly seriesId: number;
}

function upsert(
  tx: TransactionSql,
  table: 'telemetry_open_windows' | 'telemetry_metric_samples',
  writer: number | PendingQuery<Row[]>,
  rows: readonly WindowRow[],
) {
  const sketches = blobOf(rows.map((row) => row.sketch));
  return tx`
    /* upsert-windows */
    WITH r AS (
      SELECT * FROM unnest(${numberArray(rows.map((row) => row.minuteMs))}::double precision[],
        ${numberArray(rows.map((row) => row.seriesId))}::integer[], ${bigintArray(rows.map((row) => row.count))}::bigint[],
        ${numberArray(rows.map((row) => row.sum))}::double precision[], ${numberArray(rows.map((row) => row.min))}::double precision[],
        ${numberArray(rows.map((row) => row.max))}::double precision[], ${numberArray(rows.map((row) => row.last))}::double precision[],
        ${numberArray(rows.map((row) => row.lastMs))}::integer[], ${realArray(rows.map((row) => row.p50))}::real[],
        ${realArray(rows.map((row) => row.p95))}::real[], ${realArray(rows.map((row) => row.p99))}::real[],
        ${sketches.at}::integer[], ${sketches.length}::integer[])
        AS r(minute, series_id, n, total, low, high, last, last_ms, p50, p95, p99, at, length))
    INSERT INTO ${tx(table)} AS w (ts, series_id, writer, value_count, value_sum, value_min, value_max, value_last, value_last_ms,
      value_p50, value_p95, value_p99, sketch)
    SELECT to_timestamp(minute / 1000), series_id, ${writer}::integer, n, total, low, high, last, last_ms, p50, p95, p99,
      substring((SELECT decode(${sketches.base64}, 'base64')) FROM at FOR length)
    FROM r
    ON CONFLICT (series_id, ts, writer) DO UPDATE SET
      value_count = excluded.value_count, value_sum = excluded.value_sum, value_min = excluded.value_min,
      value_max = excluded.value_max, value_last = excluded.value_last, value_last_ms = excluded.value_last_ms,
      value_p50 = excluded.value_p50, value_p95 = excluded.value_p95, value_p99 = excluded.value_p99, sketch = excluded.sketch`;
}

function deleteOpen(tx: TransactionSql, writer: number, rows: readonly WindowRow[]) {
  return tx`
    /* delete-open-windows */
    DELETE FROM telemetry_open_windows AS w
    USING unnest(${numberArray(rows.map((row) => row.minuteMs))}::double precision[],
      ${numberArray(rows.map((row) => row.seriesId))}::integer[]) AS r(minute, series_id)
    WHERE w.series_id = r.series_id AND w.ts = to_timestamp(r.minute / 1000) AND w.writer = ${writer}::integer`;
}

function dirtyHours(rows: readonly WindowRow[], nowMs: number): DirtyHour[] {
  const seen = new Map<string, DirtyHour>();
  for (const row of rows) {
    const hourMs = Math.floor(row.minuteMs / HOUR_MS) * HOUR_MS;
    if (hourMs + HOUR_MS <= nowMs) seen.set(`${hourMs}:${row.seriesId}`, { hourMs, seriesId: row.seriesId });
  }
  return [...seen.values()];
}

/** This writer's own rows of windows that are no longer in memory: a window is read before it is changed (design §5). */
export async function readOwnWindows(
  db: Reader,
  writer: number,
  keys: readonly { readonly seriesId: number; readonly minuteMs: number }[],
): Promise<WindowRow[]> {
  if (keys.length === 0) return [];
  const columns = db`extract(epoch FROM w.ts)::double precision * 1000 AS minute_ms, w.series_id, w.value_count, w.value_sum, w.value_min,
    w.value_max, w.value_last, w.value_last_ms, w.sketch`;
  const wanted = db`unnest(${numberArray(keys.map((key) => key.minuteMs))}::double precision[],
    ${numberArray(keys.map((key) => key.seriesId))}::integer[]) AS r(minute, series_id)`;
  const match = db`w.series_id = r.series_id AND w.ts = to_timestamp(r.minute / 1000) AND w.writer = ${writer}::integer`;
  const rows = await db<StoredWindow[]>`
    /* read-own-windows */
    SELECT ${columns} FROM ${wanted} JOIN telemetry_open_windows AS w ON ${match}
    UNION ALL
    SELECT ${columns} FROM ${wanted} JOIN telemetry_metric_samples AS w ON ${match}`;
  return rows.map((row) => ({
    seriesId: row.series_id,
    minuteMs: row.minute_ms,
    count: row.value_count === null ? null : Number(row.value_count),
    sum: row.value_sum,
    min: row.value_min,
    max: row.value_max,
    last: row.value_last,
    lastMs: row.value_last_ms,
    p50: null,
    p95: null,
    p99: null,
    sketch: row.sketch,
  }));
}

interface StoredWindow {
  readonly minute_ms: number;
  readonly series_id: number;
  /** bigint: the driver hands it over as text. */
  readonly value_count: string | null;
  readonly value_sum: number | null;
  readonly value_min: number | null;
  readonly value_max: number | null;
  readonly value_last: number | null;
  readonly value_last_ms: number | null;
  readonly sketch: Uint8Array | null;
}
