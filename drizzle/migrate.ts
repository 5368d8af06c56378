import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import postgres, { type ReservedSql } from 'postgres';

/** A file of drizzle/migrations. Its first line says how it runs: `-- transactional` or `-- concurrent` (CREATE INDEX CONCURRENTLY cannot). */
interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
  readonly isTransactional: boolean;
}

export interface MigrationResult {
  /** Names of what was applied now, in order. */
  readonly applied: readonly string[];
}

/** Any number, as long as it is ours: two starters queue up behind it. */
const LOCK_KEY = 7_134_420_119;
const LOCK_TIMEOUT_MS = 60_000;
const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Brings the database to the schema of this version; applying twice changes nothing, and of two processes that start together one waits.
 * @throws Error with a sentence when the database is newer than this version, or a file was edited after it was applied.
 */
export async function migrate(databaseUrl: string): Promise<MigrationResult> {
  const migrations = await readMigrations();
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: 'command-center-migrate' },
  });
  try {
    const session = await sql.reserve();
    try {
      return await migrateLocked(session, migrations);
    } finally {
      session.release();
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, FOLDER), 'utf8');
      const header = text.slice(0, text.indexOf('\n')).trim();
      if (header !== '-- transactional' && header !== '-- concurrent') {
        throw new Error(`${name}: the first line must be "-- transactional" or "-- concurrent"`);
      }
      const checksum = createHash('sha256').update(text).digest('hex');
      return { name, text, checksum, isTransactional: header === '-- transactional' };
    }),
  );
}

/** The session lock holds over statements that cannot run in a transaction; it ends with the session, whatever happens. */
async function migrateLocked(sql: ReservedSql, migrations: readonly Migration[]): Promise<MigrationResult> {
  await sql.unsafe(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await sql`SELECT pg_advisory_lock(${LOCK_KEY})`;
  try {
    await sql`CREATE TABLE IF NOT EXISTS command_center_migrations (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`;
    const rows = await sql<
      { name: string; checksum: string }[]
    >`SELECT name, checksum FROM command_center_migrations ORDER BY name`;
    const applied = new Map(rows.map((row) => [row.name, row.checksum]));
    refuseNewer([...applied.keys()], migrations);
    const pending = migrations.filter((migration) => isPending(migration, applied.get(migration.name)));
    for (const migration of pending) await apply(sql, migration);
    return { applied: pending.map((migration) => migration.name) };
  } finally {
    await sql`SELECT pg_advisory_unlock(${LOCK_KEY})`;
  }
}

function refuseNewer(applied: readonly string[], migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = applied.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new Error(
    `the database is newer than this version of Command Center: it has ${unknown.join(', ')}; start the version that applied it, or a later one`,
  );
}

function isPending(migration: Migration, checksum: string | undefined): boolean {
  if (checksum === undefined) return true;
  if (checksum === migration.checksum) return false;
  throw new Error(
    `${migration.name} was edited after it was applied to this database: restore the file and add a new one`,
  );
}

async function apply(sql: ReservedSql, migration: Migration): Promise<void> {
  const record = (): Promise<unknown> =>
    Promise.resolve(
      sql`INSERT INTO command_center_migrations (name, checksum) VALUES (${migration.name}, ${migration.checksum})`,
    );
  if (!migration.isTransactional) {
    await sql.unsafe(migration.text);
    await record();
    return;
  }
  await sql`BEGIN`;
  try {
    await sql.unsafe(migration.text);
    await record();
    await sql`COMMIT`;
  } catch (error) {
    await sql`ROLLBACK`;
    throw new Error(`${migration.name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
