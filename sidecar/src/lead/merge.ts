import { type Catalogue, defaultCatalogue } from '@command-center/contract/catalogue/catalogue';
import { trendShapeOf } from '@command-center/contract/trends/shape';
import { textArray } from '@command-center/drizzle/arrays';
import type { Sql, TransactionSql } from 'postgres';
import { asLeader } from './lease.ts';
import { readMerged } from './mergeRead.ts';
import { writeMergedHours, writeMergedMinutes } from './mergeWrite.ts';
import { createPace, type Pace } from './pace.ts';

/** Hours of a metric a transaction: of 100 series they hold 36,000 sketches, which take a third of a second. */
const MAX_HOURS = 6;

/** How many hours of a metric are merged at once. */
export function mergePace(): Pace {
  return createPace(MAX_HOURS, 1);
}

/** Pieces chosen at once: to choose looks through all that is unmerged. */
const MAX_PIECES = 50;
/** A run ends after this long: the leader has to judge every 5 s. */
const RUN_MS = 500;

export interface Merged {
  /** Hours of metrics. */
  readonly merged: number;
  readonly isMoreLeft: boolean;
}

/**
 * Merges hours over all series of a metric, the newest first: what a chart without conditions shows is read from there (docs/adr/0015). Readers do
 * not trust an hour that stands in telemetry_unmerged_hours or telemetry_dirty_hours, so what changes meanwhile is merged anew.
 */
export async function mergeSettled(
  sql: Sql,
  holder: number,
  catalogue: Catalogue = defaultCatalogue,
  pace: Pace = mergePace(),
): Promise<Merged> {
  const endMs = performance.now() + RUN_MS;
  let merged = 0;
  while (performance.now() < endMs) {
    const pieces = await chooseUnmerged(sql, pace.size);
    // An hour at a time: of a month that is handed over at once each choice would look through all.
    if (pieces.length === 0 && !(await asLeader(sql, holder, handOverSettled))) return { merged, isMoreLeft: false };
    for (const piece of pieces) {
      const hours = await pace.run(() => asLeader(sql, holder, (tx) => mergeHours(tx, piece, catalogue)));
      if (hours === undefined) break;
      merged += hours;
      if (performance.now() >= endMs) break;
    }
  }
  return { merged, isMoreLeft: true };
}

/** Hands the next settled hour of all metrics over; whether there may be others. What changes later is handed over by the roll-up. */
async function handOverSettled(tx: TransactionSql): Promise<boolean> {
  const rows = await tx`
    /* hand-over-settled-hour */
    WITH taken AS (
      UPDATE telemetry_rollup_progress SET next_merged_hour = next_merged_hour + interval '1 hour'
      WHERE next_merged_hour < next_hour
      RETURNING next_merged_hour - interval '1 hour' AS hour
    ), added AS (
      INSERT INTO telemetry_unmerged_hours (hour, metric_name)
      SELECT hour, metric_name FROM taken CROSS JOIN (SELECT DISTINCT metric_name FROM telemetry_metric_series) AS m
    )
    SELECT 1 FROM taken`;
  return rows.length > 0;
}

/** Some hours of a metric in one UTC day, ascending. */
interface Unmerged {
  readonly metricName: string;
  readonly hours: readonly Date[];
  readonly nowMs: number;
}

/** Some pieces of work, the newest first. An hour that is still to be rolled up or packed waits: it would be merged twice. */
async function chooseUnmerged(sql: Sql, maxHours: number): Promise<readonly Unmerged[]> {
  const rows = await sql<{ metric_name: string; hours: number[]; now_ms: number }[]>`
    /* choose-unmerged-hours */
    SELECT metric_name, to_json((array_agg(extract(epoch FROM hour)::double precision * 1000 ORDER BY hour DESC))[:${maxHours}::integer]) AS hours, extract(epoch FROM now())::double precision * 1000 AS now_ms
    FROM (
      SELECT DISTINCT u.metric_name, u.hour FROM telemetry_unmerged_hours AS u
      WHERE NOT EXISTS (
        SELECT 1 FROM telemetry_dirty_hours AS d JOIN telemetry_metric_series AS s ON s.id = d.series_id
        WHERE d.hour = u.hour AND s.metric_name = u.metric_name
      )
    ) AS ready
    GROUP BY date_trunc('day', hour, 'UTC'), metric_name
    ORDER BY date_trunc('day', hour, 'UTC') DESC, metric_name
    LIMIT ${MAX_PIECES}`;
  return rows.map((row) => ({
    metricName: row.metric_name,
    hours: row.hours.toReversed().map((ms) => new Date(ms)),
    nowMs: row.now_ms,
  }));
}

/** Returns how many hours that were. A metric that is no longer in the contract is not asked for: what was merged of it goes. */
async function mergeHours(tx: TransactionSql, unmerged: Unmerged, catalogue: Catalogue): Promise<number> {
  const { metricName, hours } = unmerged;
  const chosen = textArray(hours.map((hour) => hour.toISOString()));
  for (const table of ['telemetry_unmerged_hours', 'telemetry_merged_minutes', 'telemetry_merged_hours'])
    await tx`
      /* take-unmerged-hours */
      DELETE FROM ${tx(table)} WHERE metric_name = ${metricName} AND hour = ANY (${chosen}::timestamptz[])`;
  const entry = catalogue.entryOf(metricName);
  if (entry === undefined) return hours.length;
  const asked = { ...unmerged, shape: trendShapeOf(entry) };
  const { minutes, ofHours } = await readMerged(tx, asked);
  await writeMergedMinutes(tx, asked, minutes);
  await writeMergedHours(tx, asked, ofHours);
  return hours.length;
}
