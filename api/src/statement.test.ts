import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readRows, withinTransaction } from './statement.ts';

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
