import type { ISql, PendingQuery, Row } from 'postgres';
import type { TimeWindow } from '../requests/window.ts';
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
  return sql`/* trend_minutes */
    SELECT c.member, w.ts, ${columns}
    FROM (${minuteWindows(sql, partColumns(sql, shape), chosen.ids, from, to)}) AS w
    JOIN unnest(${[...chosen.ids]}::integer[], ${[...chosen.members]}::integer[]) AS c (series_id, member) USING (series_id)
    GROUP BY c.member, w.ts
    ORDER BY c.member, w.ts`;
}
