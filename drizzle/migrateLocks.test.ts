import type { Sql } from 'postgres';
import { beforeEach, describe, expect, test } from 'vitest';
import { migrationStage } from './testing/migrations.ts';

const stage = migrationStage();

/** As the product's, faster. */
const patience = { lockTimeoutMs: 300, pauseMs: 300, giveUpAfterMs: 1_500 };
/** Until the other session has ended, however slow the machine. */
const patient = { ...patience, giveUpAfterMs: 20_000 };

const first = {
  '0001_orders.sql': '-- transactional\nCREATE TABLE orders (id integer);\nCREATE TABLE items (id integer);\n',
};
const second = {
  ...first,
  '0002_total.sql':
    '-- transactional\nALTER TABLE items ADD total integer;\nALTER TABLE orders ADD total integer;\nSELECT 1;\n',
};

let reader: Sql;
beforeEach(async () => {
  await stage.migrateWith(first);
  reader = stage.session('nightly-report');
  // As pg_dump does, or a report that takes its time: ACCESS SHARE until the transaction ends.
  await reader`BEGIN`;
  await reader`SELECT count(*) FROM orders`;
});

/** Migrations that stand in the queue for a table, or for a transaction's end. */
const waiting = () => stage.sql`
  SELECT 1 FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
  WHERE NOT l.granted AND a.application_name = 'command-center-migrate' AND a.datname = current_database()`;

const untilItWaits = () => expect.poll(waiting, { interval: 5, timeout: 10_000 }).toHaveLength(1);

describe('a migration holds up nobody who reads and writes (design §5)', () => {
  test('a long reader makes it give up with a line that names the table and the reader; the next start goes on', async () => {
    const [{ pid } = { pid: 0 }] = await reader<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    await expect(stage.migrateWith(second, { patience })).rejects.toThrow(
      new RegExp(
        `^0002_total\\.sql failed: for \\d+ s orders was locked by nightly-report \\(process ${pid}\\); [^\\n]+$`,
      ),
    );
    expect(await columnsOf('items')).toEqual(['id']);
    await reader`COMMIT`;
    expect((await stage.migrateWith(second)).applied).toEqual(['0002_total.sql']);
    expect(await columnsOf('orders')).toEqual(['id', 'total']);
  });

  test('a writer gets its turn between two tries, on the table that is waited for and on one that was locked before', async () => {
    const migrating = stage.migrateWith(second, { patience: patient });
    await untilItWaits();
    await stage.sql`INSERT INTO orders VALUES (1)`;
    await untilItWaits();
    await stage.sql`INSERT INTO items VALUES (1)`;
    await reader`COMMIT`;
    expect((await migrating).applied).toEqual(['0002_total.sql']);
    const [rows] =
      await stage.sql`SELECT (SELECT count(*) FROM orders)::integer AS orders, (SELECT count(*) FROM items)::integer AS items`;
    expect(rows).toEqual({ orders: 1, items: 1 });
  });

  test('a warning of a migration that was tried several times is told once', async () => {
    const warning = `DO $$ BEGIN RAISE WARNING 'no role for readers'; END $$;`;
    const third = { ...first, '0002_warns.sql': `-- transactional\n${warning}\nDROP TABLE orders;\n` };
    const migrating = stage.migrateWith(third, { patience: patient });
    await untilItWaits();
    await stage.sql`INSERT INTO orders VALUES (1)`;
    await untilItWaits();
    await reader`COMMIT`;
    expect((await migrating).warnings).toEqual(['no role for readers']);
  });

  test.each([
    { when: 'in a try', isWaiting: true },
    { when: 'between two tries', isWaiting: false },
  ])('told to give up $when, it ends, and leaves nothing', async ({ isWaiting }) => {
    const stopping = new AbortController();
    const slow = { lockTimeoutMs: isWaiting ? 60_000 : 100, pauseMs: 60_000, giveUpAfterMs: 600_000 };
    const migrating = stage.migrateWith(second, { patience: slow, signal: stopping.signal });
    const ended = expect(migrating).rejects.toThrow();
    await untilItWaits();
    if (!isWaiting) await expect.poll(waiting, { interval: 5 }).toHaveLength(0);
    stopping.abort();
    await ended;
    expect(await columnsOf('items')).toEqual(['id']);
  });

  test('an index made concurrently waits for old transactions, and writers do not wait for it', async () => {
    const index = {
      ...first,
      '0002_index.sql':
        '-- concurrent\nCREATE INDEX CONCURRENTLY items_id ON items (id);\nALTER TABLE items ADD total integer;\n',
    };
    await reader`COMMIT`;
    await reader`BEGIN ISOLATION LEVEL REPEATABLE READ`;
    await reader`SELECT count(*) FROM orders`;
    const migrating = stage.migrateWith(index, { patience });
    await untilItWaits();
    await stage.sql`INSERT INTO items VALUES (1)`;
    await reader`COMMIT`;
    expect((await migrating).applied).toEqual(['0002_index.sql']);
    expect(await columnsOf('items')).toEqual(['id', 'total']);
  });

  test('one who reads the ledger, as pg_dump does, holds up no migration of other tables', async () => {
    await reader`SELECT count(*) FROM command_center_migrations`;
    const third = { ...first, '0002_more.sql': '-- transactional\nALTER TABLE items ADD total integer;\n' };
    expect((await stage.migrateWith(third, { patience })).applied).toEqual(['0002_more.sql']);
  });
});

async function columnsOf(table: string): Promise<string[]> {
  const rows = await stage.sql<{ name: string }[]>`
    SELECT attname AS name FROM pg_attribute WHERE attrelid = ${table}::regclass AND attnum > 0 ORDER BY attnum`;
  return rows.map(({ name }) => name);
}
