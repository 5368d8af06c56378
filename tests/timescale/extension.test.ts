import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres from 'postgres';
import { describe, expect, inject, test } from 'vitest';
import { timescaleCases } from './cases.ts';

/** What this run leaves out, and why. */
const skipped = {
  reason: 'on TimescaleDB: TEST_TIMESCALE_URL names no server that has it; the same tests run on plain Postgres',
  cases: inject('extension') === undefined ? Object.keys(timescaleCases) : [],
};

describe('the tests that meet a database, in one with TimescaleDB', () => {
  for (const name of skipped.cases) test(name, ({ skip }) => skip(skipped.reason));

  test('the extension was there before the first migration', async ({ skip }) => {
    if (skipped.cases.length > 0) return skip(skipped.reason);
    const database = await freshDatabase();
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
    const rows = await sql`
      SELECT e.oid < 'telemetry_metric_samples'::regclass::oid AS is_older FROM pg_extension AS e WHERE e.extname = 'timescaledb'`;
    await sql.end();
    await database.drop();
    expect([...rows]).toEqual([{ is_older: true }]);
  });
});
