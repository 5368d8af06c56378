import { numberArray } from '@command-center/drizzle/arrays';
import type { ChosenSeries } from '@command-center/drizzle/trends/columns';
import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';

const numbers = z.instanceof(Uint8Array).nullable();

/** An array a column (drizzle/trends/sent.ts), an element a reading. */
export const newestReadingsRow = z.object({
  members: numbers,
  /** Starts of the readings' minutes, in seconds since the epoch. */
  starts: numbers,
  last: numbers,
  max: numbers,
});

/**
 * The readings of each member's gauges from `recentMs` on, one a series, writer and minute; of the window before only when its newest minute began, without
 * a reading: one row. The window must not reach packed hours.
 */
export function newestReadings(
  sql: ISql,
  { ids, members }: ChosenSeries,
  { fromMs, toMs }: TimeWindow,
  recentMs: number,
): PendingQuery<Row[]> {
  const between = (ms: number) => sql`ts >= ${new Date(ms)} AND ts < ${new Date(toMs)}`;
  const recent = sql`series_id = ANY (${numberArray(ids)}::integer[]) AND ${between(recentMs)}`;
  const heard = sql`series_id = c.series_id AND ${between(fromMs)}`;
  return sql`/* newest_readings */
    WITH c AS MATERIALIZED (SELECT * FROM unnest(${numberArray(ids)}::integer[], ${numberArray(members)}::integer[]) AS c (series_id, member))
    SELECT array_send(array_agg(member::double precision)) AS members, array_send(array_agg(date_part('epoch', ts))) AS starts,
      array_send(array_agg(last)) AS last, array_send(array_agg(max)) AS max
    FROM (
      SELECT member, ts, value_last AS last, value_max AS max FROM telemetry_metric_samples JOIN c USING (series_id) WHERE ${recent}
      UNION ALL
      SELECT member, ts, value_last, value_max FROM telemetry_open_windows JOIN c USING (series_id) WHERE ${recent}
      UNION ALL
      SELECT c.member, newest.ts, NULL, NULL FROM c CROSS JOIN LATERAL (
        SELECT max(ts) FROM telemetry_metric_samples WHERE ${heard}
        UNION ALL
        SELECT max(ts) FROM telemetry_open_windows WHERE ${heard}
      ) AS newest (ts)
      WHERE newest.ts IS NOT NULL
    ) AS readings`;
}
