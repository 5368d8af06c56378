import { mergedColumns, mergedNumbers } from '@command-center/contract/trends/merged';
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

export const mergedMinutesRow = z.object({ hour: z.date(), columns: mergedColumns });

/** Merged minutes, an hour a row. */
export function mergedMinutes(sql: ISql, metricName: string, period: Period): PendingQuery<Row[]> {
  return sql`/* merged_minutes */
    SELECT hour, columns FROM telemetry_merged_minutes
    WHERE metric_name = ${metricName} AND hour > ${new Date(period.fromMs - hourMs)} AND hour < ${new Date(period.toMs)}
    ORDER BY hour`;
}

export const mergedHoursRow = z.object({
  /** Start in milliseconds since the epoch, and the numbers of the hour. */
  hours: z.array(z.tuple([z.number(), mergedNumbers])).nullable(),
});

/** Merged hours, all in one row: one text is read in a third of the time of 720 rows. */
export function mergedHours(sql: ISql, metricName: string, period: Period): PendingQuery<Row[]> {
  return sql`/* merged_hours */
    SELECT json_agg(json_build_array(extract(epoch FROM hour)::bigint * 1000, numbers) ORDER BY hour) AS hours
    FROM telemetry_merged_hours
    WHERE metric_name = ${metricName} AND hour >= ${new Date(period.fromMs)} AND hour < ${new Date(period.toMs)}`;
}
