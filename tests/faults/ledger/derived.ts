import { unpacked, unpackedTs, unpackedValue } from '@command-center/drizzle/packed';
import type { PendingQuery, Row, TransactionSql } from 'postgres';

/** What the leader computes from minutes, held against them. */

/** Hours and days of a series whose roll-up is not the sum of its minutes. */
export async function unequalRollUps(tx: TransactionSql): Promise<number> {
  const [row] = await tx<{ n: number }[]>`
    WITH minutes AS (${minuteSums(tx)}),
    sums AS (
      SELECT series_id, resolution, date_trunc(unit, ts, 'UTC') AS bucket, sum(value_sum) AS total, sum(value_count) AS n
      FROM minutes, (VALUES ('1h', 'hour'), ('1d', 'day')) AS r(resolution, unit) GROUP BY 1, 2, 3),
    rolled AS (
      SELECT t.* FROM telemetry_trend_rollups AS t WHERE t.series_id IN (SELECT series_id FROM minutes))
    SELECT count(*)::integer AS n FROM sums FULL JOIN rolled USING (series_id, resolution, bucket)
    WHERE total IS DISTINCT FROM value_sum OR n IS DISTINCT FROM value_count`;
  return row?.n ?? 0;
}

/** Hours of a metric that readers take as merged, but that are not the sum of their minutes. */
export async function staleMergedHours(tx: TransactionSql): Promise<number> {
  const [row] = await tx<{ n: number }[]>`
    WITH sums AS (
      SELECT metric_name, date_trunc('hour', ts, 'UTC') AS hour, sum(value_sum) AS total
      FROM (${minuteSums(tx)}) AS m JOIN telemetry_metric_series AS s ON s.id = m.series_id GROUP BY 1, 2),
    merged AS (
      SELECT h.metric_name, h.hour, (h.point ->> 'sum')::double precision AS value_sum,
        (SELECT sum((one ->> 'sum')::double precision) FROM json_array_elements(m.points) AS one) AS of_minutes
      FROM telemetry_merged_hours AS h LEFT JOIN telemetry_merged_minutes AS m USING (metric_name, hour) WHERE h.point -> 'sum' IS NOT NULL)
    SELECT count(*)::integer AS n FROM sums FULL JOIN merged USING (metric_name, hour)
    WHERE hour < (SELECT next_merged_hour FROM telemetry_rollup_progress)
      AND NOT EXISTS (SELECT 1 FROM telemetry_unmerged_hours AS u WHERE u.hour = coalesce(sums.hour, merged.hour)
        AND u.metric_name = coalesce(sums.metric_name, merged.metric_name))
      AND NOT EXISTS (SELECT 1 FROM telemetry_dirty_hours AS d JOIN telemetry_metric_series AS s ON s.id = d.series_id
        WHERE d.hour = coalesce(sums.hour, merged.hour) AND s.metric_name = coalesce(sums.metric_name, merged.metric_name))
      AND (total IS DISTINCT FROM value_sum OR total IS DISTINCT FROM coalesce(of_minutes, value_sum))`;
  return row?.n ?? 0;
}

/** Minutes of increasing metrics, wherever they lie; a row a part. */
function minuteSums(tx: TransactionSql): PendingQuery<Row[]> {
  return tx`
    SELECT series_id, ts, value_sum, value_count FROM telemetry_open_windows WHERE value_sum IS NOT NULL
    UNION ALL
    SELECT series_id, ts, value_sum, value_count FROM telemetry_metric_samples WHERE value_sum IS NOT NULL
    UNION ALL
    SELECT p.series_id, ${tx.unsafe(unpackedTs('p'))}, ${tx.unsafe(unpackedValue('sum'))}, ${tx.unsafe(unpackedValue('count'))}
    FROM telemetry_metric_packed AS p CROSS JOIN LATERAL ${tx.unsafe(unpacked('p', ['count', 'sum']))}
    WHERE ${tx.unsafe(unpackedValue('sum'))} IS NOT NULL`;
}
