import { type Catalogue, defaultCatalogue } from '@command-center/contract/catalogue/catalogue';
import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import type { Sql, TransactionSql } from 'postgres';
import { bigintArray, numberArray, realArray } from '../store/arrays.ts';
import { blobOf } from '../store/blob.ts';
import { mergeHours, mergeMinutes, type Part, type RollUp } from './hour.ts';
import { asLeader } from './lease.ts';

/** An hour is rolled up this long after its end (design §4); what comes later marks it dirty. */
const SETTLED_AFTER = '5 minutes';
/** Pairs of hour and series a transaction: 200 hours of minutes are 12,000 rows, well under the 3 s of a leader's transaction. */
const MAX_PAIRS = 200;

/** Hands the next hour that has settled to telemetry_dirty_hours; whether there may be another one. */
export function handOverHour(sql: Sql, holder: number): Promise<boolean> {
  return asLeader(sql, holder, async (tx) => {
    const moved = await tx<{ hour: Date }[]>`
      /* advance-rollup-progress */
      UPDATE telemetry_rollup_progress SET next_hour = next_hour + interval '1 hour'
      WHERE next_hour + interval '1 hour' + ${SETTLED_AFTER}::text::interval <= now()
      RETURNING next_hour - interval '1 hour' AS hour`;
    const [row] = moved;
    if (row === undefined) return false;
    await tx`
      /* hand-over-hour */
      INSERT INTO telemetry_dirty_hours (hour, series_id)
      SELECT ${row.hour}::timestamptz, series_id FROM telemetry_open_windows
      WHERE ts >= ${row.hour} AND ts < ${row.hour}::timestamptz + interval '1 hour'
      UNION
      SELECT ${row.hour}::timestamptz, series_id FROM telemetry_metric_samples
      WHERE ts >= ${row.hour} AND ts < ${row.hour}::timestamptz + interval '1 hour'`;
    return true;
  });
}

interface Pair {
  readonly hourMs: number;
  readonly seriesId: number;
}

/** Recomputes some dirty hours, the oldest first, and the days they lie in; whether more are left. */
export function rollUpDirty(sql: Sql, holder: number, catalogue: Catalogue = defaultCatalogue): Promise<boolean> {
  return asLeader(sql, holder, async (tx) => {
    const pairs = await takeDirty(tx);
    if (pairs.length === 0) return false;
    const entries = await readEntries(tx, pairs, catalogue);
    await write(tx, '1h', rollUps(await readMinutes(tx, pairs), entries, mergeMinutes));
    await write(tx, '1d', rollUps(await readHours(tx, pairs), entries, mergeHours));
    return pairs.length >= MAX_PAIRS;
  });
}

/** What is deleted here is recomputed by a later statement, which sees every batch that was committed with it (design §4). */
async function takeDirty(tx: TransactionSql): Promise<readonly Pair[]> {
  const rows = await tx<{ hour_ms: number; series_id: number }[]>`
    /* take-dirty-hours */
    WITH chosen AS (
      SELECT DISTINCT hour, series_id FROM telemetry_dirty_hours ORDER BY hour, series_id LIMIT ${MAX_PAIRS}),
    taken AS (DELETE FROM telemetry_dirty_hours AS d USING chosen AS c WHERE d.hour = c.hour AND d.series_id = c.series_id RETURNING 1)
    SELECT extract(epoch FROM hour)::double precision * 1000 AS hour_ms, series_id FROM chosen`;
  return rows.map((row) => ({ hourMs: row.hour_ms, seriesId: row.series_id }));
}

/** Series whose metric is no longer in the contract are left as they are. */
async function readEntries(
  tx: TransactionSql,
  pairs: readonly Pair[],
  catalogue: Catalogue,
): Promise<ReadonlyMap<number, CatalogueEntry>> {
  const rows = await tx<{ id: number; metric_name: string }[]>`
    /* read-series-names */
    SELECT id, metric_name FROM telemetry_metric_series WHERE id = ANY (${numberArray(pairs.map((pair) => pair.seriesId))}::integer[])`;
  return new Map(
    rows.flatMap((row) => {
      const entry = catalogue.entryOf(row.metric_name);
      return entry === undefined ? [] : [[row.id, entry] as const];
    }),
  );
}

