import { numberArray } from '@command-center/drizzle/arrays';
import type { ISql } from 'postgres';

/** One series in one UTC hour: what is rolled up, and packed. */
export interface Pair {
  /** Start of the hour. */
  readonly hourMs: number;
  readonly seriesId: number;
}

/** The pairs as rows (hour, series_id). */
export function pairRows(sql: ISql, pairs: readonly Pair[]) {
  return sql`SELECT to_timestamp(hour_ms / 1000) AS hour, series_id
    FROM unnest(${numberArray(pairs.map((pair) => pair.hourMs))}::double precision[],
      ${numberArray(pairs.map((pair) => pair.seriesId))}::integer[]) AS u(hour_ms, series_id)`;
}

/** Parts of the minutes of the pairs, `part` being samples or open windows. The bounds let Postgres leave out the partitions of other days. */
export function withinPairs(sql: ISql, pairs: readonly Pair[]) {
  const hours = pairs.map((pair) => pair.hourMs);
  const from = new Date(hours.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY));
  const to = new Date(hours.reduce((a, b) => Math.max(a, b), 0) + 3_600_000);
  return sql`part.series_id = c.series_id AND part.ts >= c.hour AND part.ts < c.hour + interval '1 hour'
    AND part.ts >= ${from} AND part.ts < ${to}`;
}

/** The hours from the first to the last pair, for the same reason. */
export function hoursOfPairs(sql: ISql, pairs: readonly Pair[]) {
  const hours = pairs.map((pair) => pair.hourMs);
  const from = new Date(hours.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY));
  const to = new Date(hours.reduce((a, b) => Math.max(a, b), 0));
  return sql`p.hour >= ${from} AND p.hour <= ${to}`;
}
