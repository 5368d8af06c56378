import type { Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from './connect.ts';
import {
  dropPartition,
  endOfPartition,
  ensurePartitions,
  ensurePartitionsAhead,
  listPartitions,
} from './partitions.ts';
import { type FreshDatabase, freshDatabase } from './testing/database.ts';

let database: FreshDatabase;
let sql: Sql;
/** What a batch of a sidecar may write to. */
const tables = ['telemetry_log_events', 'telemetry_metric_samples', 'telemetry_trace_index'];
beforeAll(async () => {
  database = await freshDatabase();
  sql = connect(database.url, { name: 'partitions-test', max: 8 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const names = async (): Promise<string[]> => (await listPartitions(sql)).map(({ name }) => name);

describe('samples, logs and traces lie in partitions of one UTC day (design §4)', () => {
  test('a day is made once, whoever makes it at the same time, and only that day', async () => {
    const day = new Date('2026-11-24T23:59:59.999Z');
    await Promise.all(Array.from({ length: 6 }, () => ensurePartitions(sql, [day, new Date('2026-11-24T00:00:00Z')])));
    expect((await names()).sort()).toEqual(tables.map((table) => `${table}_20261124`));
    await ensurePartitions(sql, [day]);
    expect(await names()).toHaveLength(3);
  });

  test('a partition has the keys and indexes of its table, and takes the rows of its day alone', async () => {
    const day = new Date('2026-11-20T12:00:00Z');
    await ensurePartitions(sql, [day]);
    const indexes = await sql<{ parent: string; own: string }[]>`
      SELECT (SELECT count(*) FROM pg_index WHERE indrelid = 'telemetry_log_events'::regclass) AS parent,
        (SELECT count(*) FROM pg_index WHERE indrelid = 'telemetry_log_events_20261120'::regclass AND indisvalid) AS own`;
    expect(indexes[0]?.own).toBe(indexes[0]?.parent);
    const insert = (ts: string) =>
      sql`INSERT INTO telemetry_metric_samples (ts, series_id, writer, value_sum) VALUES (${ts}, 1, 1, 2)`;
    await insert('2026-11-20T00:00:00Z');
    await insert('2026-11-20T23:59:59Z');
    await expect(insert('2026-11-21T00:00:00Z')).rejects.toThrow(/no partition/);
    expect(await sql`SELECT 1 FROM telemetry_metric_samples_20261120`).toHaveLength(2);
  });

  test('days are made ahead', async () => {
    await ensurePartitionsAhead(sql, new Date('2026-12-30T22:00:00Z'), 3);
    const days = (await listPartitions(sql)).filter(({ table }) => table === 'telemetry_trace_index');
    expect(days.map(({ day }) => day.toISOString().slice(0, 10)).slice(-4)).toEqual([
      '2026-12-30',
      '2026-12-31',
      '2027-01-01',
      '2027-01-02',
    ]);
  });

  test('readers and writers of other days go on while a day is made', async () => {
    await ensurePartitions(sql, [new Date('2026-11-01T00:00:00Z')]);
    await sql.begin(async (tx) => {
      await tx`INSERT INTO telemetry_metric_samples (ts, series_id, writer, value_sum) VALUES ('2026-11-01T00:00:00Z', 1, 1, 2)`;
      await ensurePartitions(sql, [new Date('2026-11-02T00:00:00Z')]);
      await tx`SELECT count(*) FROM telemetry_metric_samples WHERE ts < '2026-11-02T00:00:00Z'`;
    });
    expect(await names()).toContain('telemetry_metric_samples_20261102');
  });

  test('a dropped day is gone with its rows, and may be made again', async () => {
    const day = new Date('2026-10-01T00:00:00Z');
    await ensurePartitions(sql, [day]);
    await sql`INSERT INTO telemetry_metric_samples (ts, series_id, writer, value_sum) VALUES (${day}, 9, 1, 2)`;
    const old = (await listPartitions(sql)).filter((one) => endOfPartition(one) <= new Date('2026-10-02T00:00:00Z'));
    expect(old.map(({ table }) => table).sort()).toEqual(tables);
    await sql.begin(async (tx) => {
      for (const partition of old) await dropPartition(tx, partition);
    });
    expect(await sql`SELECT 1 FROM telemetry_metric_samples WHERE series_id = 9`).toHaveLength(0);
    await ensurePartitions(sql, [day]);
    expect(await names()).toContain('telemetry_metric_samples_20261001');
  });
});
