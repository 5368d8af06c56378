import { freshDatabase } from '@command-center/drizzle/testing/database';
import fc from 'fast-check';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobOf, booleanArray, numberArray, textArray } from './arrays.ts';

/** PostgreSQL manual, "Array Input and Output Syntax". */
describe('array literals come back from Postgres as they were', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let sql: Sql;
  beforeAll(async () => {
    database = await freshDatabase();
    sql = postgres(database.url, { max: 1 });
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  it('keeps any text that Postgres can store', async () => {
    const storable = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0') && value.isWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(storable)), async (values) => {
        const rows = await sql<{ v: string | null }[]>`SELECT v FROM unnest(${textArray(values)}::text[]) AS u(v)`;
        expect(rows.map((row) => row.v)).toEqual(values);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps doubles exactly, infinities and null included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.double({ noNaN: true }))), async (values) => {
        const rows = await sql<
          { v: number | null }[]
        >`SELECT v FROM unnest(${numberArray(values)}::double precision[]) AS u(v)`;
        expect(rows.map((row) => row.v)).toEqual(values.map((value) => (value === 0 ? 0 : value)));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps bytes in one blob, and booleans', async () => {
    const parts = [new Uint8Array([0, 92, 34, 255]), null, new Uint8Array(), new Uint8Array([7])];
    const { bytes, at, length } = blobOf(parts);
    const rows = await sql<{ b: Buffer | null; f: boolean | null }[]>`
      SELECT substring(${bytes}::bytea FROM at FOR length) AS b, f
      FROM unnest(${at}::integer[], ${length}::integer[], ${booleanArray([true, false, true, false])}::boolean[]) AS u(at, length, f)`;
    expect(rows.map((row) => (row.b === null ? null : [...row.b]))).toEqual([[0, 92, 34, 255], null, [], [7]]);
    expect(rows.map((row) => row.f)).toEqual([true, false, true, false]);
  });
});
