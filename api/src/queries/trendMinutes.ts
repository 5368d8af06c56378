import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';
import { hasWholeHours, wholeHours } from './packedHours.ts';
import {
  addedColumns,
  type ChosenSeries,
  minuteWindows,
  partColumns,
  readingColumns,
  type TrendShape,
} from './trendColumns.ts';

/** Minutes of each member, merged over its series and their writers, oldest first. A minute without data has no row. */
export function trendMinutes(
  sql: ISql,
  shape: TrendShape,
  chosen: ChosenSeries,
  window: TimeWindow,
): PendingQuery<Row[]> {
  const from = new Date(window.fromMs);
  const to = new Date(window.toMs);
  const columns = shape === 'counter' || shape === 'histogram' ? addedColumns(sql, shape) : readingColumns(sql, shape);
  const names = partColumns(sql, shape);
  const isWhole = hasWholeHours(shape);
  return sql`/* trend_minutes */
    WITH c AS MATERIALIZED (SELECT * FROM unnest(${[...chosen.ids]}::integer[], ${[...chosen.members]}::integer[]) AS c (series_id, member))
    SELECT member, ts, ${columns}
    FROM (
      SELECT c.member, w.ts, ${names} FROM (${minuteWindows(sql, shape, chosen.ids, from, to, isWhole)}) AS w JOIN c USING (series_id)
      ${isWhole ? sql`UNION ALL ${wholeHours(sql, shape, chosen.ids, window)}` : sql``}
    ) AS part
    GROUP BY member, ts
    ORDER BY member, ts`;
}

export const packedSketchesRow = z.object({
  member: z.int(),
  hour: z.date(),
  /** Per part of a minute: the minute of the hour and the sketch's length in 2 bytes each, big-endian, then the sketch (migration 0003). */
  sketches: z.instanceof(Uint8Array),
});

/** The sketches of packed minutes, an hour of a member in one piece. */
export function packedSketches(sql: ISql, chosen: ChosenSeries, window: TimeWindow): PendingQuery<Row[]> {
  return sql`/* packed_sketches */
    SELECT c.member, s.hour, string_agg(s.sketches, ''::bytea) AS sketches
    FROM telemetry_metric_sketches AS s
    JOIN unnest(${[...chosen.ids]}::integer[], ${[...chosen.members]}::integer[]) AS c (series_id, member) USING (series_id)
    WHERE s.series_id = ANY (${[...chosen.ids]}::integer[])
      AND s.hour > ${new Date(window.fromMs - 3_600_000)} AND s.hour < ${new Date(window.toMs)}
    GROUP BY c.member, s.hour`;
}
