import { numberArray, textArray } from '@command-center/drizzle/arrays';
import type { Period } from '@command-center/drizzle/trends/columns';
import type { Fragment, ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';

const hourMs = 3_600_000;

/** A metric, and the ids of all its series. */
export interface WholeMetric {
  readonly name: string;
  readonly seriesIds: readonly number[];
}

export const mergedRow = z.object({
  metric_name: z.string(),
  /** From here on nothing is merged as it is now. */
  up_to: z.date(),
  /** Start of the hour whose minutes the points are; null in an answer by the hour, and where nothing is merged. */
  hour: z.date().nullable(),
  size: z.coerce.number(),
  /** The points as JSON, one behind the other; null = none. */
  points: z.string().nullable(),
});

/** Merged minutes of metrics, a row an hour; at least one row each. The text of the points is theirs in the table: an array. */
export function mergedMinutes(sql: ISql, metrics: readonly WholeMetric[], period: Period): PendingQuery<Row[]> {
  return sql`/* merged_minutes */
    WITH known AS MATERIALIZED (${upTo(sql, metrics, period)})
    SELECT known.metric_name, known.up_to, m.hour, coalesce(m.size, 0) AS size, m.points::text AS points
    FROM known LEFT JOIN telemetry_merged_minutes AS m ON m.metric_name = known.metric_name
      AND m.hour > ${new Date(period.fromMs - hourMs)} AND m.hour < ${new Date(period.toMs)} AND m.hour < known.up_to
    ORDER BY m.hour`;
}

/** Merged hours of metrics, all in one row each. */
export function mergedHours(sql: ISql, metrics: readonly WholeMetric[], period: Period): PendingQuery<Row[]> {
  return sql`/* merged_hours */
    WITH known AS MATERIALIZED (${upTo(sql, metrics, period)})
    SELECT known.metric_name, known.up_to, NULL::timestamptz AS hour, h.size, h.points
    FROM known CROSS JOIN LATERAL (
      SELECT count(*) AS size, '[' || string_agg(point::text, ',' ORDER BY hour) || ']' AS points FROM telemetry_merged_hours AS m
      WHERE m.metric_name = known.metric_name AND hour >= ${new Date(period.fromMs)} AND hour < ${new Date(period.toMs)} AND hour < known.up_to
    ) AS h`;
}

/** Hours of the period before `up_to` are merged as they are now: none of them changed since, or waits for the leader (migration 0005). */
function upTo(sql: ISql, metrics: readonly WholeMetric[], period: Period): Fragment {
  const within = sql`hour > ${new Date(period.fromMs - hourMs)} AND hour < ${new Date(period.toMs)}`;
  const names = textArray(metrics.map(({ name }) => name));
  const owners = textArray(metrics.flatMap(({ name, seriesIds }) => seriesIds.map(() => name)));
  const ids = numberArray(metrics.flatMap(({ seriesIds }) => seriesIds));
  return sql`
    SELECT w.metric_name, least(next_merged_hour, unmerged.hour, dirty.hour) AS up_to
    FROM telemetry_rollup_progress CROSS JOIN unnest(${names}::text[]) AS w (metric_name)
    LEFT JOIN (
      SELECT metric_name, min(hour) AS hour FROM telemetry_unmerged_hours WHERE metric_name = ANY (${names}::text[]) AND ${within} GROUP BY metric_name
    ) AS unmerged USING (metric_name)
    LEFT JOIN (
      SELECT o.metric_name, min(d.hour) AS hour
      FROM telemetry_dirty_hours AS d JOIN unnest(${owners}::text[], ${ids}::integer[]) AS o (metric_name, series_id) USING (series_id)
      WHERE d.series_id = ANY (${ids}::integer[]) AND ${within} GROUP BY o.metric_name
    ) AS dirty USING (metric_name)`;
}
