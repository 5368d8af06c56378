import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import { transaction } from './transaction.ts';

/** A file of drizzle/migrations. Its first line says how it runs: `-- transactional` or `-- concurrent` (CREATE INDEX CONCURRENTLY and the like). */
interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
  readonly isTransactional: boolean;
}

export interface MigrationResult {
  /** Names of what was applied now, in order. */
  readonly applied: readonly string[];
  /** What a migration could not do and went on without, in words. */
  readonly warnings: readonly string[];
}

/** Any number, as long as it is ours: two starters on an empty database queue up behind it. */
const LOCK_KEY = 7_134_420_119;
const LOCK_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_S = 5;
const MIN_SERVER_VERSION = 150_000;
const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Brings the database to the schema of this version; applying twice changes nothing, and of two processes that start together one waits.
 * `signal`: gives up; Postgres rolls back what was under way.
 * @throws Error with a sentence when the database is newer than this version, or a file was edited after it was applied.
 */
export async function migrate(
  databaseUrl: string,
  folder: URL = FOLDER,
  signal?: AbortSignal,
): Promise<MigrationResult> {
  const migrations = await readMigrations(folder);
  const warnings: string[] = [];
  const sql = postgres(databaseUrl, {
    max: 2,
    connect_timeout: CONNECT_TIMEOUT_S,
    fetch_types: false,
    onnotice: ({ severity, message }) => {
      if (severity === 'WARNING' && message !== undefined) warnings.push(message);
    },
    connection: { application_name: 'command-center-migrate' },
  });
  const giveUp = (): void => void sql.end({ timeout: 0 });
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    signal?.throwIfAborted();
    await ensureLedger(sql);
    const applied: string[] = [];
    for (const { name } of pendingOf(migrations, await readLedger(sql))) {
      if (await applyIfPending(sql, migrations, name)) applied.push(name);
    }
    return { applied, warnings };
  } finally {
    signal?.removeEventListener('abort', giveUp);
    await sql.end({ timeout: 5 });
  }
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      const header = text.slice(0, text.indexOf('\n')).trim();
      if (header !== '-- transactional' && header !== '-- concurrent') {
        throw new Error(`${name}: the first line must be "-- transactional" or "-- concurrent"`);
      }
      const checksum = createHash('sha256').update(text).digest('hex');
      return { name, text, checksum, isTransactional: header === '-- transactional' };
    }),
  );
}

/** Looks before it creates, so that a role without CREATE may start on a migrated database. */
async function ensureLedger(sql: Sql): Promise<void> {
  const [found] = await sql<{ version: number; is_there: boolean }[]>`
    /* find-ledger */
    SELECT current_setting('server_version_num')::integer AS version, to_regclass('command_center_migrations') IS NOT NULL AS is_there`;
  if (found !== undefined && found.version < MIN_SERVER_VERSION) {
    throw new Error(`the database is Postgres ${Math.floor(found.version / 10_000)}; Command Center needs 15 or later`);
  }
  if (found?.is_there === true) return;
  await transaction(sql, '', async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(${LOCK_KEY})`;
    await tx`CREATE TABLE IF NOT EXISTS command_center_migrations (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`;
  });
}

/**
 * Checksums by name of what was applied. Asked simply, since an extended query leaves a portal behind, and with it a snapshot that
 * CREATE INDEX CONCURRENTLY would wait for.
 */
async function readLedger(sql: Sql | TransactionSql): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ name: string; checksum: string }[]>`
    /* read-ledger */
    SELECT name, checksum FROM command_center_migrations`.simple();
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

/** Refuses a database that this version must not touch. */
function pendingOf(migrations: readonly Migration[], ledger: ReadonlyMap<string, string>): readonly Migration[] {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = [...ledger.keys()].filter((name) => !known.has(name)).sort();
  if (unknown.length > 0) {
    throw new Error(
      `the database is newer than this version of Command Center: it has ${unknown.join(', ')}; start the version that applied it, or a later one`,
    );
  }
  const edited = migrations.find(({ name, checksum }) => ledger.has(name) && ledger.get(name) !== checksum);
  if (edited !== undefined) {
    throw new Error(`${edited.name} was edited after it was applied to this database: restore it and add a new file`);
  }
  return migrations.filter(({ name }) => !ledger.has(name));
}

/**
 * One migration under the ledger's lock, which ends with its transaction, so a pooler between us does no harm. LOCK TABLE takes no snapshot:
 * a starter that waits for it does not hold up CREATE INDEX CONCURRENTLY, as one that waits for an advisory lock would, for ever.
 */
async function applyIfPending(sql: Sql, migrations: readonly Migration[], name: string): Promise<boolean> {
  return transaction(sql, '', async (tx) => {
    await tx`SELECT set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true), set_config('statement_timeout', '0', true),
      set_config('idle_in_transaction_session_timeout', '0', true)`;
    await tx`LOCK TABLE command_center_migrations IN SHARE ROW EXCLUSIVE MODE`;
    const migration = pendingOf(migrations, await readLedger(tx)).find((pending) => pending.name === name);
    if (migration === undefined) return false;
    try {
      if (migration.isTransactional) await tx.unsafe(migration.text);
      else for (const statement of statementsOf(migration.text)) await sql.unsafe(statement);
    } catch (error) {
      throw new Error(`${name} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    await tx`INSERT INTO command_center_migrations (name, checksum) VALUES (${name}, ${migration.checksum})`;
    return true;
  });
}

/** Of a concurrent file, whose statements end with a line: several sent together would run in one transaction. */
function statementsOf(text: string): readonly string[] {
  return text.split(/;[ \t]*$/m).filter((statement) => statement.replaceAll(/--.*$/gm, '').trim() !== '');
}
