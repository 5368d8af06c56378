import type { Sql } from 'postgres';
import type { Log } from '../log.ts';
import { dropEarlyIndexes, findUnindexedHours, indexHours } from './earlyIndex.ts';
import { dropHalfBuilt } from './halfBuilt.ts';
import { asLeader } from './lease.ts';
import { createSearchIndex } from './searchIndex.ts';
import type { Count } from './settings.ts';
import { findTrigrams, type Trigrams } from './trigrams.ts';

/** After its end a day still takes what collectors hold back; later records come as they may, into the indexes as they are. */
const COOLED_AFTER = '1 hour';
/** What a day that is done says about itself. */
const DONE = 'command-center: indexes packed';
/** After a failure: the other days have their turn then, and the log is not filled. */
const PAUSE_MS = 600_000;
/** A day that failed is tried again this much later. */
const TRY_AGAIN_MS = 3_600_000;
/** Whether a role may have an extension by now is asked this often. */
const ASK_AGAIN_MS = 3_600_000;

/** A partition of logs or spans whose day has ended. */
export interface ClosedDay {
  readonly name: string;
  readonly isPacked: boolean;
  /** Of logs: an index for searches is wanted and missing. */
  readonly isUnsearchable: boolean;
}

/** Closes one day after another, newest first; before that, hour by hour, makes the day searchable that goes on. */
export interface DayCloser {
  /** Begins with a day unless one is under way; the leader has other work to do meanwhile. */
  begin(holder: number): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Ends what is under way; the server gives it up. */
  stop(): Promise<void>;
}

export interface CloserOptions {
  /** The leader's pool. */
  readonly sql: Sql;
  /** A connection of the closer's own, which waits for long statements. */
  open(): Sql;
  readonly log: Log;
  readonly count: Count;
  /** Milliseconds that only grow; default performance.now. */
  readonly now?: () => number;
}

/**
 * Once a day of logs or spans is over its indexes are written anew, without the room that a day that grows leaves in their pages, and logs get a
 * trigram index for searches (docs/adr/0014); until then one of the hours that are over (earlyIndex.ts). All of it CONCURRENTLY: nobody waits. Without
 * pg_trgm searches read the day.
 */
