import postgres, { type Sql, type TransactionSql } from 'postgres';
import { dropHalfBuilt } from './halfBuilt.ts';
import { type LockPatience, lockPatiently } from './lockWait.ts';
import { type Migration, readMigrations, statementsOf } from './migrationFiles.ts';
import { makePartitionedIndex, partitionedIndexOf } from './partitionedIndex.ts';
import { type Cut, patientSocket } from './socket.ts';
import { savepoint, transaction } from './transaction.ts';

export interface MigrationOptions {
  /** Of the files. */
  readonly folder?: URL;
  /** Gives up at once, whatever the server does; it rolls back what was under way. */
  readonly signal?: AbortSignal;
  readonly patience?: LockPatience;
}

export interface MigrationResult {
  /** Names of what was applied now, in order. */
  readonly applied: readonly string[];
  /** What a migration could not do and went on without, in words. */
  readonly warnings: readonly string[];
}

/** Any number, as long as it is ours: two starters on an empty database queue up behind it. */
const LOCK_KEY = 7_134_420_119;
/** Another starter at work. Nobody but starters waits for the ledger's lock. */
const LEDGER_PATIENCE: LockPatience = { lockTimeoutMs: 60_000, pauseMs: 0, giveUpAfterMs: 0 };
/**
 * Longer than deadlock_timeout (1 s), after which Postgres ends an autovacuum that is in the way, and short beside the 15 s that a sidecar gives
 * a statement. The pause lets through what has queued up.
 */
const TABLE_PATIENCE: LockPatience = { lockTimeoutMs: 2_000, pauseMs: 3_000, giveUpAfterMs: 60_000 };
/** `… CONCURRENTLY` waits for transactions of others and holds nobody up; a try again would begin from nothing. */
const CONCURRENT_PATIENCE: LockPatience = { lockTimeoutMs: 600_000, pauseMs: 0, giveUpAfterMs: 0 };
const CONNECT_TIMEOUT_S = 5;
/** A migration takes as long as it takes. */
const NO_DEADLINE = 0;
/** `server_version_num`: the oldest that is served, and the first of those that nobody has tried. */
const MIN_SERVER_VERSION = 150_000;
const UNTRIED_SERVER_VERSION = 190_000;
const FOLDER = new URL('./migrations/', import.meta.url);

/** What one run of the files shares. */
interface Run {
  /** Two connections: one holds the ledger's lock, the other looks who is in the way. */
  readonly sql: Sql;
  readonly migrations: readonly Migration[];
  readonly patience: LockPatience;
  /** One more connection, for statements outside of a transaction; ends with the run. `lockTimeoutMs`: unless a statement has its own. */
  open(lockTimeoutMs: number): Sql;
}

/**
 * Brings the database to the schema of this version; applying twice changes nothing, and of two processes that start together one waits.
 * @throws Error with a sentence when the database is newer than this version, a file was edited after it was applied, a right is missing, or
 * another session keeps a table locked.
 */
export async function migrate(databaseUrl: string, options: MigrationOptions = {}): Promise<MigrationResult> {
  const { folder = FOLDER, signal, patience = TABLE_PATIENCE } = options;
  const migrations = await readMigrations(folder);
  // A try that is repeated repeats its warnings.
  const warnings = new Set<string>();
  const clients: Sql[] = [];
  const cuts = new Set<Cut>();
  const onSocket = (cut: Cut): (() => void) => {
    cuts.add(cut);
    return () => cuts.delete(cut);
  };
  const connect = (max: number, settings: Readonly<Record<string, number>>): Sql => {
    const client = postgres(databaseUrl, {
      ...patientSocket(databaseUrl, NO_DEADLINE, onSocket),
      max,
      connect_timeout: CONNECT_TIMEOUT_S,
      fetch_types: false,
      onnotice: ({ severity, message }) => {
        if (severity === 'WARNING' && message !== undefined) warnings.add(message);
      },
      connection: { application_name: 'command-center-migrate', ...settings },
    });
    clients.push(client);
    return client;
  };
  const end = (timeout: number) => Promise.all(clients.map((client) => client.end({ timeout })));
  const giveUp = (): void => {
    void end(0);
    // The driver's own way waits until the server has done the statement that it is at.
    for (const cut of cuts) cut(new Error('the migration was given up'));
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    signal?.throwIfAborted();
    const sql = connect(2, {});
    const open = (lockTimeoutMs: number): Sql => connect(1, { lock_timeout: lockTimeoutMs, statement_timeout: 0 });
    const untried = await ensureLedger(sql);
    if (untried !== undefined) warnings.add(untried);
    const run: Run = { sql, migrations, patience, open };
    const applied: string[] = [];
    for (const { name } of pendingOf(migrations, await readLedger(sql))) {
      if (await applyIfPending(run, name)) applied.push(name);
    }
    await end(5);
    return { applied, warnings: [...warnings] };
  } finally {
    signal?.removeEventListener('abort', giveUp);
    // After a failure there may be a connection that the server has ended, and that would be waited for.
    await end(0);
  }
}

