import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';
import { countOf, keyPage, keyPages } from './byKey.ts';
import { allOf } from './conditions.ts';
import { type TraceFilters, traceConditions } from './tracePage.ts';

/** `trace_ids` and `span_ids` are the literals of text[]. */
export const traceKeyPage = keyPage.extend({ trace_ids: z.string(), span_ids: z.string() });
export type TraceKeyPage = z.infer<typeof traceKeyPage>;

/** Where the newest spans of a window lie, at most `limit`, and whether there is one more. */
export function traceKeys(sql: ISql, window: TimeWindow, filters: TraceFilters, limit: number): PendingQuery<Row[]> {
  const order = sql`ts DESC, trace_id DESC, span_id DESC`;
  const found = sql`
    SELECT ts, trace_id, span_id FROM telemetry_trace_index
    WHERE ${allOf(sql, traceConditions(sql, window, filters))}
    ORDER BY ${order}
    LIMIT ${limit + 1}`;
  const ids = sql`array_agg(trace_id ORDER BY n)::text AS trace_ids, array_agg(span_id ORDER BY n)::text AS span_ids`;
  return sql`/* trace_keys */ ${keyPages(sql, found, order, ids, limit)}`;
}

/** How many spans a window has, up to `limit`; a tenth of the time that their keys take. */
export function traceCount(sql: ISql, window: TimeWindow, filters: TraceFilters, limit: number): PendingQuery<Row[]> {
  const found = sql`
    SELECT FROM telemetry_trace_index
    WHERE ${allOf(sql, traceConditions(sql, window, filters))}
    ORDER BY ts DESC
    LIMIT ${limit}`;
  return sql`/* trace_count */ ${countOf(sql, found)}`;
}
