import { openWire, type Wire } from '@command-center/tests/processes/wire';
import type { Sql } from 'postgres';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { connect } from './connect.ts';
import { savepoint, transaction } from './transaction.ts';

describe('a transaction whose connection is lost', () => {
  let wire: Wire;
  let sql: Sql;
  beforeEach(async () => {
    const url = new URL(inject('postgresUrl'));
    wire = await openWire(Number(url.port));
    url.port = String(wire.port);
    sql = connect(url.href, { name: 'transaction-test', max: 1 });
  });
  afterEach(async () => {
    await sql.end({ timeout: 0 });
    await wire.close();
  });

  it.each([
    {
      how: 'reset',
      lose: async () => {
        await wire.cut();
        await wire.mend();
      },
    },
    { how: 'closed', lose: async () => wire.hangUp() },
  ])(
    '$how: it fails, and the connection that comes next answers every statement with its own result',
    async ({ lose }) => {
      const begun = transaction(sql, '', async (tx) => {
        await tx`SELECT 1`;
        await Promise.all([tx`SELECT pg_sleep(60)`, lose()]);
      });
      await expect(begun).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      for (const number of [2, 3, 4]) expect(await sql`SELECT ${number}::integer AS n`).toEqual([{ n: number }]);
      expect(await transaction(sql, 'read only', (tx) => tx`SELECT 5 AS n`)).toEqual([{ n: 5 }]);
    },
  );

  it('rolls back what work throws, and throws it', async () => {
    const failed = transaction(sql, '', async (tx) => {
      await tx`CREATE TEMPORARY TABLE gone (x integer)`;
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await expect(sql`SELECT * FROM gone`).rejects.toMatchObject({ code: '42P01' });
  });

  it('a part that fails is undone alone', async () => {
    const seen = await transaction(sql, '', async (tx) => {
      await tx`CREATE TEMPORARY TABLE kept (x integer) ON COMMIT DROP`;
      const part = savepoint(tx, async (inner) => {
        await inner`INSERT INTO kept VALUES (1)`;
        await inner`SELECT 1 / 0`;
      });
      await expect(part).rejects.toMatchObject({ code: '22012' });
      return tx`SELECT count(*)::integer AS n FROM kept`;
    });
    expect(seen).toEqual([{ n: 0 }]);
  });
});