export function createDayCloser({ sql, open, log, count, now = () => performance.now() }: CloserOptions): DayCloser {
  const trigramsOf = rememberTrigrams(log, now);
  const tryAtMs = new Map<string, number>();
  let pausedUntilMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  let working: { readonly own: Sql; readonly pid: number } | undefined;
  let isStopping = false;

  const isDue = (name: string): boolean => (tryAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < now();
  /** Over a connection of its own; `work` returns false where somebody else is at it. */
  const attempt = async (name: string, work: (own: Sql) => Promise<boolean>): Promise<boolean> => {
    tryAtMs.set(name, now() + TRY_AGAIN_MS);
    const own = open();
    try {
      const [backend] = await own<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
      working = { own, pid: backend?.pid ?? 0 };
      const isDone = await work(own);
      if (isDone) tryAtMs.delete(name);
      return isDone;
    } finally {
      working = undefined;
      await own.end({ timeout: 0 });
    }
  };
  const close = async (holder: number): Promise<void> => {
    const stillLeads = () => asLeader(sql, holder, async () => undefined);
    const trigrams = await trigramsOf(sql);
    if (trigrams !== undefined) {
      const hours = (await findUnindexedHours(sql)).find(({ index }) => isDue(index));
      if (hours !== undefined) await attempt(hours.index, (own) => indexHours(own, hours, trigrams, stillLeads));
    }
    const day = (await findClosedDays(sql, trigrams !== undefined)).find(({ name }) => isDue(name));
    if (day === undefined || isStopping) return;
    const startedMs = now();
    if (!(await attempt(day.name, (own) => closeDay(own, day, trigrams, stillLeads)))) return;
    log('day closed', { partition: day.name, duration_ms: Math.round(now() - startedMs) });
    count('closedDays', 1);
  };
  return {
    begin: (holder) => {
      if (isStopping || pausedUntilMs > now()) return;
      running ??= close(holder)
        .catch((error: unknown) => {
          pausedUntilMs = now() + PAUSE_MS;
          if (!isStopping) log('close days failed', { error: String(error) });
        })
        .finally(() => {
          running = undefined;
        });
    },
    settled: async () => running,
    stop: async () => {
      isStopping = true;
      if (working !== undefined) {
        const { own, pid } = working;
        // Where the server is away there is nothing to end.
        await sql`/* end-closing */ SELECT pg_cancel_backend(${pid})`.catch(() => undefined);
        await own.end({ timeout: 0 });
      }
      await running;
    },
  };
}

/** Asks once an hour, and tells when the answer is another one than before. */
function rememberTrigrams(log: Log, now: () => number): (sql: Sql) => Promise<Trigrams | undefined> {
  let askAtMs = Number.NEGATIVE_INFINITY;
  let found: Trigrams | undefined;
  let told: string | undefined;
  return async (sql) => {
    if (found !== undefined || now() < askAtMs) return found;
    const answer = await findTrigrams(sql);
    askAtMs = now() + ASK_AGAIN_MS;
    if ('opclass' in answer) {
      found = answer;
    } else if (answer.missing !== told) {
      told = answer.missing;
      log('searches read whole days', { reason: answer.missing });
    }
    return found;
  };
}

/** What is left to do, newest first: whoever searches looks there first. */
export async function findClosedDays(sql: Sql, areTrigramsThere: boolean): Promise<readonly ClosedDay[]> {
  return sql<ClosedDay[]>`
    /* find-closed-days */
    SELECT * FROM (
      SELECT c.relname AS name, obj_description(c.oid, 'pg_class') IS NOT DISTINCT FROM ${DONE} AS "isPacked",
        ${areTrigramsThere} AND p.relname = 'telemetry_log_events' AND NOT EXISTS (
          SELECT 1 FROM pg_index AS i JOIN pg_class AS ic ON ic.oid = i.indexrelid
          WHERE i.indrelid = c.oid AND ic.relname = 'idx_tle_search_' || right(c.relname, 8) AND i.indisvalid) AS "isUnsearchable"
      FROM pg_inherits AS h JOIN pg_class AS c ON c.oid = h.inhrelid JOIN pg_class AS p ON p.oid = h.inhparent
      WHERE p.relname IN ('telemetry_log_events', 'telemetry_trace_index') AND p.relnamespace = current_schema()::regnamespace
        AND c.relkind = 'r' AND c.relname ~ '_[0-9]{8}$'
        AND to_date(right(c.relname, 8), 'YYYYMMDD') + interval '1 day' + ${COOLED_AFTER}::interval <= now() AT TIME ZONE 'UTC'
    ) AS closed
    WHERE NOT "isPacked" OR "isUnsearchable"
    ORDER BY right(name, 8) DESC, name`;
}

/** Returns false where somebody else is at it. `stillLeads` throws where another sidecar leads by now. */
async function closeDay(
  own: Sql,
  day: ClosedDay,
  trigrams: Trigrams | undefined,
  stillLeads: () => Promise<void>,
): Promise<boolean> {
  if (!(await dropHalfBuilt(own, day.name))) return false;
  if (!day.isPacked) {
    for (const name of await indexesOf(own, day.name)) {
      await stillLeads();
      await own`ALTER INDEX ${own(name)} SET (fillfactor = 100)`;
      await own`REINDEX INDEX CONCURRENTLY ${own(name)}`;
    }
  }
  await stillLeads();
  if (day.isUnsearchable && trigrams !== undefined) {
    await createSearchIndex(own, searchIndexOf(day.name), day.name, trigrams);
  }
  await dropEarlyIndexes(own, day.name);
  // What the planner knows of the expressions in indexes.
  await own`ANALYZE ${own(day.name)}`;
  await own.unsafe(`COMMENT ON TABLE ${day.name} IS '${DONE}'`);
  return true;
}

function searchIndexOf(partition: string): string {
  return `idx_tle_search_${partition.slice(-8)}`;
}

/** Indexes but that of searches, which is compact from the start. */
async function indexesOf(sql: Sql, partition: string): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    /* indexes-of-day */
    SELECT c.relname AS name FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
    WHERE i.indrelid = ${partition}::text::regclass AND i.indisvalid AND a.amname = 'btree' ORDER BY c.relname`;
  return rows.map(({ name }) => name);
}
