import { textArray } from '@command-center/drizzle/arrays';
import type { Fragment, ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';

export const labelledSeriesRow = z.object({
  id: z.int(),
  metric_name: z.string(),
  labels: z.record(z.string(), z.union([z.string(), z.literal(true)])),
});
export const timedSeriesRow = labelledSeriesRow.extend({
  /** The newest hour of it that has been rolled up; null before the first. */
  rolled_up_to: z.date().nullable(),
});
export type LabelledSeries = z.output<typeof labelledSeriesRow>;

/** The series of some metrics that hold all the given labels. */
export function labelledSeries(
  sql: ISql,
  metricNames: readonly string[],
  where: Readonly<Record<string, string>>,
  limit: number,
): PendingQuery<Row[]> {
  return sql`/* labelled_series */ ${chosen(sql, sql`id, metric_name, labels`, metricNames, where, limit)}`;
}

/** The series of some metrics, and how far those of the `timed` ones have been rolled up: to know that costs a look-up each. */
export function timedSeries(
  sql: ISql,
  metricNames: readonly string[],
  timed: readonly string[],
  limit: number,
): PendingQuery<Row[]> {
  const rolledUp = sql`CASE WHEN metric_name = ANY (${textArray(timed)}::text[])
    THEN (SELECT max(r.bucket) FROM telemetry_trend_rollups AS r WHERE r.series_id = id AND r.resolution = '1h') END AS rolled_up_to`;
  return sql`/* timed_series */ ${chosen(sql, sql`id, metric_name, labels, ${rolledUp}`, metricNames, {}, limit)}`;
}

function chosen(
  sql: ISql,
  columns: Fragment,
  metricNames: readonly string[],
  where: Readonly<Record<string, string>>,
  limit: number,
): Fragment {
  return sql`
    SELECT ${columns} FROM telemetry_metric_series
    WHERE metric_name = ANY (${textArray(metricNames)}::text[]) AND scope = 'cluster' AND labels @> ${sql.json(where)}
    ORDER BY id
    LIMIT ${limit + 1}`;
}
