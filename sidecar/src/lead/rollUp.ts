import { type Catalogue, defaultCatalogue } from '@command-center/contract/catalogue/catalogue';
import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import { packedAfterMs } from '@command-center/contract/retention';
import { numberArray } from '@command-center/drizzle/arrays';
import { ensurePartitions, packedTables } from '@command-center/drizzle/partitions';
import type { Sql, TransactionSql } from 'postgres';
import { type HourRow, mergeHours, type RollUp, rollUpOf } from './hour.ts';
import { addedHours, gaugeHours, type HourSum, type Place } from './hourSums.ts';
import { asLeader } from './lease.ts';
import { createPace, type Pace } from './pace.ts';
import { type Packed, packHours } from './pack.ts';
import { type Pair, pairRows } from './pairs.ts';
import { writeRollUps } from './rollUpRows.ts';

/** An hour is rolled up this long after its end (design §4); what comes later marks it dirty. */
const SETTLED_AFTER = '5 minutes';
/** Pairs of hour and series a transaction: their 60,000 minutes take a third of the 3 s of a leader's transaction. */
const MAX_PAIRS = 1_000;
const LEAST_PAIRS = 10;

/** How many pairs the roll-up takes on at once. */
export function rollUpPace(): Pace {
  return createPace(MAX_PAIRS, LEAST_PAIRS);
}

/**
 * Hands the next hour that has settled to telemetry_dirty_hours, and the next one that no sidecar holds in memory any more, to be packed; whether there
 * may be others.
 */
export function handOverHours(sql: Sql, holder: number): Promise<boolean> {
  return asLeader(sql, holder, async (tx) => {
    const settled = await handOver(tx, 'next_hour', SETTLED_AFTER);
    const packable = await handOver(tx, 'next_packed_hour', `${packedAfterMs} milliseconds`);
    return settled || packable;
  });
}

async function handOver(tx: TransactionSql, column: 'next_hour' | 'next_packed_hour', after: string): Promise<boolean> {
  const next = tx(column);
  const [row] = await tx<{ hour: Date }[]>`
    /* advance-rollup-progress */
    UPDATE telemetry_rollup_progress SET ${next} = ${next} + interval '1 hour'
    WHERE ${next} + interval '1 hour' + ${after}::text::interval <= now()
    RETURNING ${next} - interval '1 hour' AS hour`;
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
}

export interface RolledUp {
  /** Hours of series. */
  readonly rolledUp: number;
  readonly packed: number;
  /** Whether more are dirty. */
  readonly isMoreLeft: boolean;
}

/**
 * Recomputes some dirty hours, the oldest first, and the days they lie in; packs those that no sidecar holds in memory any more.
 * The roll-up of a packed hour holds exactly what is packed of it: both change in one transaction.
 */
export async function rollUpDirty(
  sql: Sql,
  holder: number,
  catalogue: Catalogue = defaultCatalogue,
  pace: Pace = rollUpPace(),
): Promise<RolledUp> {
  const rolledUp = await pace.run((size) => rollUpSome(sql, holder, catalogue, size));
  return rolledUp ?? { rolledUp: 0, packed: 0, isMoreLeft: true };
}

async function rollUpSome(sql: Sql, holder: number, catalogue: Catalogue, maxPairs: number): Promise<RolledUp> {
  const { pairs, nowMs } = await chooseDirty(sql, maxPairs);
  if (pairs.length === 0) return { rolledUp: 0, packed: 0, isMoreLeft: false };
  const packedBeforeMs = nowMs - packedAfterMs - 3_600_000;
  const packable = pairs.filter((pair) => pair.hourMs <= packedBeforeMs);
  const days = [...new Set(packable.map((pair) => Math.floor(pair.hourMs / DAY_MS)))];
  await ensurePartitions(
    sql,
    days.map((day) => new Date(day * DAY_MS)),
    packedTables,
  );
  return asLeader(sql, holder, async (tx) => {
    await unmark(tx, pairs);
    const entries = await readEntries(tx, pairs, catalogue);
    const packed = packable.length === 0 ? [] : await packHours(tx, packable, nowMs);
    await unmerge(tx, pairs);
    const settled = await hoursOf(
      tx,
      pairs.filter((pair) => pair.hourMs > packedBeforeMs),
      entries,
      'minutes',
    );
    const rollUps = settled.map((hour) => rollUpOf(hour));
    for (const rollUp of await rollUpPacked(tx, packed, entries)) rollUps.push(rollUp);
    await writeRollUps(tx, '1h', rollUps);
    await writeRollUps(tx, '1d', await rollUpDays(tx, pairs, entries));
    return { rolledUp: rollUps.length, packed: packed.length, isMoreLeft: pairs.length >= maxPairs };
  });
}

