import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';
import { allOf } from './conditions.ts';
import { type TraceFilters, traceConditions } from './tracePage.ts';

/** Where a span lies: microseconds since the epoch, and its ids. */
export const traceKey = z.object({ ts_micros: z.string(), trace_id: z.string(), span_id: z.string() });
export type TraceKey = z.infer<typeof traceKey>;

/** Where the newest spans of a window lie, newest first. */
export function traceKeys(sql: ISql, window: TimeWindow, filters: TraceFilters, limit: number): PendingQuery<Row[]> {
  return sql`/* trace_keys */
    SELECT (extract(epoch FROM ts) * 1000000)::bigint AS ts_micros, trace_id, span_id
    FROM telemetry_trace_index
    WHERE ${allOf(sql, traceConditions(sql, window, filters))}
    ORDER BY ts DESC, trace_id DESC, span_id DESC
    LIMIT ${limit}`;
}
