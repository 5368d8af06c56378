import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import postgres, { type Sql } from 'postgres';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { migrate } from './migrate.ts';

/** An empty database, unlike those of freshDatabase(). */
let database: { readonly url: string; readonly sql: Sql };
let folder: string;
let server: Sql;

beforeEach(async () => {
  server = postgres(inject('postgresUrl'), { max: 1, onnotice: () => undefined });
  const name = `migrate_${crypto.randomUUID().replaceAll('-', '')}`;
  await server.unsafe(`CREATE DATABASE ${name}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  database = { url: url.href, sql: postgres(url.href, { max: 1, onnotice: () => undefined }) };
  folder = await mkdtemp(join(tmpdir(), 'command-center-migrations-'));
});

afterEach(async () => {
  await database.sql.end();
  await server.unsafe(`DROP DATABASE ${new URL(database.url).pathname.slice(1)} WITH (FORCE)`);
  await server.end();
  await rm(folder, { recursive: true });
});

/** Migrates with a folder of the test's own. */
async function migrateWith(files: Readonly<Record<string, string>>) {
  const own = await mkdtemp(join(folder, 'set-'));
  await mkdir(own, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(own, name), text);
  return migrate(database.url, { folder: new URL(`${pathToFileURL(own).href}/`) });
}

const first = { '0001_orders.sql': '-- transactional\nCREATE TABLE orders (id integer);\n' };

describe('the database is brought to the schema of this version (style.md, "SQL is SQL")', () => {
  test('of starters that come together one applies, and all find it applied', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => migrate(database.url)));
    const applied = results.flatMap((result) => result.applied);
    expect(applied.length).toBeGreaterThan(1);
    expect(new Set(applied).size).toBe(applied.length);
    const rows = await database.sql<{ name: string }[]>`SELECT name FROM command_center_migrations ORDER BY name`;
    expect(rows.map((row) => row.name)).toEqual([...applied].sort());
  });

  test('applying twice changes nothing, also for a role that may not create', async () => {
    await migrate(database.url);
    const role = `starter_${crypto.randomUUID().replaceAll('-', '')}`;
    const url = new URL(database.url);
    url.username = role;
    url.password = role;
    await server.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
    try {
      await database.sql.unsafe(`GRANT SELECT ON command_center_migrations TO ${role}`);
      expect(await migrate(url.href)).toEqual({ applied: [], warnings: [] });
    } finally {
      await database.sql.unsafe(`DROP OWNED BY ${role}`);
      await server.unsafe(`DROP ROLE ${role}`);
    }
  });

  test('later files follow those that are applied', async () => {
    await migrateWith(first);
    const second = { ...first, '0002_more.sql': '-- transactional\nALTER TABLE orders ADD total integer;\n' };
    expect((await migrateWith(second)).applied).toEqual(['0002_more.sql']);
  });

  test('a newer database is refused with a sentence', async () => {
    await migrateWith({ ...first, '0002_more.sql': '-- transactional\nSELECT 1;\n' });
    await expect(migrateWith(first)).rejects.toThrow(/database is newer than this version.*0002_more\.sql/);
  });

  test('a file edited after it was applied is refused with a sentence', async () => {
    await migrateWith(first);
    const edited = { '0001_orders.sql': `${first['0001_orders.sql']}SELECT 1;\n` };
    await expect(migrateWith(edited)).rejects.toThrow(/0001_orders\.sql was edited/);
  });

  test('a file that fails leaves nothing of itself, and those before it stay', async () => {
    const broken = {
      ...first,
      '0002_broken.sql': '-- transactional\nCREATE TABLE half (id integer);\nSELECT no_such_function();\n',
    };
    await expect(migrateWith(broken)).rejects.toThrow(/0002_broken\.sql failed: .*no_such_function/);
    const [found] =
      await database.sql`SELECT to_regclass('orders') IS NOT NULL AS first, to_regclass('half') AS second`;
    expect(found).toEqual({ first: true, second: null });
    expect((await migrateWith(first)).applied).toEqual([]);
  });

  test('a file without header is refused', async () => {
    await expect(migrateWith({ '0001_bare.sql': 'SELECT 1;\n' })).rejects.toThrow(/first line/);
  });

  test('an index made concurrently does not wait for starters that wait for it', async () => {
    const index = {
      '0002_index.sql': '-- concurrent\nCREATE INDEX CONCURRENTLY orders_id ON orders (id);\nSELECT 1;\n',
    };
    const results = await Promise.all(Array.from({ length: 4 }, () => migrateWith({ ...first, ...index })));
    expect(results.flatMap((result) => result.applied).sort()).toEqual(['0001_orders.sql', '0002_index.sql']);
    const valid = await database.sql`SELECT 1 FROM pg_index WHERE indexrelid = 'orders_id'::regclass AND indisvalid`;
    expect(valid).toHaveLength(1);
  });

  test('what a migration goes on without is said', async () => {
    const warning = `-- transactional\nDO $$ BEGIN RAISE WARNING 'no role for readers'; END $$;\n`;
    expect((await migrateWith({ '0001_role.sql': warning })).warnings).toEqual(['no role for readers']);
  });
});
