import fc from 'fast-check';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bigintArray, booleanArray, numberArray, realArray, textArray } from './arrays.ts';
import { freshDatabase } from './testing/database.ts';

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

  it('takes any double for bigint and real, the nearest they have', async () => {
    const limits = [1e300, -1e300, Infinity, 1e-300, 2 ** 53, 0.1, null];
    const whole = [...limits.map((value) => value && Math.trunc(value)), 2 ** 64];
    const bigints = await sql<{ v: string | null }[]>`SELECT v FROM unnest(${bigintArray(whole)}::bigint[]) AS u(v)`;
    const most = String(Number.MAX_SAFE_INTEGER);
    expect(bigints.map((row) => row.v)).toEqual([most, `-${most}`, most, '0', most, '0', null, most]);
    const reals = await sql<{ v: number | null }[]>`SELECT v FROM unnest(${realArray(limits)}::real[]) AS u(v)`;
    const largest = 3.4028235e38;
    expect(reals.map((row) => row.v)).toEqual([largest, -largest, largest, 0, 9007199000000000, 0.1, null]);
  });

  it('keeps booleans', async () => {
    const rows = await sql<{ v: boolean }[]>`SELECT v FROM unnest(${booleanArray([true, false])}::boolean[]) AS u(v)`;
    expect(rows.map((row) => row.v)).toEqual([true, false]);
  });
});
