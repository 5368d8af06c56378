import { describe, expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import { migrationStage } from './testing/migrations.ts';

const stage = migrationStage();

const first = { '0001_orders.sql': '-- transactional\nCREATE TABLE orders (id integer);\n' };
const second = { ...first, '0002_total.sql': '-- transactional\nALTER TABLE orders ADD total integer;\n' };
const index = { ...first, '0002_index.sql': '-- concurrent\nCREATE INDEX CONCURRENTLY orders_id ON orders (id);\n' };

/** What the migration's sessions are at: one holds the ledger's lock, and of a concurrent file another works. */
const sessions = (query: string) => stage.sql<{ pid: number }[]>`
  SELECT pid FROM pg_stat_activity
  WHERE application_name = 'command-center-migrate' AND datname = current_database() AND query LIKE ${query}`;

const untilWaiting = () =>
  expect
    .poll(
      () => stage.sql`
        SELECT 1 FROM pg_locks JOIN pg_stat_activity AS a USING (pid)
        WHERE NOT granted AND a.application_name = 'command-center-migrate' AND a.datname = current_database()`,
      { interval: 5, timeout: 10_000 },
    )
    .toHaveLength(1);

/** As an operator, a fail-over or the kernel ends it. */
async function terminate(query: string): Promise<void> {
  const found = await sessions(query);
  expect(found).toHaveLength(1);
  for (const { pid } of found) await stage.sql`SELECT pg_terminate_backend(${pid}, 5000)`;
}

/** A transaction that `CREATE INDEX CONCURRENTLY` waits for, with the index half-built. */
async function holdUpIndexes() {
  const reader = stage.session('report');
  await reader`BEGIN ISOLATION LEVEL REPEATABLE READ`;
  await reader`SELECT count(*) FROM command_center_migrations`;
  return reader;
}

const indexes = () => stage.sql`
  SELECT c.relname AS name, i.indisvalid AS is_valid
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indrelid = 'orders'::regclass`;

describe('a migration that is broken off half-way', () => {
  test('in a transaction: nothing of it stays, the line names it, and the next start goes on', async () => {
    await stage.migrateWith(first);
    const reader = stage.session('report');
    await reader`BEGIN`;
    await reader`LOCK TABLE orders`;
    const broken = expect(stage.migrateWith(second)).rejects.toThrow(/^0002_total\.sql failed: [^\n]+$/);
    await untilWaiting();
    await terminate('%ALTER TABLE orders%');
    await broken;
    await reader`COMMIT`;
    expect((await stage.migrateWith(second)).applied).toEqual(['0002_total.sql']);
  });

  test('concurrently: the index it left half-built is made anew by the next start', async () => {
    await stage.migrateWith(first);
    const reader = await holdUpIndexes();
    const broken = expect(stage.migrateWith(index)).rejects.toThrow(/^0002_index\.sql failed: [^\n]+$/);
    await untilWaiting();
    await terminate('%CREATE INDEX%');
    await broken;
    expect([...(await indexes())]).toEqual([{ name: 'orders_id', is_valid: false }]);
    await reader`COMMIT`;
    expect((await stage.migrateWith(index)).applied).toEqual(['0002_index.sql']);
    expect([...(await indexes())]).toEqual([{ name: 'orders_id', is_valid: true }]);
  });

  test('concurrently, with the server still at work for a starter that is gone: the next one ends that and goes on', async () => {
    await stage.migrateWith(first);
    const reader = await holdUpIndexes();
    // As a starter does that was killed: nobody holds the ledger's lock, and the server has not noticed yet.
    const gone = stage.session('command-center-migrate');
    const orphan = expect(gone.unsafe('CREATE INDEX CONCURRENTLY orders_id ON orders (id)')).rejects.toMatchObject({
      code: '57014',
    });
    await untilWaiting();
    const migrating = stage.migrateWith(index);
    await orphan;
    await reader`COMMIT`;
    expect((await migrating).applied).toEqual(['0002_index.sql']);
    expect([...(await indexes())]).toEqual([{ name: 'orders_id', is_valid: true }]);
  });

  test('an index that is whole, of a file that was broken off later, is kept where the file says IF NOT EXISTS', async () => {
    const make = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_id ON orders (id);';
    const broken = { ...first, '0002_index.sql': `-- concurrent\n${make}\nSELECT no_such_function();\n` };
    await expect(stage.migrateWith(broken)).rejects.toThrow(/no_such_function/);
    const oid = () => stage.sql`SELECT 'orders_id'::regclass::oid AS oid`;
    const before = [...(await oid())];
    await stage.migrateWith({ ...first, '0002_index.sql': `-- concurrent\n${make}\n` });
    expect([...(await oid())]).toEqual(before);
  });
});

describe('a database that cannot be migrated is told of in one line', () => {
  test('a role without CREATE: what to do, and a role that may goes on', async () => {
    const url = await stage.urlOfNewRole();
    await stage.sql`REVOKE CREATE ON SCHEMA public FROM public`;
    await expect(migrate(url)).rejects.toThrow(
      /^the first migration failed: permission denied for schema public; let a role migrate that owns the tables [^\n]+$/,
    );
    await migrate(stage.url);
    const role = stage.sql(new URL(url).username);
    await stage.sql`GRANT SELECT ON command_center_migrations TO ${role}`;
    expect((await migrate(url)).applied).toEqual([]);
  });

  test('a role that does not own the tables, on the database of an older version', async () => {
    await stage.migrateWith(first);
    const url = await stage.urlOfNewRole();
    const role = stage.sql(new URL(url).username);
    await stage.sql`GRANT SELECT, INSERT, UPDATE ON command_center_migrations TO ${role}`;
    await expect(stage.migrateWith(second, { url })).rejects.toThrow(
      /^0002_total\.sql failed: must be owner of table orders; let a role migrate that owns the tables [^\n]+$/,
    );
    expect((await stage.migrateWith(second)).applied).toEqual(['0002_total.sql']);
  });

  test('a Postgres older than 15', async () => {
    // No such server is at hand: a function of this name, found first, says what one would.
    const database = stage.sql(new URL(stage.url).pathname.slice(1));
    await stage.sql`CREATE SCHEMA older`;
    await stage.sql`CREATE FUNCTION older.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT '140011' $$`;
    await stage.sql`ALTER DATABASE ${database} SET search_path = older, pg_catalog, public`;
    await expect(migrate(stage.url)).rejects.toThrow(/^the database is Postgres 14; Command Center needs 15 or later$/);
  });
});
