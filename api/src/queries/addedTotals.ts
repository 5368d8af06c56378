import { numberArray } from '@command-center/drizzle/arrays';
import { addedColumns, type ChosenSeries, minuteWindows, partColumns } from '@command-center/drizzle/trends/columns';
import type { Fragment, ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { RollupSource, Source } from '../totals/sources.ts';

const number = z.number().nullable().optional();

export const addedTotalRow = z.object({
  member: z.int(),
  count: number,
  sum: number,
  min: number,
  max: number,
  /** The parts' sketches one after another (sketch/frames.ts); those of packed minutes lie elsewhere. */
  sketches: z.instanceof(Uint8Array).nullable().optional(),
});

/** Counters or histograms of each member, added up over its series, their writers and all of the sources. A member without data has no row. */
export function addedTotals(
  sql: ISql,
  shape: 'counter' | 'histogram',
  { ids, members }: ChosenSeries,
  sources: readonly Source[],
): PendingQuery<Row[]> {
  const columns = partColumns(sql, shape);
  const parts = sources.map(
    (source): Fragment =>
      source.kind === 'rollups'
        ? sql`SELECT series_id, ${columns} FROM telemetry_trend_rollups AS r WHERE ${rolledUp(sql, ids, source)}`
        : sql`SELECT series_id, ${columns} FROM (${minuteWindows(sql, shape, ids, source, source.isPacked ? 'all' : 'none')}) AS m`,
  );
  return sql`/* added_totals */
    WITH c AS MATERIALIZED (SELECT * FROM unnest(${numberArray(ids)}::integer[], ${numberArray(members)}::integer[]) AS c (series_id, member))
    SELECT c.member, ${addedColumns(sql, shape)}
    FROM (${parts.reduce((left, right) => sql`${left} UNION ALL ${right}`)}) AS part JOIN c USING (series_id)
    GROUP BY c.member`;
}

function rolledUp(
  sql: ISql,
  ids: readonly number[],
  { resolution, fromMs, toMs, isOnlyPacked }: RollupSource,
): Fragment {
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  const isPacked = sql`AND EXISTS (
    SELECT 1 FROM telemetry_metric_packed AS p WHERE p.series_id = r.series_id AND p.hour = r.bucket AND p.hour >= ${from} AND p.hour < ${to})`;
  return sql`series_id = ANY (${numberArray(ids)}::integer[]) AND resolution = ${resolution} AND bucket >= ${from} AND bucket < ${to}
    ${isOnlyPacked ? isPacked : sql``}`;
}
