import { setTimeout as delay } from 'node:timers/promises';
import type { Sql, TransactionSql } from 'postgres';

/** How a migration waits for what others have locked. */
export interface LockPatience {
  /** Of one try: whoever comes later for the same table queues up behind it for as long. */
  readonly lockTimeoutMs: number;
  /** Between two tries: those that have queued up get their turn. */
  readonly pauseMs: number;
  /** No try begins later than this after the first one. */
  readonly giveUpAfterMs: number;
}

/** What is tried, over a connection whose lock_timeout is `lockTimeoutMs`. */
interface Locking {
  readonly session: Sql | TransactionSql;
  /** The server's process behind the session. */
  readonly pid: number;
  /** Keeps no lock where it fails. */
  readonly attempt: () => Promise<unknown>;
}

/** lock_not_available and deadlock_detected: another try may go well. */
const LOCKED_STATES: ReadonlySet<unknown> = new Set(['55P03', '40P01']);
const LOOK_EVERY_MS = 100;
const MAX_BLOCKERS = 3;

/**
 * Tries until the locks are there. Short tries with pauses in place of one long wait: a wait for ACCESS EXCLUSIVE holds up every reader and
 * writer that comes after it. `sql` looks meanwhile who is in the way.
 * @throws Error with a sentence that names the table and who holds it, caused by what Postgres said, after `giveUpAfterMs`.
 */
export async function lockPatiently(
  sql: Sql,
  { lockTimeoutMs, pauseMs, giveUpAfterMs }: LockPatience,
  { session, pid, attempt }: Locking,
): Promise<void> {
  const startedAtMs = performance.now();
  const watch = watchBlockers(sql, pid, Math.min(LOOK_EVERY_MS, lockTimeoutMs / 4));
  try {
    for (;;) {
      const error = await attempt().then(
        () => undefined,
        (reason: unknown) => ({ reason }),
      );
      if (error === undefined) return;
      if (!isLocked(error.reason)) throw error.reason;
      const triedForMs = performance.now() - startedAtMs;
      if (triedForMs + pauseMs > giveUpAfterMs) {
        throw new Error(lockedWords(triedForMs, watch.seen()), { cause: error.reason });
      }
      // The server's pause, not ours: a connection that is lost meanwhile is noticed as in any statement. Asked simply, so that no portal stays.
      await session.unsafe(`SELECT pg_sleep(${pauseMs / 1000})`);
    }
  } finally {
    await watch.stop();
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && LOCKED_STATES.has(error.code);
}

/** Who stands between a session and a lock. */
interface Blocker {
  /** A table, or null: a transaction's end is waited for. */
  readonly relation: string | null;
  /** 0 = a prepared transaction. */
  readonly pid: number;
  readonly application: string | null;
}

function lockedWords(triedForMs: number, blockers: readonly Blocker[]): string {
  const tables = [...new Set(blockers.flatMap(({ relation }) => (relation === null ? [] : [relation])))];
  const what = tables.length === 0 ? 'what it needs' : tables.join(', ');
  const who = [...new Set(blockers.map(blockerWords))].join(', ') || 'another session';
  return `for ${Math.round(triedForMs / 1000)} s ${what} was locked by ${who}; end that or wait for its end: the next start tries again`;
}

function blockerWords({ pid, application }: Blocker): string {
  if (pid === 0) return 'a prepared transaction';
  // A name that another program gave itself, for a line of a log.
  const name = (application ?? '').replaceAll(/[^\x20-\x7e]/g, '').trim();
  return `${name === '' ? 'a session without a name' : name} (process ${pid})`;
}

interface Watch {
  /** Those that were seen last. */
  seen(): readonly Blocker[];
  stop(): Promise<void>;
}

/** Only a session that still waits can be asked about: once it has failed its blockers are unknown. */
function watchBlockers(sql: Sql, pid: number, everyMs: number): Watch {
  const stopping = new AbortController();
  let seen: readonly Blocker[] = [];
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      const found = await findBlockers(sql, pid).catch(() => undefined);
      // The names only explain what is told without them, too. An attempt whose connection is lost may never end: then the pool's end ends this.
      if (found === undefined) return;
      if (found.length > 0) seen = found;
    }
  })();
  return {
    seen: () => seen,
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

async function findBlockers(sql: Sql, pid: number): Promise<readonly Blocker[]> {
  return sql<Blocker[]>`
    /* find-blockers */
    SELECT c.relname AS relation, b.pid, a.application_name AS application
    FROM pg_locks AS l
    CROSS JOIN LATERAL unnest(pg_blocking_pids(l.pid)) AS b (pid)
    LEFT JOIN pg_class AS c ON c.oid = l.relation
    LEFT JOIN pg_stat_activity AS a ON a.pid = b.pid
    WHERE l.pid = ${pid} AND NOT l.granted
    ORDER BY b.pid LIMIT ${MAX_BLOCKERS}`;
}