const DAY_MS = 86_400_000;

/** An hour that is to be packed waits until its last open window was moved; hardly ever is there one. */
async function chooseDirty(
  sql: Sql,
  maxPairs: number,
): Promise<{ readonly pairs: readonly Pair[]; readonly nowMs: number }> {
  const packedFrom = sql`now() - interval '1 hour' - ${`${packedAfterMs} milliseconds`}::text::interval`;
  const rows = await sql<{ now_ms: number; hour_ms: number | null; series_id: number }[]>`
    /* choose-dirty-hours */
    WITH held AS MATERIALIZED (
      SELECT DISTINCT date_bin('1 hour', ts, timestamptz 'epoch') AS hour, series_id FROM telemetry_open_windows WHERE ts < ${packedFrom} + interval '1 hour'
    )
    SELECT extract(epoch FROM now())::double precision * 1000 AS now_ms, extract(epoch FROM d.hour)::double precision * 1000 AS hour_ms, d.series_id
    FROM (SELECT 1) AS one LEFT JOIN (
      SELECT DISTINCT d.hour, d.series_id FROM telemetry_dirty_hours AS d LEFT JOIN held USING (hour, series_id)
      WHERE held.hour IS NULL OR d.hour > ${packedFrom}
      ORDER BY d.hour, d.series_id LIMIT ${maxPairs}
    ) AS d ON true`;
  const pairs = rows.flatMap((row) => (row.hour_ms === null ? [] : [{ hourMs: row.hour_ms, seriesId: row.series_id }]));
  return { pairs, nowMs: rows[0]?.now_ms ?? 0 };
}

/** What is deleted here is recomputed by a later statement, which sees every batch that was committed with it (design §4). */
async function unmark(tx: TransactionSql, pairs: readonly Pair[]): Promise<void> {
  await tx`
    /* take-dirty-hours */
    WITH c AS (${pairRows(tx, pairs)})
    DELETE FROM telemetry_dirty_hours AS d USING c WHERE d.hour = c.hour AND d.series_id = c.series_id`;
}

/** What changed after its hour had been merged is merged anew (merge.ts). */
async function unmerge(tx: TransactionSql, pairs: readonly Pair[]): Promise<void> {
  await tx`
    /* unmerge-hours */
    INSERT INTO telemetry_unmerged_hours (hour, metric_name)
    SELECT DISTINCT c.hour, s.metric_name FROM (${pairRows(tx, pairs)}) AS c JOIN telemetry_metric_series AS s ON s.id = c.series_id
    WHERE c.hour < (SELECT next_merged_hour FROM telemetry_rollup_progress)`;
}

/** Series whose metric is no longer in the contract are not rolled up; what is there of them stays. */
async function readEntries(
  tx: TransactionSql,
  pairs: readonly Pair[],
  catalogue: Catalogue,
): Promise<ReadonlyMap<number, CatalogueEntry>> {
  const rows = await tx<{ id: number; metric_name: string }[]>`
    /* read-series-names */
    SELECT id, metric_name FROM telemetry_metric_series
    WHERE id = ANY (${numberArray([...new Set(pairs.map((pair) => pair.seriesId))])}::integer[])`;
  return new Map(
    rows.flatMap((row) => {
      const entry = catalogue.entryOf(row.metric_name);
      return entry === undefined ? [] : [[row.id, entry] as const];
    }),
  );
}