interface PartRow {
  readonly bucket_ms: number;
  readonly series_id: number;
  readonly ts_ms: number;
  readonly samples: number;
  /** bigint: the driver hands it over as text. */
  readonly value_count: string | null;
  readonly value_sum: number | null;
  readonly value_min: number | null;
  readonly value_max: number | null;
  readonly value_last: number | null;
  readonly value_last_ms: number | null;
  readonly max_p95: number | null;
  readonly sketch: Uint8Array | null;
}

function readMinutes(tx: TransactionSql, pairs: readonly Pair[]): Promise<readonly PartRow[]> {
  const columns = tx`extract(epoch FROM c.hour)::double precision * 1000 AS bucket_ms, w.series_id,
    extract(epoch FROM w.ts)::double precision * 1000 AS ts_ms, 1 AS samples, w.value_count, w.value_sum, w.value_min, w.value_max,
    w.value_last, w.value_last_ms, w.value_p95 AS max_p95, w.sketch`;
  const within = tx`w.series_id = c.series_id AND w.ts >= c.hour AND w.ts < c.hour + interval '1 hour'`;
  return tx<PartRow[]>`
    /* read-minutes-of-hours */
    WITH c AS (${pairsOf(tx, pairs)})
    SELECT ${columns} FROM c JOIN telemetry_open_windows AS w ON ${within}
    UNION ALL
    SELECT ${columns} FROM c JOIN telemetry_metric_samples AS w ON ${within}`;
}

/** Hours of each touched UTC day, those written just now included. */
function readHours(tx: TransactionSql, pairs: readonly Pair[]): Promise<readonly PartRow[]> {
  return tx<PartRow[]>`
    /* read-hours-of-days */
    WITH c AS (SELECT DISTINCT date_trunc('day', hour, 'UTC') AS day, series_id FROM (${pairsOf(tx, pairs)}) AS p)
    SELECT extract(epoch FROM c.day)::double precision * 1000 AS bucket_ms, r.series_id,
      extract(epoch FROM r.bucket)::double precision * 1000 AS ts_ms, r.sample_count::integer AS samples, r.value_count, r.value_sum,
      r.value_min, r.value_max, r.value_last, NULL::integer AS value_last_ms, r.max_p95, r.sketch
    FROM c JOIN telemetry_trend_rollups AS r
      ON r.series_id = c.series_id AND r.resolution = '1h' AND r.bucket >= c.day AND r.bucket < c.day + interval '1 day'`;
}

function pairsOf(tx: TransactionSql, pairs: readonly Pair[]) {
  return tx`SELECT to_timestamp(hour_ms / 1000) AS hour, series_id
    FROM unnest(${numberArray(pairs.map((pair) => pair.hourMs))}::double precision[],
      ${numberArray(pairs.map((pair) => pair.seriesId))}::integer[]) AS u(hour_ms, series_id)`;
}

interface KeyedRollUp extends RollUp {
  readonly bucketMs: number;
  readonly seriesId: number;
}

function rollUps(
  rows: readonly PartRow[],
  entries: ReadonlyMap<number, CatalogueEntry>,
  merge: (entry: CatalogueEntry, parts: readonly Part[]) => RollUp,
): KeyedRollUp[] {
  return [...Map.groupBy(rows, (row) => `${row.series_id} ${row.bucket_ms}`).values()].flatMap((same) => {
    const [first] = same;
    const entry = first === undefined ? undefined : entries.get(first.series_id);
    if (first === undefined || entry === undefined) return [];
    return [{ bucketMs: first.bucket_ms, seriesId: first.series_id, ...merge(entry, same.map(partOf)) }];
  });
}

function partOf(row: PartRow): Part {
  return {
    tsMs: row.ts_ms,
    samples: row.samples,
    count: row.value_count === null ? null : Number(row.value_count),
    sum: row.value_sum,
    min: row.value_min,
    max: row.value_max,
    last: row.value_last,
    lastMs: row.value_last_ms,
    maxP95: row.max_p95,
    sketch: row.sketch,
  };
}

/** `error_count` is of the request errors alone, by their 5xx series (contract.md §4); other rows have none. */
async function write(tx: TransactionSql, resolution: '1h' | '1d', rows: readonly KeyedRollUp[]): Promise<void> {
  if (rows.length === 0) return;
  const numbers = (pick: (row: KeyedRollUp) => number | null): string => numberArray(rows.map(pick));
  const sketches = blobOf(rows.map((row) => row.sketch));
  const reals = (pick: (row: KeyedRollUp) => number | null): string => realArray(rows.map(pick));
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
