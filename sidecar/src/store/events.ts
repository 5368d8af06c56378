import { booleanArray, numberArray, textArray } from '@command-center/drizzle/arrays';
import type { TransactionSql } from 'postgres';
import type { CuratedLog, CuratedSpan } from '../curate/curated.ts';

/** A log record with its final identity: digest plus ordinal among equal records of its request (32 hex digits). */
export interface LogRow {
  readonly id: string;
  readonly log: CuratedLog;
}

/** Rows that were new; the others were there already. `level` of log records, '' of spans. */
export interface Inserted {
  readonly service: string;
  readonly level: string;
  readonly count: number;
}

/** Stores log records once each, however often they are sent (design §5, "Identity is a record's"). */
export async function writeLogs(tx: TransactionSql, rows: readonly LogRow[]): Promise<readonly Inserted[]> {
  if (rows.length === 0) return [];
  const ordered = [...rows].sort((a, b) => a.log.tsMs - b.log.tsMs || (a.id < b.id ? -1 : 1));
  const logs = ordered.map((row) => row.log);
  return inserted(
    await tx<InsertedRow[]>`
    /* insert-logs */
    WITH inserted AS (
      INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message, trace_id, span_id, sampled, attrs)
      SELECT id, to_timestamp(ts / 1000), level, service, domain, event, message, trace_id, span_id, sampled, attrs::jsonb
      FROM unnest(${textArray(ordered.map((row) => row.id))}::uuid[], ${numberArray(logs.map((log) => log.tsMs))}::double precision[],
        ${textArray(logs.map((log) => log.level))}::text[], ${textArray(logs.map((log) => log.service))}::text[],
        ${textArray(logs.map((log) => log.domain))}::text[], ${textArray(logs.map((log) => log.event))}::text[],
        ${textArray(logs.map((log) => log.message))}::text[], ${textArray(logs.map((log) => log.traceId))}::text[],
        ${textArray(logs.map((log) => log.spanId))}::text[], ${booleanArray(logs.map((log) => log.isSampled))}::boolean[],
        ${textArray(logs.map((log) => JSON.stringify(log.attributes)))}::text[])
        AS r(id, ts, level, service, domain, event, message, trace_id, span_id, sampled, attrs)
      ON CONFLICT (ts, id) DO NOTHING
      RETURNING service, level)
    SELECT service, level, count(*) AS n FROM inserted GROUP BY service, level`,
  );
}

/** Stores span metadata once each. */
export async function writeSpans(tx: TransactionSql, spans: readonly CuratedSpan[]): Promise<readonly Inserted[]> {
  if (spans.length === 0) return [];
  const rows = [...spans].sort(
    (a, b) =>
      a.tsMs - b.tsMs || (a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : a.spanId < b.spanId ? -1 : 1),
  );
  return inserted(
    await tx<InsertedRow[]>`
    /* insert-spans */
    WITH inserted AS (
      INSERT INTO telemetry_trace_index (trace_id, span_id, span_name, domain, route, status_code, is_error, duration_ms, ts, service, sampled)
      SELECT trace_id, span_id, span_name, domain, route, status_code, is_error, duration_ms, to_timestamp(ts / 1000), service, sampled
      FROM unnest(${textArray(rows.map((row) => row.traceId))}::text[], ${textArray(rows.map((row) => row.spanId))}::text[],
        ${textArray(rows.map((row) => row.spanName))}::text[], ${textArray(rows.map((row) => row.domain))}::text[],
        ${textArray(rows.map((row) => row.route))}::text[], ${textArray(rows.map((row) => row.statusCode))}::text[],
        ${booleanArray(rows.map((row) => row.isError))}::boolean[], ${numberArray(rows.map((row) => row.durationMs))}::double precision[],
        ${numberArray(rows.map((row) => row.tsMs))}::double precision[], ${textArray(rows.map((row) => row.service))}::text[],
        ${booleanArray(rows.map((row) => row.isSampled))}::boolean[])
        AS r(trace_id, span_id, span_name, domain, route, status_code, is_error, duration_ms, ts, service, sampled)
      ON CONFLICT (ts, trace_id, span_id) DO NOTHING
      RETURNING service)
    SELECT service, '' AS level, count(*) AS n FROM inserted GROUP BY service`,
  );
}

interface InsertedRow {
  readonly service: string;
  readonly level: string;
  readonly n: string;
}

function inserted(rows: readonly InsertedRow[]): readonly Inserted[] {
  return rows.map(({ n, ...row }) => ({ ...row, count: Number(n) }));
}
