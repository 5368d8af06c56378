import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';

export const metricSourceRow = z.object({
  holder: z.string(),
  metric_name: z.string(),
  source: z.string(),
  /** Null for the first source of a holder: it holds every minute. */
  from: z.date().nullable(),
});

/** Which source counts for each holder and metric, of those seen since the window began: the newest to have taken over (contract.md §4). */
export function metricSources(sql: ISql, window: TimeWindow, limit: number): PendingQuery<Row[]> {
  return sql`/* metric_sources */
    SELECT DISTINCT ON (holder, metric_name) holder, metric_name, source, CASE WHEN isfinite(from_minute) THEN from_minute END AS "from"
    FROM telemetry_metric_sources
    WHERE last_seen >= ${new Date(window.fromMs)} AND from_minute < ${new Date(window.toMs)}
    ORDER BY holder, metric_name, from_minute DESC, source
    LIMIT ${limit + 1}`;
}
