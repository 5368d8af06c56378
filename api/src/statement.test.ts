import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readRows, runMessage, withinTransaction } from './statement.ts';

let database: { readonly url: string; drop(): Promise<void> };
let sql: Sql;
beforeAll(async () => {
  database = await freshDatabase();
  sql = postgres(database.url, { max: 3, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const countRow = z.object({ count: z.string() });
const countTickets = async (tx: Pick<Sql, 'unsafe'>) =>
  (await tx.unsafe('SELECT count(*) FROM admin_tickets'))[0]?.count;

describe('a transaction of readers', () => {
  test('sees one snapshot, whatever is committed meanwhile', async () => {
    const seen = await withinTransaction(sql, 5_000, 'read only', async (tx) => {
      const before = await countTickets(tx);
      await sql`INSERT INTO admin_tickets (hash, kind, subject, expires_at) VALUES ('\\x01', 'live', 'a', now())`;
      return [before, await countTickets(tx)];
    });
    expect(seen).toEqual(['0', '0']);
    expect(await countTickets(sql)).toBe('1');
  });

  test('cannot write', async () => {
    await expect(
      withinTransaction(sql, 5_000, 'read only', async (tx) => tx`DELETE FROM admin_tickets`),
    ).rejects.toMatchObject({ code: '25006' });
  });

  test('stops a statement that takes too long, and the connection lives on', async () => {
    await expect(withinTransaction(sql, 50, 'read only', async (tx) => tx`SELECT pg_sleep(10)`)).rejects.toMatchObject({
      code: '57014',
    });
    const [row] = await sql`SHOW statement_timeout`;
    expect(row).toEqual({ statement_timeout: '0' });
  });

  test('throws at a row that is not what its schema says', async () => {
    await expect(readRows(sql, countRow, (tx) => tx`SELECT 1 AS count`)).rejects.toThrow();
  });
});

describe('a message', () => {
  test('answers the rows of its statement', async () => {
    expect(await runMessage(sql, 5_000, 'SELECT 1 AS a UNION ALL SELECT 2')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await runMessage(sql, 5_000, 'SELECT 1 AS a WHERE false')).toEqual([]);
  });

  test('stops a statement that takes too long, and the connection lives on without a timeout', async () => {
    await expect(runMessage(sql, 50, 'SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
    expect(await runMessage(sql, 5_000, 'SELECT 1 AS a')).toEqual([{ a: 1 }]);
    const [row] = await sql`SHOW statement_timeout`;
    expect(row).toEqual({ statement_timeout: '0' });
  });

  test('is a transaction of its own: nothing stays of one that fails, and nothing stays open', async () => {
    const one = postgres(database.url, { max: 1, onnotice: () => undefined });
    try {
      const failing = `INSERT INTO admin_tickets (hash, kind, subject, expires_at) VALUES ('\\x02', 'live', 'b', now()); SELECT 1 / 0`;
      await expect(runMessage(one, 5_000, failing)).rejects.toMatchObject({ code: '22012' });
      expect(await runMessage(one, 5_000, `SELECT FROM admin_tickets WHERE subject = 'b'`)).toEqual([]);
    } finally {
      await one.end();
    }
  });
});