/**
 * Looks before it creates, so that a role without CREATE may start on a migrated database. Answers a sentence where the server is newer than those that
 * were tried: mostly it serves, so nobody is kept from it. @throws Error where it is too old.
 */
async function ensureLedger(sql: Sql): Promise<string | undefined> {
  const [found] = await sql<{ version: number; is_there: boolean }[]>`
    /* find-ledger */
    SELECT current_setting('server_version_num')::integer AS version, to_regclass('command_center_migrations') IS NOT NULL AS is_there`;
  if (found !== undefined && found.version < MIN_SERVER_VERSION) {
    throw new Error(`the database is Postgres ${majorOf(found.version)}; Command Center needs 15 or later`);
  }
  const untried =
    found !== undefined && found.version >= UNTRIED_SERVER_VERSION
      ? `the database is Postgres ${majorOf(found.version)}; Command Center is tried on 15 to 18, and goes on`
      : undefined;
  if (found?.is_there === true) return untried;
  await transaction(sql, '', async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(${LOCK_KEY})`;
    await tx`CREATE TABLE IF NOT EXISTS command_center_migrations (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`;
  }).catch((error: unknown) => {
    throw failed('the first migration', error);
  });
  return untried;
}

const majorOf = (version: number): number => Math.floor(version / 10_000);

interface Applied {
  readonly checksum: string;
  /** As the release said that applied it. */
  readonly isAdditive: boolean;
}

/**
 * What was applied, by name; the column of the mark is there once a marked file was. Asked simply, since an extended query leaves a portal behind, and with it a snapshot that
 * CREATE INDEX CONCURRENTLY would wait for.
 */
async function readLedger(sql: Sql | TransactionSql): Promise<ReadonlyMap<string, Applied>> {
  const rows = await sql<{ name: string; checksum: string; is_additive: boolean | null }[]>`
    /* read-ledger */
    SELECT name, checksum, (to_jsonb(ledger) ->> 'is_additive')::boolean AS is_additive FROM command_center_migrations AS ledger`.simple();
  return new Map(rows.map((row) => [row.name, { checksum: row.checksum, isAdditive: row.is_additive === true }]));
}

/** Refuses a database that this version must not touch. */
function pendingOf(migrations: readonly Migration[], ledger: ReadonlyMap<string, Applied>): readonly Migration[] {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = [...ledger].flatMap(([name, { isAdditive }]) => (known.has(name) || isAdditive ? [] : [name])).sort();
  if (unknown.length > 0) {
    throw new Error(
      `the database is newer than this version of Command Center: it has ${unknown.join(', ')}; start the version that applied it, or a later one; the way back is a back-up of before`,
    );
  }
  const edited = migrations.find(({ name, checksum }) => ledger.has(name) && ledger.get(name)?.checksum !== checksum);
  if (edited !== undefined) {
    throw new Error(`${edited.name} was edited after it was applied to this database: restore it and add a new file`);
  }
  return migrations.filter(({ name }) => !ledger.has(name));
}

/**
 * One migration under the ledger's lock, which ends with its transaction, so a pooler between us does no harm. LOCK TABLE takes no snapshot:
 * a starter that waits for it does not hold up CREATE INDEX CONCURRENTLY, as one that waits for an advisory lock would, for ever.
 */
async function applyIfPending(run: Run, name: string): Promise<boolean> {
  const { sql, migrations, patience } = run;
  const work = transaction(sql, '', async (tx): Promise<boolean | Failure> => {
    const setLockTimeout = (ms: number) => tx`SELECT set_config('lock_timeout', ${String(ms)}, true)`;
    const [own] = await tx<{ pid: number }[]>`
      SELECT pg_backend_pid() AS pid, set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`;
    const pid = own?.pid ?? 0;
    await setLockTimeout(LEDGER_PATIENCE.lockTimeoutMs);
    const lockLedger = () => tx`LOCK TABLE command_center_migrations IN SHARE ROW EXCLUSIVE MODE`;
    await lockPatiently(sql, LEDGER_PATIENCE, { session: tx, pid, attempt: lockLedger });
    await setLockTimeout(patience.lockTimeoutMs);
    const migration = pendingOf(migrations, await readLedger(tx)).find((pending) => pending.name === name);
    if (migration === undefined) return false;
    if (migration.isTransactional) {
      const attempt = () => savepoint(tx, (inner) => inner.unsafe(migration.text));
      await lockPatiently(sql, patience, { session: tx, pid, attempt });
    } else {
      const failure = await applyConcurrently(run, migration).catch((reason: unknown): Failure => ({ reason }));
      if (failure !== undefined) return failure;
    }
    await record(tx, migration);
    return true;
  });
  const outcome = await work.catch((reason: unknown): Failure => ({ reason }));
  if (typeof outcome === 'object') throw failed(name, outcome.reason);
  return outcome;
}

/** The first release knew no mark, so its table has no column for it; what it wrote goes on without. */
async function record(tx: TransactionSql, { name, checksum, isAdditive }: Migration): Promise<void> {
  if (!isAdditive) {
    await tx`INSERT INTO command_center_migrations (name, checksum) VALUES (${name}, ${checksum})`;
    return;
  }
  await tx`ALTER TABLE command_center_migrations ADD COLUMN IF NOT EXISTS is_additive boolean NOT NULL DEFAULT false`;
  await tx`INSERT INTO command_center_migrations (name, checksum, is_additive) VALUES (${name}, ${checksum}, true)`;
}

/** Of a concurrent file it is a value, since `transaction` would take the loss of that other connection for the loss of its own. */
interface Failure {
  readonly reason: unknown;
}

/** Statement after statement, each committed by itself: what was broken off is done again from its first statement. */
async function applyConcurrently({ sql, patience, open }: Run, migration: Migration): Promise<void> {
  const own = open(CONCURRENT_PATIENCE.lockTimeoutMs);
  const [backend] = await own<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  const pid = backend?.pid ?? 0;
  for (const statement of statementsOf(migration)) {
    const index = await partitionedIndexOf(own, statement);
    if (index !== undefined) {
      await makePartitionedIndex({ own, pid, sql, patience, concurrentPatience: CONCURRENT_PATIENCE }, index);
    } else if (/\bCONCURRENTLY\b/i.test(statement)) {
      const attempt = async (): Promise<void> => {
        await dropHalfBuilt(own, statement);
        await own.unsafe(statement);
      };
      await lockPatiently(sql, CONCURRENT_PATIENCE, { session: own, pid, attempt });
    } else {
      const attempt = () =>
        transaction(own, '', async (tx) => {
          await tx`SELECT set_config('lock_timeout', ${String(patience.lockTimeoutMs)}, true)`;
          await tx.unsafe(statement);
        });
      await lockPatiently(sql, patience, { session: own, pid, attempt });
    }
  }
}

/** insufficient_privilege */
const NO_RIGHT = '42501';

function failed(what: string, error: unknown): Error {
  const words = error instanceof Error ? error.message : String(error);
  const isRight = error instanceof Error && 'code' in error && error.code === NO_RIGHT;
  const remedy = '; let a role migrate that owns the tables and may CREATE in their schema, with `npm run migrate`';
  return new Error(`${what} failed: ${words}${isRight ? remedy : ''}`, { cause: error });
}
