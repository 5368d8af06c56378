import { connectWithDeadline } from '@command-center/drizzle/deadline';
import { migrationStage } from '@command-center/drizzle/testing/migrations';
import { expect, it } from 'vitest';
import { watchDatabase } from './databaseWatch.ts';
import { createReadiness } from './readiness.ts';

const stage = migrationStage();

const first = { '0001_orders.sql': '-- transactional\nCREATE TABLE orders (id integer);\n' };
const next = { ...first, '0002_total.sql': '-- transactional\nALTER TABLE orders ADD total integer;\n' };

it('a start that a dump holds up says what waits for whom, and is ready once the dump has ended', async () => {
  await stage.migrateWith(first);
  const dump = stage.session('pg_dump');
  await dump`BEGIN`;
  await dump`SELECT count(*) FROM orders`;
  const readiness = createReadiness(() => undefined);
  const pool = connectWithDeadline(stage.url, { name: 'watch-test', max: 2 });
  const patience = { lockTimeoutMs: 100, pauseMs: 0, giveUpAfterMs: 0 };
  const watch = watchDatabase({
    pool,
    readiness,
    migrate: async (signal) => void (await stage.migrateWith(next, { patience, signal })),
    onReached: async () => undefined,
  });
  await watch.firstLook;
  expect([readiness.words(), readiness.refusal()]).toEqual([
    expect.stringMatching(
      /^degraded for \d+ s: a migration is held up: 0002_total\.sql failed: .* orders was locked by pg_dump \(process \d+\); /,
    ),
    'database_unavailable',
  ]);
  await dump`COMMIT`;
  await expect.poll(() => readiness.isReady(), { timeout: 10_000 }).toBe(true);
  await watch.stop();
  await pool.sql.end();
});
