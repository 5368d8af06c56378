import { numberArray, textArray } from '@command-center/drizzle/arrays';
import type { TransactionSql } from 'postgres';
import { BlockConflict, type Reader } from './transaction.ts';

/** A row of telemetry_metric_sources: from which minute of data time on a source holds. `fromMinuteMs` -Infinity = the holder's first source. */
export interface SourceRow {
  readonly holder: string;
  readonly metricName: string;
  readonly source: string;
  readonly fromMinuteMs: number;
  /** Data time of the source's newest point, milliseconds. */
  readonly lastSeenMs: number;
}

/** Everything that is known of the given holders, whatever the metric. */
export async function readSources(db: Reader, holders: readonly string[]): Promise<SourceRow[]> {
  if (holders.length === 0) return [];
  const rows = await db<{ holder: string; metric_name: string; source: string; from_ms: number; last_ms: number }[]>`
    /* read-sources */
    SELECT holder, metric_name, source, extract(epoch FROM from_minute)::double precision * 1000 AS from_ms,
      extract(epoch FROM last_seen)::double precision * 1000 AS last_ms
    FROM telemetry_metric_sources WHERE holder = ANY (${textArray(holders)}::text[])`;
  return rows.map((row) => ({
    holder: row.holder,
    metricName: row.metric_name,
    source: row.source,
    fromMinuteMs: row.from_ms,
    lastSeenMs: row.last_ms,
  }));
}

/**
 * Locks competitions until the transaction ends: `isChanging` = take-overs are decided, else they stay as they are. A row of
 * telemetry_metric_budgets stands for each metric or instrument.
 */
export async function lockCompetitions(
  tx: TransactionSql,
  metricNames: readonly string[],
  isChanging: boolean,
): Promise<void> {
  const names = textArray([...new Set(metricNames)].sort());
  if (isChanging)
    await tx`
      /* add-competitions */
      INSERT INTO telemetry_metric_budgets (metric_name) SELECT unnest(${names}::text[]) ON CONFLICT DO NOTHING`;
  await tx`
    /* lock-competitions */
    SELECT metric_name FROM telemetry_metric_budgets WHERE metric_name = ANY (${names}::text[])
    ORDER BY metric_name ${isChanging ? tx`FOR UPDATE` : tx`FOR SHARE`}`;
}

/** A holder's competition, and the minute of its last take-over as it is known here; undefined = it has no source yet. */
export interface KnownTakeOver {
  readonly holder: string;
  readonly metricName: string;
  readonly fromMinuteMs: number | undefined;
}

/**
 * Locks the competitions and compares what is known of them.
 * @throws BlockConflict where another sidecar has decided a take-over since.
 */
export async function checkSources(tx: TransactionSql, known: readonly KnownTakeOver[]): Promise<void> {
  if (known.length === 0) return;
  const locked = lockCompetitions(
    tx,
    known.map((one) => one.metricName),
    false,
  );
  // Reads after it has the locks: a statement sees what was committed before it began.
  const read = tx<{ moved: string }[]>`
    /* check-sources */
    SELECT count(*) AS moved
    FROM unnest(${textArray(known.map((one) => one.holder))}::text[], ${textArray(known.map((one) => one.metricName))}::text[],
      ${numberArray(known.map((one) => one.fromMinuteMs ?? null))}::double precision[]) AS k(holder, metric_name, from_ms)
    WHERE k.from_ms IS DISTINCT FROM (
      SELECT extract(epoch FROM max(s.from_minute))::double precision * 1000 FROM telemetry_metric_sources AS s
      WHERE s.holder = k.holder AND s.metric_name = k.metric_name)`;
  const [, [row]] = await Promise.all([locked, read]);
  if (row?.moved !== '0') throw new BlockConflict();
}

export async function writeSources(tx: TransactionSql, rows: readonly SourceRow[]): Promise<void> {
  if (rows.length === 0) return;
  const ordered = [...rows].sort(
    (a, b) => compare(a.holder, b.holder) || compare(a.metricName, b.metricName) || compare(a.source, b.source),
  );
  await tx`
    /* upsert-sources */
    INSERT INTO telemetry_metric_sources AS s (holder, metric_name, source, from_minute, last_seen)
    SELECT holder, metric_name, source, to_timestamp(from_ms / 1000), to_timestamp(last_ms / 1000)
    FROM unnest(${textArray(ordered.map((row) => row.holder))}::text[], ${textArray(ordered.map((row) => row.metricName))}::text[],
      ${textArray(ordered.map((row) => row.source))}::text[], ${numberArray(ordered.map((row) => row.fromMinuteMs))}::double precision[],
      ${numberArray(ordered.map((row) => row.lastSeenMs))}::double precision[]) AS r(holder, metric_name, source, from_ms, last_ms)
    ON CONFLICT (holder, metric_name, source, from_minute) DO UPDATE SET last_seen = greatest(s.last_seen, excluded.last_seen)`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
