import type { TransactionSql } from 'postgres';
import { byteaArray, numberArray } from '../store/arrays.ts';
import type { SeriesHour } from './readHours.ts';
import type { Rollup } from './rollupRow.ts';

/** Reads and writes of telemetry_trend_rollups. */

const DAY_MS = 86_400_000;

/** The rolled-up hours of a UTC day. */
export async function readHoursOfDay(
  tx: TransactionSql,
  seriesIds: readonly number[],
  dayMs: number,
): Promise<readonly Rollup[]> {
  const rows = await tx<RollupRow[]>`
    /* hours-of-day */
    SELECT series_id, extract(epoch FROM bucket)::double precision * 1000 AS bucket_ms, sample_count::double precision,
      value_count::double precision, value_sum, value_min, value_max, value_last, max_p95, total_count::double precision,
      error_count::double precision, sketch
    FROM telemetry_trend_rollups
    WHERE series_id = ANY (${numberArray(seriesIds)}::integer[]) AND resolution = '1h'
      AND bucket >= ${new Date(dayMs)} AND bucket < ${new Date(dayMs + DAY_MS)}`;
  return rows.map((row) => ({
    seriesId: row.series_id,
    bucketMs: row.bucket_ms,
    sampleCount: row.sample_count,
    count: row.value_count,
    sum: row.value_sum,
    min: row.value_min,
    max: row.value_max,
    last: row.value_last,
    p50: null,
    p95: null,
    p99: null,
    maxP95: row.max_p95,
    totalCount: row.total_count,
    errorCount: row.error_count,
    sketch: row.sketch,
  }));
}

interface RollupRow {
  series_id: number;
  bucket_ms: number;
  sample_count: number;
  value_count: number | null;
  value_sum: number | null;
  value_min: number | null;
  value_max: number | null;
  value_last: number | null;
  max_p95: number | null;
  total_count: number | null;
  error_count: number | null;
  sketch: Uint8Array | null;
}

/** Writes what was computed, in key order, and deletes those of the `wanted` that nothing was computed of. */
export async function writeRollups(
  tx: TransactionSql,
  resolution: '1h' | '1d',
  wanted: readonly SeriesHour[],
  rollups: readonly Rollup[],
): Promise<void> {
  const computed = new Set(rollups.map((row) => `${row.seriesId}:${row.bucketMs}`));
  const gone = wanted.filter((one) => !computed.has(`${one.seriesId}:${one.hourMs}`));
  if (gone.length > 0) await deleteRollups(tx, resolution, gone);
  if (rollups.length > 0) await upsertRollups(tx, resolution, rollups);
}

async function deleteRollups(tx: TransactionSql, resolution: '1h' | '1d', gone: readonly SeriesHour[]): Promise<void> {
  await tx`
    /* delete-rollups */
    DELETE FROM telemetry_trend_rollups AS r
    USING unnest(${numberArray(gone.map(({ seriesId }) => seriesId))}::integer[],
      ${numberArray(gone.map(({ hourMs }) => hourMs))}::double precision[]) AS g(series_id, bucket_ms)
    WHERE r.series_id = g.series_id AND r.resolution = ${resolution} AND r.bucket = to_timestamp(g.bucket_ms / 1000)`;
}

async function upsertRollups(tx: TransactionSql, resolution: '1h' | '1d', rollups: readonly Rollup[]): Promise<void> {
  const ordered = [...rollups].sort((a, b) => a.seriesId - b.seriesId || a.bucketMs - b.bucketMs);
  const numbers = (pick: (row: Rollup) => number | null): string => numberArray(ordered.map(pick));
  await tx`
    /* upsert-rollups */
    INSERT INTO telemetry_trend_rollups (series_id, resolution, bucket, sample_count, value_count, value_sum, value_min, value_max, value_last,
      value_p50, value_p95, value_p99, max_p95, total_count, error_count, sketch)
    SELECT series_id, ${resolution}, to_timestamp(bucket_ms / 1000), samples, n, total, low, high, last, p50, p95, p99, max_p95, events, errors, sketch
    FROM unnest(${numbers((row) => row.seriesId)}::integer[], ${numbers((row) => row.bucketMs)}::double precision[],
      ${numbers((row) => row.sampleCount)}::bigint[], ${numbers((row) => row.count)}::bigint[],
      ${numbers((row) => row.sum)}::double precision[], ${numbers((row) => row.min)}::double precision[],
      ${numbers((row) => row.max)}::double precision[], ${numbers((row) => row.last)}::double precision[],
      ${numbers((row) => row.p50)}::real[], ${numbers((row) => row.p95)}::real[], ${numbers((row) => row.p99)}::real[],
      ${numbers((row) => row.maxP95)}::real[], ${numbers((row) => row.totalCount)}::bigint[],
      ${numbers((row) => row.errorCount)}::bigint[], ${byteaArray(ordered.map((row) => row.sketch))}::bytea[])
      AS r(series_id, bucket_ms, samples, n, total, low, high, last, p50, p95, p99, max_p95, events, errors, sketch)
    ON CONFLICT (series_id, resolution, bucket) DO UPDATE SET
      sample_count = excluded.sample_count, value_count = excluded.value_count, value_sum = excluded.value_sum,
      value_min = excluded.value_min, value_max = excluded.value_max, value_last = excluded.value_last,
      value_p50 = excluded.value_p50, value_p95 = excluded.value_p95, value_p99 = excluded.value_p99, max_p95 = excluded.max_p95,
      total_count = excluded.total_count, error_count = excluded.error_count, sketch = excluded.sketch`;
}
