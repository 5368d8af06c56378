import { bigintArray, numberArray, realArray } from '@command-center/drizzle/arrays';
import type { TransactionSql } from 'postgres';
import { blobOf } from '../store/blob.ts';
import type { RollUp } from './hour.ts';

/** `error_count` is of the request errors alone, by their 5xx series (contract.md §4); other rows have none. */
export async function writeRollUps(
  tx: TransactionSql,
  resolution: '1h' | '1d',
  rows: readonly RollUp[],
): Promise<void> {
  if (rows.length === 0) return;
  const numbers = (pick: (row: RollUp) => number | null): string => numberArray(rows.map(pick));
  const sketches = blobOf(rows.map((row) => row.sketch));
  const reals = (pick: (row: RollUp) => number | null): string => realArray(rows.map(pick));
  await tx`
    /* upsert-rollups */
    INSERT INTO telemetry_trend_rollups AS t (bucket, resolution, series_id, sample_count, value_count, value_sum, value_min, value_max,
      value_last, value_p50, value_p95, value_p99, max_p95, total_count, error_count, sketch)
    SELECT to_timestamp(r.bucket / 1000), ${resolution}, r.id, r.samples, r.n, r.total, r.low, r.high, r.last, r.p50, r.p95, r.p99, r.max_p95,
      CASE WHEN r.is_gauge THEN NULL ELSE r.n END,
      CASE WHEN s.labels ->> 'http.response.status_code' >= '500' THEN r.n WHEN s.labels ? 'http.response.status_code' THEN 0 END,
      substring((SELECT decode(${sketches.base64}, 'base64')) FROM r.at FOR r.length)
    FROM unnest(${numbers((row) => row.bucketMs)}::double precision[], ${numbers((row) => row.seriesId)}::integer[],
      ${numbers((row) => row.sampleCount)}::bigint[], ${bigintArray(rows.map((row) => row.count))}::bigint[], ${numbers((row) => row.sum)}::double precision[],
      ${numbers((row) => row.min)}::double precision[], ${numbers((row) => row.max)}::double precision[],
      ${numbers((row) => row.last)}::double precision[], ${reals((row) => row.p50)}::real[], ${reals((row) => row.p95)}::real[],
      ${reals((row) => row.p99)}::real[], ${reals((row) => row.maxP95)}::real[], ${sketches.at}::integer[], ${sketches.length}::integer[],
      ${numbers((row) => (row.last === null ? 0 : 1))}::integer[]::boolean[])
      AS r(bucket, id, samples, n, total, low, high, last, p50, p95, p99, max_p95, at, length, is_gauge)
    JOIN telemetry_metric_series AS s ON s.id = r.id
    ON CONFLICT (series_id, resolution, bucket) DO UPDATE SET
      sample_count = excluded.sample_count, value_count = excluded.value_count, value_sum = excluded.value_sum,
      value_min = excluded.value_min, value_max = excluded.value_max, value_last = excluded.value_last, value_p50 = excluded.value_p50,
      value_p95 = excluded.value_p95, value_p99 = excluded.value_p99, max_p95 = excluded.max_p95, total_count = excluded.total_count,
      error_count = excluded.error_count, sketch = excluded.sketch`;
}
