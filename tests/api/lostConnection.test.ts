import { once } from 'node:events';
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { type RunningApi, startApi } from '@command-center/api/entry/node';
import { readSettings } from '@command-center/contract/settings/settings';
import { type FreshDatabase, freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, base } from './stage.ts';

/** Each asks the database by itself. */
const headers = { Authorization: `Bearer ${adminToken}`, 'Cache-Control': 'no-cache' };
const settings = readSettings({
  COMMAND_CENTER_ADMIN_TOKEN: adminToken,
  COMMAND_CENTER_SESSION_SECRET: 'a-secret-for-tests-of-at-least-32-characters',
});

/** Statements that wait for a lock. */
async function countWaiting(tx: TransactionSql): Promise<number> {
  return (await tx`SELECT FROM pg_locks WHERE NOT granted`).length;
}

/** style.md, "Errors": an uncaught exception would end the process, and with it the all-in-one. */
describe('the API outlives a connection to Postgres that ends in mid-statement', () => {
  let database: FreshDatabase;
  let sql: Sql;
  let between: Server;
  const clients: Socket[] = [];
  let api: RunningApi;

  beforeAll(async () => {
    database = await freshDatabase();
    sql = postgres(database.url, { max: 2, onnotice: () => undefined });
    const { hostname, port } = new URL(database.url);
    between = createServer((client) => {
      const server = openSocket(Number(port), hostname);
      clients.push(client);
      client.pipe(server).on('error', () => client.destroy());
      server.pipe(client).on('error', () => server.destroy());
    });
    between.listen(0, '127.0.0.1');
    await once(between, 'listening');
    const address = between.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const url = new URL(database.url);
    url.port = String(address.port);
    api = await startApi({
      ...{ settings, databaseUrl: url.href, host: '127.0.0.1', port: 0 },
      ...{ webRoot: tmpdir(), log: () => undefined },
    });
  });
  afterAll(async () => {
    await api.stop();
    between.close();
    await sql.end();
    await database.drop();
  });

  const ask = () => fetch(`${api.url}${base}/intake`, { headers, signal: AbortSignal.timeout(5_000) });

  it('answers with a failure that may be tried again, and then as before', async () => {
    expect((await ask()).status).toBe(200);
    const answers = await sql.begin(async (tx) => {
      await tx`LOCK TABLE telemetry_intake IN ACCESS EXCLUSIVE MODE`;
      const asked = [ask(), ask(), ask()].map(async (answer) => (await answer).status);
      await expect.poll(() => countWaiting(tx), { timeout: 5_000 }).toBe(asked.length);
      for (const client of clients) client.end();
      // Postgres notices nothing of it before it has the lock.
      await Promise.all(asked);
      return { asked };
    });
    expect(await Promise.all(answers.asked)).toEqual([503, 503, 503]);
    expect((await ask()).status).toBe(200);
  });
});
