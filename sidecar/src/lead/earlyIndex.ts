import type { Sql } from 'postgres';
import { dropHalfBuilt } from './halfBuilt.ts';
import { createSearchIndex } from './searchIndex.ts';
import type { Trigrams } from './trigrams.ts';

/** After its end an hour still takes what is on its way: each record that comes later costs more. */
const SETTLED_AFTER = '5 minutes';
/** A day is closed, and gets the index of all of it, from then on (closeDays.ts). */
const CLOSED_AFTER = '1 hour';

/** A partition of logs whose day is not closed, and of which hours are over that no index for searches holds. */
export interface UnindexedHours {
  readonly name: string;
  /** What the index is to be called. */
  readonly index: string;
  /** Its end, RFC 3339. */
  readonly before: string;
}

/**
 * The open day, and the one before it until it is closed. An index of their hours that are over is made anew each hour, of all of them: 16 µs a record on
 * two shared cores, half a second an hour for a million records a month. Records that come meanwhile are beyond it, and cost their writer nothing.
 * `now`: in place of the database's.
 */
export async function findUnindexedHours(sql: Sql, now: Date | null = null): Promise<readonly UnindexedHours[]> {
  return sql<UnindexedHours[]>`
    /* find-unindexed-hours */
    WITH clock AS (
      SELECT coalesce(${now}::timestamptz, now()) AT TIME ZONE 'UTC' AS time
    ), days AS (
      SELECT c.oid, c.relname AS name, right(c.relname, 8) AS suffix, to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp AS day
      FROM pg_inherits AS h JOIN pg_class AS c ON c.oid = h.inhrelid JOIN pg_class AS p ON p.oid = h.inhparent
      WHERE p.relname = 'telemetry_log_events' AND p.relnamespace = current_schema()::regnamespace
        AND c.relkind = 'r' AND c.relname ~ '_[0-9]{8}$'
    ), wanted AS (
      SELECT *, least(day + interval '1 day', date_trunc('hour', time - ${SETTLED_AFTER}::interval)) AS before
      FROM days, clock WHERE day + interval '1 day' + ${CLOSED_AFTER}::interval > time
    ), named AS (
      SELECT *, 'idx_tle_early_' || suffix || '_' || to_char(extract(epoch FROM before - day) / 3600, 'FM00') AS index
      FROM wanted WHERE before > day
    )
    SELECT name, index, to_char(before, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS before FROM named
    WHERE NOT EXISTS (
      SELECT 1 FROM pg_index AS i JOIN pg_class AS ic ON ic.oid = i.indexrelid
      WHERE i.indrelid = named.oid AND i.indisvalid AND ic.relname IN (named.index, 'idx_tle_search_' || suffix))
    ORDER BY name DESC`;
}

/** Makes the index and then drops the one of fewer hours. Returns false where somebody else is at it. `stillLeads` throws where another sidecar leads by now. */
export async function indexHours(
  own: Sql,
  { name, index, before }: UnindexedHours,
  trigrams: Trigrams,
  stillLeads: () => Promise<void>,
): Promise<boolean> {
  if (!(await dropHalfBuilt(own, name))) return false;
  await stillLeads();
  await createSearchIndex(own, index, name, trigrams, before);
  await dropEarlyIndexes(own, name, index);
  return true;
}

/** Drops the indexes of a partition that hold only some of its hours, but for `kept`. */
export async function dropEarlyIndexes(own: Sql, partition: string, kept = ''): Promise<void> {
  const rows = await own<{ name: string }[]>`
    /* early-indexes-of-day */
    SELECT c.relname AS name FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indrelid = ${partition}::text::regclass AND c.relname LIKE 'idx\\_tle\\_early\\_%' AND c.relname <> ${kept} ORDER BY c.relname`;
  for (const { name } of rows) await own`DROP INDEX CONCURRENTLY IF EXISTS ${own(name)}`;
}
