import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import { overflowKey } from '../trends/overflow.ts';

export const trendSeriesRow = z.object({
  id: z.int(),
  /** Value of the label that the series are split by; null where the series lacks it. */
  member: z.string().nullable(),
  /** The one series that takes what exceeds the metric's budget. */
  is_overflow: z.boolean(),
  /** The newest hour of it that has been rolled up; null before the first. */
  rolled_up_to: z.date().nullable(),
});

export interface SeriesChoice {
  /** Canonical. */
  readonly metricName: string;
  readonly where: Readonly<Record<string, string | true>>;
  readonly by: string | undefined;
}

/** The series of a metric that hold all the given labels. */
export function trendSeries(sql: ISql, choice: SeriesChoice, limit: number): PendingQuery<Row[]> {
  return sql`/* trend_series */
    SELECT s.id, s.labels ->> ${choice.by ?? ''} AS member, s.labels ? ${overflowKey} AS is_overflow,
      (SELECT max(r.bucket) FROM telemetry_trend_rollups AS r WHERE r.series_id = s.id AND r.resolution = '1h') AS rolled_up_to
    FROM telemetry_metric_series AS s
    WHERE s.metric_name = ${choice.metricName} AND s.scope = 'cluster' AND s.labels @> ${sql.json(choice.where)}
    ORDER BY s.id
    LIMIT ${limit + 1}`;
}
