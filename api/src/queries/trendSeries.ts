import { textArray } from '@command-center/drizzle/arrays';
import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import { overflowKey } from '../trends/overflow.ts';

export const trendSeriesRow = z.object({
  metric_name: z.string(),
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
  readonly by: string | undefined;
}

/** The series of different metrics that hold all the given labels. More than `limit` of one metric come where it has them, or all of all come. */
export function trendSeries(
  sql: ISql,
  choices: readonly SeriesChoice[],
  where: Readonly<Record<string, string | true>>,
  limit: number,
): PendingQuery<Row[]> {
  const names = textArray(choices.map(({ metricName }) => metricName));
  const labels = textArray(choices.map(({ by }) => by ?? ''));
  return sql`/* trend_series */
    SELECT s.metric_name, s.id, s.labels ->> c.label AS member, s.labels ? ${overflowKey} AS is_overflow,
      (SELECT max(r.bucket) FROM telemetry_trend_rollups AS r WHERE r.series_id = s.id AND r.resolution = '1h') AS rolled_up_to
    FROM unnest(${names}::text[], ${labels}::text[]) AS c (metric_name, label) JOIN telemetry_metric_series AS s USING (metric_name)
    WHERE s.metric_name = ANY (${names}::text[]) AND s.scope = 'cluster' AND s.labels @> ${sql.json(where)}
    ORDER BY s.id
    LIMIT ${limit * choices.length + 1}`;
}
