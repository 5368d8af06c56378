import type { TrendShape } from '@command-center/contract/trends/shape';
import type { Fragment, ISql, PendingQuery } from 'postgres';
import { numberArray } from '../arrays.ts';
import {
  addedColumns,
  type ChosenSeries,
  hourOf,
  minuteWindows,
  type Period,
  partColumns,
  readingColumns,
  type TrendRow,
} from './columns.ts';
import { hourColumns, sentColumns } from './sentColumns.ts';

export interface ChosenHours extends ChosenSeries {
  /** Milliseconds since the epoch, parallel to `ids`: from here on no hour of the series is rolled up, and its minutes are read. */
  readonly liveFromMs: readonly number[];
}

/**
 * Hours of each member, merged over its series: rolled-up hours, and the minutes of the hours after them; `windowsOf` reads the rows.
 * `unpackedFromMs`: no hour from here on is packed.
 */
export function trendHours(
  sql: ISql,
  shape: TrendShape,
  chosen: ChosenHours,
  period: Period,
  unpackedFromMs: number,
): PendingQuery<TrendRow[]> {
  return sql<TrendRow[]>`/* trend_hours */
    WITH chosen AS (
      SELECT series_id, member, to_timestamp(live_ms / 1000) AS live_from
      FROM unnest(${numberArray(chosen.ids)}::integer[], ${numberArray(chosen.members)}::integer[], ${numberArray(chosen.liveFromMs)}::double precision[])
        AS c (series_id, member, live_ms)
    )
    SELECT member, NULL::double precision AS hour, ${sentColumns(sql, shape, hourColumns[shape])}
    FROM (
      SELECT c.member, w.ts, ${mergedColumns(sql, shape)}
      FROM (${hoursOf(sql, shape, chosen, period, unpackedFromMs)}) AS w JOIN chosen AS c USING (series_id)
      GROUP BY c.member, w.ts
    ) AS merged
    GROUP BY member`;
}

/** Parts of hours, of rolled-up ones and of those after them. What cannot be there is not asked for: to plan it takes as long as to read the rest. */
function hoursOf(sql: ISql, shape: TrendShape, chosen: ChosenHours, period: Period, unpackedFromMs: number): Fragment {
  const settled = rolledUp(sql, shape, chosen, period);
  if (period.toMs <= Math.min(...chosen.liveFromMs)) return settled;
  const minutes = live(sql, shape, chosen, period, unpackedFromMs);
  const loose = isMergedAtOnce(shape)
    ? sql`SELECT series_id, hour AS ts, ${partColumns(sql, shape)} FROM (${minutes}) AS l`
    : readings(sql, shape, minutes);
  return period.fromMs >= Math.max(...chosen.liveFromMs) ? loose : sql`${settled} UNION ALL ${loose}`;
}

/** Whether an hour is the same however its minutes and series are put together. Of the other gauges each series' hour comes first. */
function isMergedAtOnce(shape: TrendShape): shape is Exclude<TrendShape, 'additive' | 'last'> {
  return shape !== 'additive' && shape !== 'last';
}

function rolledUp(sql: ISql, shape: TrendShape, chosen: ChosenHours, period: Period): Fragment {
  const columns = isMergedAtOnce(shape)
    ? partColumns(sql, shape)
    : sql`value_count, value_sum, value_min, value_max, value_last`;
  return sql`
    SELECT series_id, bucket AS ts, ${columns} FROM telemetry_trend_rollups
    WHERE series_id = ANY (${numberArray(chosen.ids)}::integer[]) AND resolution = '1h'
      AND bucket >= ${new Date(period.fromMs)} AND bucket < ${new Date(period.toMs)}`;
}

/** Minutes of the hours that are not rolled up. */
function live(sql: ISql, shape: TrendShape, chosen: ChosenHours, period: Period, unpackedFromMs: number): Fragment {
  const fromMs = Math.max(period.fromMs, Math.min(...chosen.liveFromMs));
  const packed = hourOf(fromMs) >= unpackedFromMs ? 'none' : 'all';
  const isEachFrom = fromMs < Math.max(...chosen.liveFromMs);
  return sql`
    SELECT m.*, date_bin('1 hour', m.ts, timestamptz 'epoch') AS hour
    FROM (${minuteWindows(sql, shape, chosen.ids, { fromMs, toMs: period.toMs }, packed)}) AS m
    ${isEachFrom ? sql`JOIN chosen AS c USING (series_id) WHERE m.ts >= c.live_from` : sql``}`;
}

/** Hours of gauges, one row a series: sum and count of its minutes, least, greatest and last reading. */
function readings(sql: ISql, shape: 'additive' | 'last', minutes: Fragment): Fragment {
  return sql`
    SELECT series_id, hour AS ts, count(*) AS value_count, sum(value) AS value_sum, min(min) AS value_min, max(max) AS value_max,
      (array_agg(value ORDER BY ts DESC))[1] AS value_last
    FROM (
      SELECT series_id, ts, hour, ${readingColumns(sql, shape)} FROM (${minutes}) AS l GROUP BY series_id, ts, hour
    ) AS minutes
    GROUP BY series_id, hour`;
}

/**
 * Merges hours over series. An additive gauge reads its mean over the minutes of the hour, means of one hour being additive; its least and
 * greatest are known only where one series is all there is, since those of several need not have come in the same minute.
 */
function mergedColumns(sql: ISql, shape: TrendShape): Fragment {
  switch (shape) {
    case 'counter':
    case 'histogram':
      return addedColumns(sql, shape);
    case 'additive':
      return sql`sum(value_sum) / max(value_count) AS value, CASE WHEN count(*) = 1 THEN min(value_min) END AS min,
        CASE WHEN count(*) = 1 THEN max(value_max) END AS max`;
    case 'max':
    case 'min':
      return readingColumns(sql, shape);
    case 'last':
      return sql`max(value_last) AS value, min(value_min) AS min, max(value_max) AS max`;
  }
}
