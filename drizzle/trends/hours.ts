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
  const isAdded = shape === 'counter' || shape === 'histogram';
  const columns = isAdded ? addedColumns(sql, shape) : mergedHours(sql, shape);
  const minutes = live(sql, shape, chosen, period, unpackedFromMs);
  return sql<TrendRow[]>`/* trend_hours */
    WITH chosen AS (
      SELECT series_id, member, to_timestamp(live_ms / 1000) AS live_from
      FROM unnest(${numberArray(chosen.ids)}::integer[], ${numberArray(chosen.members)}::integer[], ${numberArray(chosen.liveFromMs)}::double precision[])
        AS c (series_id, member, live_ms)
    )
    SELECT member, NULL::double precision AS hour, ${sentColumns(sql, shape, hourColumns[shape])}
    FROM (
    SELECT c.member, w.ts, ${columns}
    FROM (${isAdded ? addedHours(sql, shape, chosen, period, minutes) : readHours(sql, shape, chosen, period, minutes)}) AS w
    JOIN chosen AS c USING (series_id)
    GROUP BY c.member, w.ts
    ) AS merged
    GROUP BY member`;
}

/** Roll-ups of the chosen series. */
function rolledUp(sql: ISql, columns: Fragment, chosen: ChosenHours, period: Period): Fragment {
  return sql`
    SELECT series_id, bucket AS ts, ${columns} FROM telemetry_trend_rollups
    WHERE series_id = ANY (${numberArray(chosen.ids)}::integer[]) AND resolution = '1h'
      AND bucket >= ${new Date(period.fromMs)} AND bucket < ${new Date(period.toMs)}`;
}

/** Minutes of the hours that are not rolled up. */
function live(sql: ISql, shape: TrendShape, chosen: ChosenHours, period: Period, unpackedFromMs: number): Fragment {
  const fromMs = Math.max(period.fromMs, Math.min(...chosen.liveFromMs));
  const packed = hourOf(fromMs) >= unpackedFromMs ? 'none' : 'all';
  return sql`
    SELECT m.*, date_bin('1 hour', m.ts, timestamptz 'epoch') AS hour
    FROM (${minuteWindows(sql, shape, chosen.ids, { fromMs, toMs: period.toMs }, packed)}) AS m
    JOIN chosen AS c USING (series_id)
    WHERE m.ts >= c.live_from`;
}

/** Parts of counters and histograms, each with the hour it falls into. */
function addedHours(
  sql: ISql,
  shape: 'counter' | 'histogram',
  chosen: ChosenHours,
  period: Period,
  minutes: Fragment,
): Fragment {
  const columns = partColumns(sql, shape);
  return sql`${rolledUp(sql, columns, chosen, period)}
    UNION ALL
    SELECT series_id, hour AS ts, ${columns} FROM (${minutes}) AS l`;
}

/** Hours of gauges, one row a series: sum and count of its minutes, least, greatest and last reading. */
function readHours(
  sql: ISql,
  shape: Exclude<TrendShape, 'counter' | 'histogram'>,
  chosen: ChosenHours,
  period: Period,
  minutes: Fragment,
): Fragment {
  return sql`${rolledUp(sql, sql`value_count, value_sum, value_min, value_max, value_last`, chosen, period)}
    UNION ALL
    SELECT series_id, hour, count(*), sum(value), min(min), max(max), (array_agg(value ORDER BY ts DESC))[1]
    FROM (
      SELECT series_id, ts, hour, ${readingColumns(sql, shape)} FROM (${minutes}) AS l GROUP BY series_id, ts, hour
    ) AS minutes
    GROUP BY series_id, hour`;
}

/**
 * Merges hours of gauges over series. An additive gauge reads its mean over the minutes of the hour, means of one hour being additive; its least and
 * greatest are known only where one series is all there is, since those of several need not have come in the same minute.
 */
function mergedHours(sql: ISql, shape: Exclude<TrendShape, 'counter' | 'histogram'>): Fragment {
  switch (shape) {
    case 'additive':
      return sql`sum(value_sum) / max(value_count) AS value, CASE WHEN count(*) = 1 THEN min(value_min) END AS min,
        CASE WHEN count(*) = 1 THEN max(value_max) END AS max`;
    case 'max':
      return sql`max(value_max) AS value, min(value_min) AS min, max(value_max) AS max`;
    case 'min':
      return sql`min(value_min) AS value, min(value_min) AS min, max(value_max) AS max`;
    case 'last':
      return sql`max(value_last) AS value, min(value_min) AS min, max(value_max) AS max`;
  }
}
