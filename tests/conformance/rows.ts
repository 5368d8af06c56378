import type { Sql } from 'postgres';

/** A minute of a series, summed over its writers and over the open and the closed table, as the console reads it. */
export interface StoredMinute {
  readonly name: string;
  readonly scope: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ts: Date;
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** By name, labels and time; `service` = the label `service.name`. */
export function storedMinutes(sql: Sql, service?: string): Promise<StoredMinute[]> {
  return sql<StoredMinute[]>`
    SELECT metric_name AS name, scope, labels, ts, value_count::float8 AS count, value_sum AS sum, value_min AS min,
      value_max AS max, value_last AS last, value_p50 AS p50, value_p95 AS p95, value_p99 AS p99
    FROM telemetry_metrics
    WHERE ${service ?? null}::text IS NULL OR labels->>'service.name' = ${service ?? null}
    ORDER BY metric_name, labels::text, ts`;
}

/** Sketches of a metric's rows as stored, one a row. */
export async function storedSketches(sql: Sql, service: string): Promise<readonly (Uint8Array | null)[]> {
  const rows = await sql<{ sketch: Uint8Array | null }[]>`
    SELECT sketch FROM (SELECT * FROM telemetry_open_windows UNION ALL SELECT * FROM telemetry_metric_samples) part
    JOIN telemetry_metric_series series ON series.id = part.series_id
    WHERE labels->>'service.name' = ${service} ORDER BY ts, part.series_id`;
  return rows.map(({ sketch }) => sketch);
}

export interface StoredLog {
  readonly id: string;
  readonly ts: Date;
  /** Nanoseconds are cut to Postgres' microseconds. */
  readonly tsMicros: string;
  readonly level: string;
  readonly service: string;
  readonly domain: string;
  readonly event: string;
  readonly message: string;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly sampled: boolean;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** In the order of time, then of id. */
export function storedLogs(sql: Sql): Promise<StoredLog[]> {
  return sql<StoredLog[]>`
    SELECT *, (extract(epoch FROM ts) * 1000000)::bigint::text AS "tsMicros" FROM telemetry_log_events ORDER BY ts, id`;
}

export interface StoredSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly span_name: string;
  readonly domain: string;
  readonly route: string | null;
  readonly status_code: string | null;
  readonly is_error: boolean;
  readonly duration_ms: number;
  readonly ts: Date;
  readonly service: string;
  readonly sampled: boolean;
}

/** In the order of their ids. */
export function storedSpans(sql: Sql): Promise<StoredSpan[]> {
  return sql<StoredSpan[]>`SELECT * FROM telemetry_trace_index ORDER BY trace_id, span_id, ts`;
}

/** How often each of `<outcome> <reason> <name>` was counted, without what is empty: `{ 'received': 2, 'dropped not_in_contract my.metric': 2 }`. */
export async function intake(sql: Sql, signal: string): Promise<Readonly<Record<string, number>>> {
  const rows = await sql<{ outcome: string; reason: string; name: string; count: number }[]>`
    SELECT outcome, reason, name, sum(count)::float8 AS count
    FROM (SELECT outcome, CASE outcome WHEN 'stored' THEN '' ELSE reason END AS reason, name, count FROM telemetry_intake WHERE signal = ${signal}) AS i
    GROUP BY outcome, reason, name ORDER BY outcome, reason, name`;
  return Object.fromEntries(
    rows.map(({ outcome, reason, name, count }) => [[outcome, reason, name].filter(Boolean).join(' '), count]),
  );
}

/** Rows of records in all: 0 = nothing of what was sent is stored. */
export async function storedRows(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    SELECT ((SELECT count(*) FROM telemetry_open_windows) + (SELECT count(*) FROM telemetry_metric_samples) +
      (SELECT count(*) FROM telemetry_log_events) + (SELECT count(*) FROM telemetry_trace_index))::float8 AS count`;
  return row?.count ?? Number.NaN;
}
