import type { Merge } from '@command-center/contract/catalogue/entry';
import { textArray } from '@command-center/drizzle/arrays';
import { type MinuteValue, unpacked, unpackedTs, unpackedValue } from '@command-center/drizzle/packed';
import type { PendingQuery, Row, TransactionSql } from 'postgres';
import { hoursOfPairs, type Pair, pairRows, withinPairs } from './pairs.ts';

/** One series and hour, its minutes and writers added up in the database: a row in place of sixty. */
export interface HourSum extends Pair {
  /** Minutes that have data. */
  readonly samples: number;
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly maxP95: number | null;
  /** One after another, each behind its length in 4 bytes, big-endian; null = none, or of a packed hour. */
  readonly sketches: Uint8Array | null;
}

/** Where the minutes of the pairs lie. */
export type Place = 'minutes' | 'packed';

/** Counters and histograms. A least and a greatest value are known only where every part with events knows its own. */
export function addedHours(tx: TransactionSql, pairs: readonly Pair[], place: Place): PendingQuery<HourSum[]> {
  const values: readonly MinuteValue[] = ['count', 'sum', 'min', 'max', 'p95'];
  return tx<HourSum[]>`
    /* add-up-hours */
    WITH c AS (${pairRows(tx, pairs)})
    SELECT ${keyColumns(tx)}, count(DISTINCT ts)::integer AS samples, sum(value_count)::double precision AS count, sum(value_sum) AS sum,
      CASE WHEN bool_and(value_min IS NOT NULL OR value_count = 0) THEN min(value_min) END AS min,
      CASE WHEN bool_and(value_max IS NOT NULL OR value_count = 0) THEN max(value_max) END AS max,
      NULL::double precision AS last, max(value_p95) AS "maxP95",
      string_agg(int4send(length(sketch)) || sketch, ''::bytea) FILTER (WHERE value_count > 0) AS sketches
    FROM (${parts(tx, pairs, place, values)}) AS part
    GROUP BY hour, series_id`;
}

/**
 * Gauges: sum and count of the minutes' readings, the least, the greatest and the last one. Of a minute's writers additive gauges add up; of the others the
 * newest, least or greatest counts, as the catalogue says. `merges`: parallel to `pairs`.
 */
export function gaugeHours(
  tx: TransactionSql,
  pairs: readonly Pair[],
  merges: readonly Merge[],
  place: Place,
): PendingQuery<HourSum[]> {
  const values: readonly MinuteValue[] = ['min', 'max', 'last', 'last_ms'];
  const newest = tx`(array_agg(value_last ORDER BY value_last_ms DESC NULLS LAST, value_last DESC NULLS LAST))[1]`;
  return tx<HourSum[]>`
    /* add-up-gauge-hours */
    WITH c AS (${pairRows(tx, pairs)}), how AS (
      SELECT DISTINCT series_id, merge
      FROM unnest(${pairIds(pairs)}::integer[], ${textArray(merges)}::text[]) AS u(series_id, merge)
    )
    SELECT ${keyColumns(tx)}, count(*)::integer AS samples, count(*)::double precision AS count, sum(value) AS sum, min(low) AS min,
      max(high) AS max, (array_agg(value ORDER BY ts DESC))[1] AS last, NULL::real AS "maxP95", NULL::bytea AS sketches
    FROM (
      SELECT hour, series_id, ts,
        CASE merge WHEN 'sum' THEN sum(value_last) WHEN 'max' THEN max(value_max) WHEN 'min' THEN min(value_min) ELSE ${newest} END AS value,
        CASE merge WHEN 'sum' THEN sum(value_last) ELSE coalesce(min(value_min), ${newest}) END AS low,
        CASE merge WHEN 'sum' THEN sum(value_last) ELSE coalesce(max(value_max), ${newest}) END AS high
      FROM (${parts(tx, pairs, place, values)}) AS part JOIN how USING (series_id)
      GROUP BY hour, series_id, ts, merge
    ) AS minutes
    GROUP BY hour, series_id`;
}

function keyColumns(tx: TransactionSql) {
  return tx`extract(epoch FROM hour)::double precision * 1000 AS "hourMs", series_id AS "seriesId"`;
}

function pairIds(pairs: readonly Pair[]): string {
  return `{${pairs.map((pair) => pair.seriesId).join(',')}}`;
}

/** Rows (hour, series_id, ts, value_…, sketch), one a part of a minute. */
function parts(
  tx: TransactionSql,
  pairs: readonly Pair[],
  place: Place,
  values: readonly MinuteValue[],
): PendingQuery<Row[]> {
  if (place === 'packed') {
    const columns = values.map((value) => `${unpackedValue(value)} AS value_${value}`).join(', ');
    return tx`
      SELECT p.hour, p.series_id, ${tx.unsafe(unpackedTs('p'))} AS ts, ${tx.unsafe(columns)}, NULL::bytea AS sketch
      FROM c JOIN telemetry_metric_packed AS p ON p.series_id = c.series_id AND p.hour = c.hour
      CROSS JOIN LATERAL ${tx.unsafe(unpacked('p', values))} WHERE ${hoursOfPairs(tx, pairs)}`;
  }
  const columns = tx.unsafe(values.map((value) => `part.value_${value}`).join(', '));
  return tx`
    SELECT c.hour, part.series_id, part.ts, ${columns}, part.sketch
    FROM c JOIN telemetry_open_windows AS part ON ${withinPairs(tx, pairs)}
    UNION ALL
    SELECT c.hour, part.series_id, part.ts, ${columns}, part.sketch
    FROM c JOIN telemetry_metric_samples AS part ON ${withinPairs(tx, pairs)}`;
}
