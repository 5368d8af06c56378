import { numberArray } from '@command-center/drizzle/arrays';
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
  /** From here on nothing is merged as it is now. */
  up_to: z.date(),
  /** Start of the hour whose minutes the points are; null in an answer by the hour, and where nothing is merged. */
  hour: z.date().nullable(),
  size: z.coerce.number(),
  /** The points as JSON, one behind the other; null = none. */
  points: z.string().nullable(),
});

/** Merged minutes of a metric, a row an hour; at least one row. The text of the points is theirs in the table: an array. */
export function mergedMinutes(sql: ISql, metric: WholeMetric, period: Period): PendingQuery<Row[]> {
  return sql`/* merged_minutes */
    WITH known AS MATERIALIZED (${upTo(sql, metric, period)})
    SELECT known.up_to, m.hour, coalesce(m.size, 0) AS size, m.points::text AS points
    FROM known LEFT JOIN telemetry_merged_minutes AS m ON m.metric_name = ${metric.name}
      AND m.hour > ${new Date(period.fromMs - hourMs)} AND m.hour < ${new Date(period.toMs)} AND m.hour < known.up_to
    ORDER BY m.hour`;
}

/** Merged hours of a metric, all in one row. */
export function mergedHours(sql: ISql, metric: WholeMetric, period: Period): PendingQuery<Row[]> {
  return sql`/* merged_hours */
    WITH known AS MATERIALIZED (${upTo(sql, metric, period)})
    SELECT known.up_to, NULL::timestamptz AS hour, count(h.hour) AS size, '[' || string_agg(h.point::text, ',' ORDER BY h.hour) || ']' AS points
    FROM known LEFT JOIN telemetry_merged_hours AS h ON h.metric_name = ${metric.name}
      AND h.hour >= ${new Date(period.fromMs)} AND h.hour < ${new Date(period.toMs)} AND h.hour < known.up_to
    GROUP BY known.up_to`;
}

/** Hours of the period before `up_to` are merged as they are now: none of them changed since, or waits for the leader (migration 0005). */
function upTo(sql: ISql, { name, seriesIds }: WholeMetric, period: Period): Fragment {
  const within = sql`hour > ${new Date(period.fromMs - hourMs)} AND hour < ${new Date(period.toMs)}`;
  return sql`
    SELECT least(next_merged_hour,
      (SELECT min(hour) FROM telemetry_unmerged_hours WHERE metric_name = ${name} AND ${within}),
      (SELECT min(hour) FROM telemetry_dirty_hours WHERE series_id = ANY (${numberArray(seriesIds)}::integer[]) AND ${within})) AS up_to
    FROM telemetry_rollup_progress`;
}