async function hoursOf(
  tx: TransactionSql,
  pairs: readonly Pair[],
  entries: ReadonlyMap<number, CatalogueEntry>,
  place: Place,
): Promise<readonly HourSum[]> {
  const kindOf = (pair: Pair) => entries.get(pair.seriesId)?.kind;
  const added = pairs.filter((pair) => kindOf(pair) === 'counter' || kindOf(pair) === 'histogram');
  const gauges = pairs.filter((pair) => kindOf(pair) === 'gauge');
  const merges = gauges.map((pair) => entries.get(pair.seriesId)?.merge ?? 'last');
  return [
    ...(added.length === 0 ? [] : await addedHours(tx, added, place)),
    ...(gauges.length === 0 ? [] : await gaugeHours(tx, gauges, merges, place)),
  ];
}

/** Numbers come from the packed minutes; their sketches are gone, but for those of the rows packed now. */
async function rollUpPacked(
  tx: TransactionSql,
  packed: readonly Packed[],
  entries: ReadonlyMap<number, CatalogueEntry>,
): Promise<readonly RollUp[]> {
  if (packed.length === 0) return [];
  const nowPacked = new Map(packed.map((pair) => [keyOf(pair), pair]));
  const before = await readBefore(
    tx,
    packed.filter(({ isJoined }) => isJoined),
  );
  const hours = await hoursOf(tx, packed, entries, 'packed');
  return hours.map((hour) => {
    const key = keyOf(hour);
    return rollUpOf({ ...hour, sketches: nowPacked.get(key)?.sketches ?? null }, before.get(key));
  });
}

function keyOf(pair: Pair): string {
  return `${pair.seriesId} ${pair.hourMs}`;
}

/** The sketches of the roll-ups that are about to be replaced. */
async function readBefore(tx: TransactionSql, pairs: readonly Pair[]): Promise<ReadonlyMap<string, Uint8Array | null>> {
  if (pairs.length === 0) return new Map();
  const rows = await tx<(Pair & { readonly sketch: Uint8Array | null })[]>`
    /* read-rollups-before */
    WITH c AS (${pairRows(tx, pairs)})
    SELECT extract(epoch FROM c.hour)::double precision * 1000 AS "hourMs", c.series_id AS "seriesId", r.sketch
    FROM c JOIN telemetry_trend_rollups AS r ON r.series_id = c.series_id AND r.resolution = '1h' AND r.bucket = c.hour`;
  return new Map(rows.map((row) => [keyOf(row), row.sketch]));
}

/** The UTC days that the pairs lie in, from all their hours, those written just now included. */
async function rollUpDays(
  tx: TransactionSql,
  pairs: readonly Pair[],
  entries: ReadonlyMap<number, CatalogueEntry>,
): Promise<readonly RollUp[]> {
  const rows = await tx<HourRow[]>`
    /* read-hours-of-days */
    WITH c AS (SELECT DISTINCT date_trunc('day', hour, 'UTC') AS day, series_id FROM (${pairRows(tx, pairs)}) AS p)
    SELECT extract(epoch FROM c.day)::double precision * 1000 AS "dayMs", r.series_id AS "seriesId",
      extract(epoch FROM r.bucket)::double precision * 1000 AS "hourMs", r.sample_count::integer AS samples,
      r.value_count::double precision AS count, r.value_sum AS sum, r.value_min AS min, r.value_max AS max, r.value_last AS last,
      r.max_p95 AS "maxP95", r.sketch
    FROM c JOIN telemetry_trend_rollups AS r
      ON r.series_id = c.series_id AND r.resolution = '1h' AND r.bucket >= c.day AND r.bucket < c.day + interval '1 day'`;
  return [...Map.groupBy(rows, (row) => `${row.seriesId} ${row.dayMs}`).values()].flatMap((hours) => {
    const entry = entries.get(hours[0]?.seriesId ?? 0);
    return (entry === undefined ? undefined : mergeHours(entry, hours)) ?? [];
  });
}
