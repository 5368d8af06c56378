import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { Position } from '../requests/cursor.ts';
import type { TimeWindow } from '../requests/window.ts';
import { allOf, instantOf } from './conditions.ts';
import { type LogFilters, logConditions } from './logConditions.ts';

export const logRow = z.object({
  id: z.string(),
  ts: z.date(),
  ts_micros: z.string(),
  level: z.enum(['WARN', 'ERROR']),
  service: z.string(),
  domain: z.string(),
  event: z.string(),
  message: z.string(),
  trace_id: z.string().nullable(),
  span_id: z.string().nullable(),
  sampled: z.boolean(),
  attrs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

export interface PageParameters<F> {
  readonly window: TimeWindow;
  readonly filters: F;
  /** The last row of the page before. */
  readonly after: Position | null;
  /** Rows wanted; one more is read to know whether there is a next page. */
  readonly limit: number;
}

/** A page of log records, newest first, by keyset on (ts, id). */
export function logPage(sql: ISql, page: PageParameters<LogFilters>): PendingQuery<Row[]> {
  const conditions = [logConditions(sql, page.window, page.filters)];
  if (page.after !== null) {
    conditions.push(sql`(ts, id) < (${instantOf(sql, page.after)}, ${page.after.ids[0] ?? ''}::uuid)`);
  }
  return sql`/* log_page */
    SELECT id, ts, (extract(epoch FROM ts) * 1000000)::bigint AS ts_micros, level, service, domain, event, message, trace_id, span_id,
      sampled, attrs
    FROM telemetry_log_events
    WHERE ${allOf(sql, conditions)}
    ORDER BY ts DESC, id DESC
    LIMIT ${page.limit + 1}`;
}
