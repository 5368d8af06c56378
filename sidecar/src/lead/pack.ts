import { minuteSketchesFromMs } from '@command-center/contract/retention';
import {
  mergedWriters,
  minuteValues,
  packedArrays,
  packedColumns,
  packedOverwrite,
  unpacked,
  unpackedTs,
  unpackedValue,
} from '@command-center/drizzle/packed';
import type { TransactionSql } from 'postgres';
import { hoursOfPairs, type Pair, pairRows, withinPairs } from './pairs.ts';

/** What was packed of a pair now. */
export interface Packed extends Pair {
  /** Whether a part of the hour had been packed before: these rows came late, and the roll-up holds the others. */
  readonly isJoined: boolean;
  /** Of the rows packed now: one after another, each behind its length in 4 bytes, big-endian; null = they had none. */
  readonly sketches: Uint8Array | null;
}

/**
 * Packs the samples of settled hours: one row a series and hour in place of its minutes' (migration 0003 says how). One statement, so that no reader
 * sees a minute twice or not at all. What was packed before is taken apart and joined with what came late, so packing twice changes nothing. The minutes'
 * sketches go to a table of their own, those of days without them nowhere: the caller adds them to the roll-up, from what this returns.
 * Numbers stay what they were, bit by bit; writers of one minute become one, as readers merge them (view telemetry_metrics).
 */
export function packHours(tx: TransactionSql, pairs: readonly Pair[], nowMs: number): Promise<readonly Packed[]> {
  return tx<Packed[]>`
    /* pack-hours */
    WITH c AS MATERIALIZED (${pairRows(tx, pairs)}),
    gone AS (
      DELETE FROM telemetry_metric_samples AS part USING c WHERE ${withinPairs(tx, pairs)}
      RETURNING c.hour, part.*
    ), known AS MATERIALIZED (
      SELECT p.* FROM c JOIN telemetry_metric_packed AS p ON p.series_id = c.series_id AND p.hour = c.hour WHERE ${hoursOfPairs(tx, pairs)}
    ), parts AS (
      SELECT hour, series_id, ts, value_count, value_sum, value_min, value_max, value_last, value_last_ms, value_p50, value_p95, value_p99 FROM gone
      UNION ALL
      SELECT known.hour, known.series_id, ${tx.unsafe(knownMinutes)}
    ), minutes AS (
      SELECT hour, series_id, extract(minute FROM ts)::smallint AS minute, ${tx.unsafe(mergedWriters)} FROM parts GROUP BY hour, series_id, ts
    ), packed AS (
      INSERT INTO telemetry_metric_packed (hour, series_id, minutes, ${tx.unsafe(packedColumns)})
      SELECT hour, series_id, CASE WHEN count(*) < 60 THEN array_agg(minute ORDER BY minute) END, ${tx.unsafe(packedArrays)}
      FROM minutes GROUP BY hour, series_id
      ON CONFLICT (series_id, hour) DO UPDATE SET minutes = excluded.minutes, ${tx.unsafe(packedOverwrite)}
    ), kept AS (
      INSERT INTO telemetry_metric_sketches AS s (hour, series_id, sketches)
      SELECT hour, series_id,
        string_agg(int2send(extract(minute FROM ts)::smallint) || int2send(length(sketch)::smallint) || sketch, ''::bytea ORDER BY ts)
      FROM gone WHERE sketch IS NOT NULL AND hour >= ${new Date(minuteSketchesFromMs(nowMs))} GROUP BY hour, series_id
      ON CONFLICT (series_id, hour) DO UPDATE SET sketches = s.sketches || excluded.sketches
    )
    SELECT extract(epoch FROM hour)::double precision * 1000 AS "hourMs", series_id AS "seriesId",
      EXISTS (SELECT 1 FROM known WHERE known.hour = gone.hour AND known.series_id = gone.series_id) AS "isJoined",
      string_agg(int4send(length(sketch)) || sketch, ''::bytea) FILTER (WHERE value_count > 0) AS sketches
    FROM gone GROUP BY hour, series_id`;
}

const knownMinutes = `${unpackedTs('known')}, ${minuteValues.map(unpackedValue).join(', ')}
  FROM known CROSS JOIN LATERAL ${unpacked('known', minuteValues)}`;
