import type { Fragment, ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';
import { allOf, instantOf } from './conditions.ts';
import type { PageParameters } from './logPage.ts';

export const traceRow = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  ts: z.date(),
  ts_micros: z.string(),
  span_name: z.string(),
  domain: z.string(),
  route: z.string().nullable(),
  status_code: z.string().nullable(),
  is_error: z.boolean(),
  duration_ms: z.number(),
  service: z.string(),
  sampled: z.boolean(),
});

/** What chooses the rows of `telemetry_trace_index`. */
export interface TraceFilters {
  readonly status: 'all' | 'error' | 'slow';
  readonly domain?: string | undefined;
  readonly route?: string | undefined;
  /** Milliseconds. */
  readonly duration_min?: number | undefined;
  readonly trace_id?: string | undefined;
  /** Milliseconds from which a span is slow: database spans and all others (contract.md §3). */
  readonly slowMs: { readonly db: number; readonly other: number };
}

/** The columns of `traceRow`. */
export const traceColumns = (
  sql: ISql,
): Fragment => sql`trace_id, span_id, ts, (extract(epoch FROM ts) * 1000000)::bigint AS ts_micros, span_name, domain, route, status_code,
  is_error, duration_ms, service, sampled`;

/** A page of spans, newest first, by keyset on (ts, trace_id, span_id). */
export function tracePage(sql: ISql, page: PageParameters<TraceFilters>): PendingQuery<Row[]> {
  const conditions = traceConditions(sql, page.window, page.filters);
  if (page.after !== null) {
    const [traceId = '', spanId = ''] = page.after.ids;
    conditions.push(sql`(ts, trace_id, span_id) < (${instantOf(sql, page.after)}, ${traceId}, ${spanId})`);
  }
  return sql`/* trace_page */
    SELECT ${traceColumns(sql)}
    FROM telemetry_trace_index
    WHERE ${allOf(sql, conditions)}
    ORDER BY ts DESC, trace_id DESC, span_id DESC
    LIMIT ${page.limit + 1}`;
}

/** The WHERE clause of the spans that are chosen. */
export function traceConditions(sql: ISql, window: TimeWindow, filters: TraceFilters): Fragment[] {
  const conditions = [sql`ts >= ${new Date(window.fromMs)}`, sql`ts < ${new Date(window.toMs)}`];
  if (filters.status === 'error') conditions.push(sql`is_error`);
  if (filters.status === 'slow') {
    // The least of both again by itself: that is what an index of slow spans can be chosen by.
    conditions.push(
      sql`duration_ms >= ${Math.min(filters.slowMs.db, filters.slowMs.other)}`,
      sql`duration_ms >= CASE WHEN domain = 'db' THEN ${filters.slowMs.db}::double precision ELSE ${filters.slowMs.other}::double precision END`,
    );
  }
  if (filters.domain !== undefined) conditions.push(sql`domain = ${filters.domain}`);
  if (filters.route !== undefined) {
    // The expression of the indexes (docs/adr/0014). Beyond the hash, as a function: as an operator the planner would take it for a further choice.
    conditions.push(sql`hashtext(route) = hashtext(${filters.route})`, sql`NOT textne(route, ${filters.route})`);
  }
  if (filters.duration_min !== undefined) conditions.push(sql`duration_ms >= ${filters.duration_min}`);
  if (filters.trace_id !== undefined) conditions.push(sql`trace_id = ${filters.trace_id}`);
  return conditions;
}
