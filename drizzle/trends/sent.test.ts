import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../connect.ts';
import { freshDatabase } from '../testing/database.ts';
import { bytesOf, numbersOf } from './sent.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let sql: ReturnType<typeof connect>;
beforeAll(async () => {
  database = await freshDatabase();
  sql = connect(database.url, { name: 'test', max: 1, statementTimeoutMs: 10_000 });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

async function sentBy(array: string): Promise<Uint8Array | null> {
  const [row] = await sql.unsafe<{ bytes: Uint8Array | null }[]>(`SELECT array_send(${array}) AS bytes`);
  return row?.bytes ?? null;
}

describe('an array is read as Postgres sends it', () => {
  it.each(['double precision', 'real', 'smallint'])('of %s, null being NaN', async (type) => {
    expect([...numbersOf(await sentBy(`'{1,NULL,-3}'::${type}[]`))]).toEqual([1, Number.NaN, -3]);
  });

  it('each number as exact as it lies there', async () => {
    expect([...numbersOf(await sentBy(`'{0.1,1e300}'::double precision[]`))]).toEqual([0.1, 1e300]);
    expect([...numbersOf(await sentBy(`'{0.1}'::real[]`))]).toEqual([Math.fround(0.1)]);
  });

  it('of bytea, null being empty', async () => {
    const [first, second, third] = bytesOf(await sentBy(String.raw`'{"\\x0102",NULL,"\\x03"}'::bytea[]`));
    expect([first, second, third].map((bytes) => [...(bytes ?? [])])).toEqual([[1, 2], [], [3]]);
  });

  it('an empty or missing one has no elements', async () => {
    for (const array of [`'{}'::real[]`, 'NULL::real[]']) {
      expect(numbersOf(await sentBy(array))).toHaveLength(0);
      expect(bytesOf(await sentBy(array))).toHaveLength(0);
    }
  });
});
