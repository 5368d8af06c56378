import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';

export const slowQueryRow = z.object({
  span_name: z.string(),
  count: z.coerce.number(),
  p95_ms: z.number(),
  max_ms: z.number(),
  /** Of all rows together: spans that were read, and the oldest of them. */
  read: z.coerce.number(),
  oldest: z.date(),
});

/** Slow database spans by name, the slowest first: of the newest `spans` of the window. */
export function slowQueries(
  sql: ISql,
  window: TimeWindow,
  slowMs: number,
  spans: number,
  limit: number,
): PendingQuery<Row[]> {
  return sql`/* slow_queries */
    SELECT span_name, count(*) AS count, percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms, max(duration_ms) AS max_ms,
      sum(count(*)) OVER () AS read, min(min(ts)) OVER () AS oldest
    FROM (
      SELECT span_name, duration_ms, ts FROM telemetry_trace_index
      WHERE domain = 'db' AND duration_ms >= ${slowMs} AND ts >= ${new Date(window.fromMs)} AND ts < ${new Date(window.toMs)}
      ORDER BY ts DESC LIMIT ${spans}
    ) AS newest
    GROUP BY span_name
    ORDER BY p95_ms DESC, span_name
    LIMIT ${limit}`;
}
