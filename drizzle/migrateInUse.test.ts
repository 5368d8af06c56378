import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { Sql } from 'postgres';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from './connect.ts';
import { dumpSchema } from './dump.ts';
import { migrate } from './migrate.ts';
import { freshDatabase } from './testing/database.ts';
import { digestRows, populate, readWithoutPause, writeWithoutPause, writtenTables } from './testing/inUse.ts';
import { type Files, migrationStage } from './testing/migrations.ts';

const stage = migrationStage();

const folder = new URL('./migrations/', import.meta.url);
const names = readdirSync(folder).sort();
/** Every version that there was: as many files as it had. */
const versions = names.map((name, index) => ({ last: name, count: index + 1 }));
const filesOf = (count: number): Files =>
  Object.fromEntries(names.slice(0, count).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));

/** Of a database that was empty, on the same server: versions of Postgres print views differently. */
let freshSchema: string;
beforeAll(async () => {
  const database = await freshDatabase();
  const sql = connect(database.url, { name: 'fresh', max: 1 });
  freshSchema = await dumpSchema(sql);
  await sql.end();
  await database.drop();
});

/** Before and after the migration, so that both are under way when it begins. */
const ROUNDS = 5;

describe('the database of an earlier version is migrated while it is used (design §5)', () => {
  test.each(versions)('from $last', { timeout: 60_000 }, async ({ last, count }) => {
    await stage.migrateWith(filesOf(count));
    const now = new Date();
    await populate(stage.sql, now);
    const before = await digestRows(stage.sql);
    const pools: Sql[] = ['writer', 'reader'].map((name) => connect(stage.url, { name, max: 1 }));
    const [writing, reading] = pools;
    if (writing === undefined || reading === undefined) throw new Error('two pools');
    const writer = writeWithoutPause(writing, now);
    const reader = readWithoutPause(reading);
    await Promise.all([writer.more(ROUNDS), reader.more(ROUNDS)]);

    const startedAtMs = performance.now();
    expect((await migrate(stage.url)).applied).toEqual(names.slice(count));
    const tookMs = performance.now() - startedAtMs;
    await Promise.all([writer.more(ROUNDS), reader.more(ROUNDS)]);
    await Promise.all([writer.stop(), reader.stop()]);
    await Promise.all(pools.map((pool) => pool.end()));

    expect(await dumpSchema(stage.sql)).toBe(freshSchema);
    const after = await digestRows(stage.sql, new Map([...before].map(([table, { columns }]) => [table, columns])));
    for (const [table, { digests }] of before) {
      const found = after.get(table)?.digests ?? [];
      const there = new Set(found);
      expect(
        digests.filter((digest) => !there.has(digest)),
        `rows that ${table} has lost`,
      ).toEqual([]);
      expect(found, table).toHaveLength(digests.length + (writtenTables.has(table) ? writer.rounds() : 0));
    }
    const [longest, longestRead] = [writer, reader].map((loop) => Math.round(loop.longestMs()));
    process.stdout.write(
      `from ${last}: migrated in ${Math.round(tookMs)} ms; of ${writer.rounds()} batches the longest took ${longest} ms, of ${reader.rounds()} reads ${longestRead} ms\n`,
    );
  });
});
