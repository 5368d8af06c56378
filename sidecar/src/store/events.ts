import { booleanArray, numberArray, textArray } from '@command-center/drizzle/arrays';
import type { TransactionSql } from 'postgres';
import type { CuratedLog, CuratedSpan } from '../curate/curated.ts';

/** A log record with its final identity: digest plus ordinal among equal records of its request (32 hex digits). */
export interface LogRow {
  readonly id: string;
  readonly log: CuratedLog;
}

/** Rows that were new, by service; the others were there already. */
export type InsertedByService = ReadonlyMap<string, number>;

/** Stores log records once each, however often they are sent (design §5, "Identity is a record's"). */
export async function writeLogs(tx: TransactionSql, rows: readonly LogRow[]): Promise<InsertedByService> {
  if (rows.length === 0) return new Map();
  const ordered = [...rows].sort((a, b) => a.log.tsMs - b.log.tsMs || (a.id < b.id ? -1 : 1));
  const logs = ordered.map((row) => row.log);
  return byService(
    await tx<ServiceCount[]>`
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
      RETURNING service)
    SELECT service, count(*) AS n FROM inserted GROUP BY service`,
  );
}

/** Stores span metadata once each. */
export async function writeSpans(tx: TransactionSql, spans: readonly CuratedSpan[]): Promise<InsertedByService> {
  if (spans.length === 0) return new Map();
  const rows = [...spans].sort(
    (a, b) =>
      a.tsMs - b.tsMs || (a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : a.spanId < b.spanId ? -1 : 1),
  );
  return byService(
    await tx<ServiceCount[]>`
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
    SELECT service, count(*) AS n FROM inserted GROUP BY service`,
  );
}

interface ServiceCount {
  readonly service: string;
  readonly n: string;
}

function byService(rows: readonly ServiceCount[]): InsertedByService {
  return new Map(rows.map((row) => [row.service, Number(row.n)]));
}
