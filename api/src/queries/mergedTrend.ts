import { numberArray } from '@command-center/drizzle/arrays';
import type { Period } from '@command-center/drizzle/trends/columns';
import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';

const hourMs = 3_600_000;

export const mergedUpToRow = z.object({ merged_up_to: z.date() });

/** Hours of the period before this one are merged as they are now: none of them changed since, or waits for the leader (migration 0005). */
export function mergedUpTo(
  sql: ISql,
  metricName: string,
  seriesIds: readonly number[],
  period: Period,
): PendingQuery<Row[]> {
  const within = sql`hour > ${new Date(period.fromMs - hourMs)} AND hour < ${new Date(period.toMs)}`;
  return sql`/* merged_up_to */
    SELECT least(next_merged_hour,
      (SELECT min(hour) FROM telemetry_unmerged_hours WHERE metric_name = ${metricName} AND ${within}),
      (SELECT min(hour) FROM telemetry_dirty_hours WHERE series_id = ANY (${numberArray(seriesIds)}::integer[]) AND ${within})) AS merged_up_to
    FROM telemetry_rollup_progress`;
}

const numbers = z.array(z.number().nullable()).nullable();

/** Windows of a metric, merged over its series: parallel arrays; one that no window has a number for is null. */
export const mergedRow = z.object({
  /** Of the windows, in milliseconds since the epoch. */
  starts: z.array(z.number()),
  value_count: numbers,
  value_sum: numbers,
  value_last: numbers,
  value_min: numbers,
  value_max: numbers,
  value_p50: numbers,
  p50_low: numbers,
  p50_high: numbers,
  value_p95: numbers,
  p95_low: numbers,
  p95_high: numbers,
  value_p99: numbers,
  p99_low: numbers,
  p99_high: numbers,
});
export type MergedRow = z.infer<typeof mergedRow>;

const columns = Object.keys(mergedRow.omit({ starts: true }).shape);

/**
 * Merged minutes, an hour a row. They come as arrays because rows of fifteen columns each take the driver six times as long, and as JSON because it
 * reads NULL in an array as NaN.
 */
export function mergedMinutes(sql: ISql, metricName: string, period: Period): PendingQuery<Row[]> {
  return sql`/* merged_minutes */
    SELECT (SELECT json_agg(extract(epoch FROM hour)::double precision * 1000 + minute * 60000) FROM unnest(minutes) AS minute) AS starts,
      ${sql.unsafe(columns.map((column) => `to_json(${column}) AS ${column}`).join(', '))}
    FROM telemetry_merged_minutes
    WHERE metric_name = ${metricName} AND hour > ${new Date(period.fromMs - hourMs)} AND hour < ${new Date(period.toMs)}
    ORDER BY hour`;
}

/** Merged hours, all in one row; none where there is no hour. */
export function mergedHours(sql: ISql, metricName: string, period: Period): PendingQuery<Row[]> {
  const arrays = columns.map(
    (column) => `CASE WHEN count(${column}) > 0 THEN json_agg(${column} ORDER BY hour) END AS ${column}`,
  );
  return sql`/* merged_hours */
    SELECT json_agg(extract(epoch FROM hour)::double precision * 1000 ORDER BY hour) AS starts, ${sql.unsafe(arrays.join(', '))}
    FROM telemetry_merged_hours
    WHERE metric_name = ${metricName} AND hour >= ${new Date(period.fromMs)} AND hour < ${new Date(period.toMs)}
    HAVING count(*) > 0`;
}
