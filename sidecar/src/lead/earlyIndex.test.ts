import { connect } from '@command-center/drizzle/connect';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import type { Sql } from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDayCloser } from './closeDays.ts';
import { findUnindexedHours, indexHours } from './earlyIndex.ts';
import { newHolder, takeLease } from './lease.ts';
import { openTelemetry, type Telemetry } from './testing/telemetry.ts';

const partition = 'telemetry_log_events_20260310';
const at = (time: string): Date => new Date(`2026-03-${time}Z`);

let telemetry: Telemetry;
let sql: Sql;
beforeEach(async () => {
  telemetry = await openTelemetry();
  ({ sql } = telemetry);
  await ensurePartitions(sql, [at('10T00:00:00')]);
  await sql`CREATE EXTENSION IF NOT EXISTS pg_trgm`;
});
afterEach(() => telemetry.close());

const unindexed = async (now: string) =>
  (await findUnindexedHours(sql, at(now))).map(({ index, before }) => [index, before]);

async function indexUpTo(now: string): Promise<void> {
  const own = connect(telemetry.url, { name: 'early-test', max: 1 });
  for (const hours of await findUnindexedHours(sql, at(now)))
    await indexHours(own, hours, { opclass: 'gin_trgm_ops' }, async () => undefined);
  await own.end();
}

const searchIndexes = async () =>
  (
    await sql<{ name: string }[]>`
      SELECT c.relname AS name FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
      WHERE i.indrelid = ${partition}::text::regclass AND a.amname = 'gin' AND i.indisvalid ORDER BY 1`
  ).map(({ name }) => name);

describe('the hours of an open day that are over get an index for searches (docs/adr/0021)', () => {
  test.each([
    ['10T00:04:59', []],
    ['10T01:04:59', []],
    ['10T01:05:00', [['idx_tle_early_20260310_01', '2026-03-10T01:00:00Z']]],
    ['10T13:59:59', [['idx_tle_early_20260310_13', '2026-03-10T13:00:00Z']]],
    ['11T00:04:59', [['idx_tle_early_20260310_23', '2026-03-10T23:00:00Z']]],
    ['11T00:05:00', [['idx_tle_early_20260310_24', '2026-03-11T00:00:00Z']]],
    ['11T01:00:00', []],
  ])('at %s: %j', async (now, expected) => {
    expect(await unindexed(now)).toEqual(expected);
  });

  test('once an hour, in place of the one before', async () => {
    await indexUpTo('10T01:30:00');
    expect(await searchIndexes()).toEqual(['idx_tle_early_20260310_01']);
    expect(await unindexed('10T02:00:00')).toEqual([]);
    await indexUpTo('10T02:30:00');
    expect(await searchIndexes()).toEqual(['idx_tle_early_20260310_02']);
  });

  test('until the day is closed', async () => {
    await indexUpTo('11T00:30:00');
    const holder = await newHolder(sql);
    await takeLease(sql, holder);
    const closer = createDayCloser({
      sql,
      open: () => connect(telemetry.url, { name: 'closer-test', max: 1 }),
      log: () => undefined,
      count: () => undefined,
    });
    for (const _ of ['logs', 'spans']) {
      closer.begin(holder);
      await closer.settled();
    }
    expect(await searchIndexes()).toEqual(['idx_tle_search_20260310']);
  });
});
