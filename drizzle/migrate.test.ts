import { describe, expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import { pretendVersion } from './testing/database.ts';
import { migrationStage } from './testing/migrations.ts';

const stage = migrationStage();
const first = { '0001_orders.sql': '-- transactional\nCREATE TABLE orders (id integer);\n' };

describe('the database is brought to the schema of this version (style.md, "SQL is SQL")', () => {
  test('of starters that come together one applies, and all find it applied', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => migrate(stage.url)));
    const applied = results.flatMap((result) => result.applied);
    expect(applied.length).toBeGreaterThan(1);
    expect(new Set(applied).size).toBe(applied.length);
    const rows = await stage.sql<{ name: string }[]>`SELECT name FROM command_center_migrations ORDER BY name`;
    expect(rows.map((row) => row.name)).toEqual([...applied].sort());
  });

  test('applying twice changes nothing, also for a role that may not create', async () => {
    await migrate(stage.url);
    const url = await stage.urlOfNewRole();
    await stage.sql`GRANT SELECT ON command_center_migrations TO ${stage.sql(new URL(url).username)}`;
    expect(await migrate(url)).toEqual({ applied: [], warnings: [] });
  });

  test('later files follow those that are applied', async () => {
    await stage.migrateWith(first);
    const second = { ...first, '0002_more.sql': '-- transactional\nALTER TABLE orders ADD total integer;\n' };
    expect((await stage.migrateWith(second)).applied).toEqual(['0002_more.sql']);
  });

  test('a newer database is refused with a sentence', async () => {
    await stage.migrateWith({ ...first, '0002_more.sql': '-- transactional\nSELECT 1;\n' });
    await expect(stage.migrateWith(first)).rejects.toThrow(/database is newer than this version.*0002_more\.sql/);
  });

  test('an older release goes on with what only adds, applies nothing there, and is refused at the first file that does more', async () => {
    const marked = '-- transactional, older releases go on\nALTER TABLE orders ADD total integer;\n';
    const second = { ...first, '0002_total.sql': marked };
    await stage.migrateWith(second);
    expect((await stage.migrateWith(first)).applied).toEqual([]);
    expect((await stage.migrateWith(second)).applied).toEqual([]);
    const third = { ...second, '0003_less.sql': '-- transactional\nALTER TABLE orders DROP id;\n' };
    expect((await stage.migrateWith(third)).applied).toEqual(['0003_less.sql']);
    await expect(stage.migrateWith(first)).rejects.toThrow(/it has 0003_less\.sql; .*back-up/);
  });

  test('a concurrent file may be marked as well; a mark that is misspelt is refused', async () => {
    await stage.migrateWith(first);
    const index =
      '-- concurrent, older releases go on\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_id ON orders (id);\n';
    expect((await stage.migrateWith({ ...first, '0002_index.sql': index })).applied).toEqual(['0002_index.sql']);
    expect((await stage.migrateWith(first)).applied).toEqual([]);
    const misspelt = { ...first, '0003_x.sql': '-- transactional, old releases go on\nSELECT 1;\n' };
    await expect(stage.migrateWith(misspelt)).rejects.toThrow(/0003_x\.sql: the first line must be/);
  });

  test('a Postgres that is too old is refused; one that nobody has tried is told of, each time, and migrated', async () => {
    await pretendVersion(stage.url, '140022');
    await expect(stage.migrateWith(first)).rejects.toThrow(
      'the database is Postgres 14; Command Center needs 15 or later',
    );
    await stage.sql`DROP FUNCTION public.current_setting(text)`;
    await pretendVersion(stage.url, '190001');
    const warnings = [expect.stringContaining('Postgres 19; Command Center is tried on 15 to 18')];
    expect(await stage.migrateWith(first)).toEqual({ applied: ['0001_orders.sql'], warnings });
    expect(await stage.migrateWith(first)).toEqual({ applied: [], warnings });
  });

  test('a file edited after it was applied is refused with a sentence', async () => {
    await stage.migrateWith(first);
    const edited = { '0001_orders.sql': `${first['0001_orders.sql']}SELECT 1;\n` };
    await expect(stage.migrateWith(edited)).rejects.toThrow(/0001_orders\.sql was edited/);
  });

  test('a file that fails leaves nothing of itself, and those before it stay', async () => {
    const broken = {
      ...first,
      '0002_broken.sql': '-- transactional\nCREATE TABLE half (id integer);\nSELECT no_such_function();\n',
    };
    await expect(stage.migrateWith(broken)).rejects.toThrow(/0002_broken\.sql failed: .*no_such_function/);
    const [found] = await stage.sql`SELECT to_regclass('orders') IS NOT NULL AS first, to_regclass('half') AS second`;
    expect(found).toEqual({ first: true, second: null });
    expect((await stage.migrateWith(first)).applied).toEqual([]);
  });

  test('a file without header is refused', async () => {
    await expect(stage.migrateWith({ '0001_bare.sql': 'SELECT 1;\n' })).rejects.toThrow(/first line/);
  });

  test('an index made concurrently does not wait for starters that wait for it', async () => {
    const index = {
      '0002_index.sql': '-- concurrent\nCREATE INDEX CONCURRENTLY orders_id ON orders (id);\nSELECT 1;\n',
    };
    const results = await Promise.all(Array.from({ length: 4 }, () => stage.migrateWith({ ...first, ...index })));
    expect(results.flatMap((result) => result.applied).sort()).toEqual(['0001_orders.sql', '0002_index.sql']);
    const valid = await stage.sql`SELECT 1 FROM pg_index WHERE indexrelid = 'orders_id'::regclass AND indisvalid`;
    expect(valid).toHaveLength(1);
  });

  test('what a migration goes on without is said', async () => {
    const warning = `-- transactional\nDO $$ BEGIN RAISE WARNING 'no role for readers'; END $$;\n`;
    expect((await stage.migrateWith({ '0001_role.sql': warning })).warnings).toEqual(['no role for readers']);
  });
});
