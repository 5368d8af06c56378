import { beforeEach, describe, expect, test } from 'vitest';
import { migrationStage } from './testing/migrations.ts';

const stage = migrationStage();

const days = ['20260301', '20260302', '20260303'];
const first = {
  '0001_orders.sql': `-- transactional
CREATE TABLE orders (day integer, id integer) PARTITION BY LIST (day);
${days.map((day) => `CREATE TABLE orders_${day} PARTITION OF orders FOR VALUES IN (${day});`).join('\n')}
`,
};
const index = {
  ...first,
  '0002_index.sql': '-- concurrent\nCREATE INDEX CONCURRENTLY orders_id ON orders (id) WHERE id > 0;\n',
};

beforeEach(async () => {
  await stage.migrateWith(first);
});

const indexes = async () => [
  ...(await stage.sql`
    SELECT t.relname AS table, i.indisvalid AS is_valid FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid
    WHERE c.relname LIKE 'orders_id%' AND i.indpred IS NOT NULL ORDER BY 1`),
];
const oidOf = async (name: string) => (await stage.sql`SELECT ${name}::text::regclass::oid AS oid`)[0]?.oid;
const everywhere = (tables: readonly string[]) => tables.map((table) => ({ table, is_valid: true }));

const untilWaiting = () =>
  expect
    .poll(
      () => stage.sql`
        SELECT 1 FROM pg_locks JOIN pg_stat_activity AS a USING (pid)
        WHERE NOT granted AND a.application_name = 'command-center-migrate' AND a.datname = current_database()`,
      { interval: 5, timeout: 10_000 },
    )
    .toHaveLength(1);

/** A transaction that `CREATE INDEX CONCURRENTLY` waits for, with the index half-built. */
async function oldSnapshot() {
  const reader = stage.session('report');
  await reader`BEGIN ISOLATION LEVEL REPEATABLE READ`;
  await reader`SELECT count(*) FROM command_center_migrations`;
  return reader;
}

describe('an index of a partitioned table is made concurrently, a partition at a time (docs/adr/0014)', () => {
  test('each partition has it, those that are made later too', async () => {
    expect((await stage.migrateWith(index)).applied).toEqual(['0002_index.sql']);
    expect(await indexes()).toEqual(everywhere(['orders', ...days.map((day) => `orders_${day}`)]));
    await stage.sql`CREATE TABLE orders_20260304 PARTITION OF orders FOR VALUES IN (20260304)`;
    const [row] =
      await stage.sql`SELECT 1 FROM pg_indexes WHERE tablename = 'orders_20260304' AND indexdef LIKE '%(id)%'`;
    expect(row).toBeDefined();
  });

  test('while it waits for an old transaction, others write to the same partition', async () => {
    const reader = await oldSnapshot();
    const migrating = stage.migrateWith(index);
    await untilWaiting();
    await stage.sql`SET lock_timeout = '100ms'`;
    for (const day of days) await stage.sql`INSERT INTO orders VALUES (${day}, 1)`;
    await reader`COMMIT`;
    await migrating;
    expect(await indexes()).toEqual(everywhere(['orders', ...days.map((day) => `orders_${day}`)]));
  });

  test('broken off half-way, the next start goes on where it was', async () => {
    await stage.sql`CREATE INDEX orders_id ON ONLY orders (id) WHERE id > 0`;
    await stage.sql`CREATE INDEX orders_id_20260301 ON orders_20260301 (id) WHERE id > 0`;
    await stage.sql`ALTER INDEX orders_id ATTACH PARTITION orders_id_20260301`;
    // Whole, and not attached yet.
    await stage.sql`CREATE INDEX orders_id_20260302 ON orders_20260302 (id) WHERE id > 0`;
    const kept = [await oidOf('orders_id_20260301'), await oidOf('orders_id_20260302')];
    // Half-built.
    const reader = await oldSnapshot();
    const broken = expect(stage.migrateWith(index)).rejects.toThrow(/^0002_index\.sql failed: [^\n]+$/);
    await untilWaiting();
    const [working] = await stage.sql<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%orders_20260303%'`;
    await stage.sql`SELECT pg_terminate_backend(${working?.pid ?? 0}, 5000)`;
    await broken;
    expect(await indexes()).toContainEqual({ table: 'orders_20260303', is_valid: false });
    await reader`COMMIT`;
    expect((await stage.migrateWith(index)).applied).toEqual(['0002_index.sql']);
    expect(await indexes()).toEqual(everywhere(['orders', ...days.map((day) => `orders_${day}`)]));
    expect([await oidOf('orders_id_20260301'), await oidOf('orders_id_20260302')]).toEqual(kept);
  });

  test('where the last partition without it went with its day, it is made anew', async () => {
    await stage.sql`CREATE INDEX orders_id ON ONLY orders (id) WHERE id > 0`;
    for (const day of days.slice(1)) {
      await stage.sql.unsafe(`CREATE INDEX orders_id_${day} ON orders_${day} (id) WHERE id > 0`);
      await stage.sql.unsafe(`ALTER INDEX orders_id ATTACH PARTITION orders_id_${day}`);
    }
    await stage.sql`DROP TABLE orders_20260301`;
    await stage.migrateWith(index);
    expect(await indexes()).toEqual(everywhere(['orders', 'orders_20260302', 'orders_20260303']));
  });

  test('a partition that goes meanwhile is not waited for', async () => {
    const reader = await oldSnapshot();
    const migrating = stage.migrateWith(index);
    await untilWaiting();
    await stage.sql`DROP TABLE orders_20260303`;
    await reader`COMMIT`;
    await migrating;
    expect(await indexes()).toEqual(everywhere(['orders', 'orders_20260301', 'orders_20260302']));
  });
});
