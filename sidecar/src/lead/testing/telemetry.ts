import type { Labels } from '@command-center/contract/labels';
import { explicitSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { connect } from '@command-center/drizzle/connect';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import type { Sql } from 'postgres';
import { inTransaction } from '../../store/transaction.ts';
import { type WindowRow, writeWindows } from '../../store/windows.ts';

/** A database of a test's own, and what a sidecar would have written into it. */
export interface Telemetry {
  readonly sql: Sql;
  readonly url: string;
  /** The database's now() at the start. */
  readonly nowMs: number;
  series(metric: string, labels: Labels): Promise<number>;
  /** Through the store's own path: recent minutes to the open windows, others to the samples, ended hours marked as dirty. */
  write(writer: number, ...rows: readonly WindowRow[]): Promise<void>;
  close(): Promise<void>;
}

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

/** Start of the minute that began `ago` minutes before the current one. */
export function minuteBefore(nowMs: number, ago: number): number {
  return (Math.floor(nowMs / minuteMs) - ago) * minuteMs;
}

export async function openTelemetry(): Promise<Telemetry> {
  const database = await freshDatabase();
  const sql = connect(database.url, { name: 'lead-test', max: 3 });
  const [clock] = await sql<{ now_ms: number }[]>`SELECT extract(epoch FROM now())::double precision * 1000 AS now_ms`;
  return {
    sql,
    url: database.url,
    nowMs: clock?.now_ms ?? 0,
    series: async (metric, labels) => {
      const [row] = await sql<{ id: number }[]>`
        INSERT INTO telemetry_metric_series (metric_name, labels) VALUES (${metric}, ${sql.json(labels)}) RETURNING id`;
      return row?.id ?? 0;
    },
    write: async (writer, ...rows) => {
      await ensurePartitions(
        sql,
        rows.map((row) => new Date(row.minuteMs)),
      );
      await inTransaction(sql, (tx, nowMs) => writeWindows(tx, writer, rows, nowMs));
    },
    close: async () => {
      await sql.end();
      await database.drop();
    },
  };
}

const none = { count: null, sum: null, min: null, max: null, last: null, lastMs: null };
const noSketch = { p50: null, p95: null, p99: null, sketch: null };

export function counterRow(seriesId: number, atMs: number, sum: number): WindowRow {
  return { seriesId, minuteMs: atMs, ...none, ...noSketch, sum, count: Math.round(sum) };
}

/** Of an additive gauge. */
export function additiveRow(seriesId: number, atMs: number, last: number): WindowRow {
  return { seriesId, minuteMs: atMs, ...none, ...noSketch, last };
}

/** Of a gauge that merges by max, min or last. */
export function gaugeRow(seriesId: number, atMs: number, value: number, lastMs = 30_000): WindowRow {
  return { seriesId, minuteMs: atMs, ...none, ...noSketch, min: value, max: value, last: value, lastMs };
}

/** Counts of the explicit buckets (-inf, bounds[0]], …, (bounds[n-1], +inf). */
export function histogramRow(
  seriesId: number,
  atMs: number,
  bounds: readonly number[],
  counts: readonly number[],
): WindowRow {
  const spans = explicitSpans(bounds, counts, { factor: 1, isSigned: false });
  const count = counts.reduce((sum, one) => sum + one, 0);
  return { seriesId, minuteMs: atMs, ...none, ...noSketch, count, sum: count, sketch: encodeSketch(spans), p95: 0.1 };
}
