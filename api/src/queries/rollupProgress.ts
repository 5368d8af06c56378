import { textArray } from '@command-center/drizzle/arrays';
import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';

export const rollupProgressRow = z.object({
  next_hour: z.date(),
  /** Milliseconds since the epoch, ascending. */
  changed: z.array(z.number()),
});

/** How far roll-ups have come, and which hours of the metrics changed since they were rolled up; one row. */
export function rollupProgress(sql: ISql, metricNames: readonly string[], window: TimeWindow): PendingQuery<Row[]> {
  return sql`/* rollup_progress */
    SELECT next_hour, (
      SELECT coalesce(json_agg(extract(epoch FROM hour)::double precision * 1000 ORDER BY hour), '[]')
      FROM (
        SELECT DISTINCT d.hour FROM telemetry_dirty_hours AS d JOIN telemetry_metric_series AS s ON s.id = d.series_id
        WHERE s.metric_name = ANY (${textArray(metricNames)}::text[]) AND d.hour >= ${new Date(window.fromMs)} AND d.hour < ${new Date(window.toMs)}
      ) AS hours
    ) AS changed
    FROM telemetry_rollup_progress`;
}
