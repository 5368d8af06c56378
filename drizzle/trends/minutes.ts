import type { TrendShape } from '@command-center/contract/trends/shape';
import type { ISql, PendingQuery } from 'postgres';
import { numberArray } from '../arrays.ts';
import {
  addedColumns,
  type ChosenSeries,
  hourOf,
  minuteWindows,
  type Period,
  partColumns,
  readingColumns,
  type TrendWindow,
} from './columns.ts';
import { hasWholeHours, wholeHours } from './packedHours.ts';

/**
 * Minutes of each member, merged over its series and their writers, oldest first. A minute without data has no row. `unpackedFromMs`: no hour from
 * here on is packed.
 */
export function trendMinutes(
  sql: ISql,
  shape: TrendShape,
  chosen: ChosenSeries,
  period: Period,
  unpackedFromMs: number,
): PendingQuery<TrendWindow[]> {
  const columns = shape === 'counter' || shape === 'histogram' ? addedColumns(sql, shape) : readingColumns(sql, shape);
  const names = partColumns(sql, shape);
  const mayBePacked = hourOf(period.fromMs) < unpackedFromMs;
  const isWhole = mayBePacked && hasWholeHours(shape);
  const packed = isWhole ? 'with gaps' : mayBePacked ? 'all' : 'none';
  return sql<TrendWindow[]>`/* trend_minutes */
    WITH c AS MATERIALIZED (SELECT * FROM unnest(${numberArray(chosen.ids)}::integer[], ${numberArray(chosen.members)}::integer[]) AS c (series_id, member))
    SELECT member, ts, ${columns}
    FROM (
      SELECT c.member, w.ts, ${names} FROM (${minuteWindows(sql, shape, chosen.ids, period, packed)}) AS w JOIN c USING (series_id)
      ${isWhole ? sql`UNION ALL ${wholeHours(sql, shape, chosen.ids, period)}` : sql``}
    ) AS part
    GROUP BY member, ts
    ORDER BY member, ts`;
}

export interface PackedSketches {
  readonly member: number;
  readonly hour: Date;
  /** Per part of a minute: the minute of the hour and the sketch's length in 2 bytes each, big-endian, then the sketch (migration 0003). */
  readonly sketches: Uint8Array;
}

/** The sketches of packed minutes, an hour of a member in one piece. */
export function packedSketches(sql: ISql, chosen: ChosenSeries, window: Period): PendingQuery<PackedSketches[]> {
  return sql<PackedSketches[]>`/* packed_sketches */
    SELECT c.member, s.hour, string_agg(s.sketches, ''::bytea) AS sketches
    FROM telemetry_metric_sketches AS s
    JOIN unnest(${numberArray(chosen.ids)}::integer[], ${numberArray(chosen.members)}::integer[]) AS c (series_id, member) USING (series_id)
    WHERE s.series_id = ANY (${numberArray(chosen.ids)}::integer[])
      AND s.hour > ${new Date(window.fromMs - 3_600_000)} AND s.hour < ${new Date(window.toMs)}
    GROUP BY c.member, s.hour`;
}
