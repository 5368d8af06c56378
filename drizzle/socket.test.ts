import { once } from 'node:events';
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from './connect.ts';
import { patientSocket } from './socket.ts';
import { type FreshDatabase, freshDatabase } from './testing/database.ts';

/** Well below the driver's connect timeout of 5 s, which a spoilt connection runs into. */
const SOON_MS = 2_000;

describe('a connection that ends in mid-transaction is an error, and the next one works (design §5, "Restart, crash and doubt")', () => {
  let database: FreshDatabase;
  let sql: Sql;
  /** Between the driver and Postgres, so that the end comes when the test says so. */
  let between: Server;
  let clients: Socket[];

  beforeAll(async () => {
    database = await freshDatabase();
    const { hostname, port } = new URL(database.url);
    between = createServer((client) => {
      const server = openSocket(Number(port), hostname);
      clients.push(client);
      client.pipe(server).on('error', () => client.destroy());
      server.pipe(client).on('error', () => server.destroy());
    });
    between.listen(0, '127.0.0.1');
    await once(between, 'listening');
  });
  afterAll(async () => {
    between.close();
    await database.drop();
  });
  beforeEach(() => {
    clients = [];
    const address = between.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const url = new URL(database.url);
    url.port = String(address.port);
    sql = connect(url.href, { name: 'cut', max: 1 });
  });
  afterEach(() => sql.end({ timeout: 1 }));

  const hangUp = (): void => {
    for (const client of clients) client.end();
  };
  const reset = (): void => {
    for (const client of clients) client.resetAndDestroy();
  };
  const answersSoon = async (): Promise<boolean> => {
    const answer = sql`SELECT 1 AS one`.then(([row]) => row?.one === 1);
    return Promise.race([answer, delay(SOON_MS, false, { ref: false })]);
  };

  describe.each([
    { how: 'closed', end: hangUp },
    { how: 'reset', end: reset },
  ])('$how', ({ end }) => {
    it('between two statements', async () => {
      const transaction = sql.begin(async (tx) => {
        await tx`SELECT 1`;
        end();
        await delay(50);
        await tx`SELECT 2`;
      });
      await expect(transaction).rejects.toThrow();
      expect(await answersSoon()).toBe(true);
    });

    it('during a statement, and ROLLBACK follows', async () => {
      const transaction = sql.begin(async (tx) => {
        const statement = tx`SELECT pg_sleep(0.2)`;
        setTimeout(end, 50);
        await statement;
      });
      await expect(transaction).rejects.toThrow();
      expect(await answersSoon()).toBe(true);
    });

    it('during the second of two statements that travel together, while others wait for the connection', async () => {
      const attempt = (): Promise<unknown> => sql.begin((tx) => Promise.all([tx`SELECT 1`, tx`SELECT pg_sleep(0.2)`]));
      const both = [attempt(), attempt()];
      setTimeout(end, 100);
      const outcomes = Promise.allSettled(both);
      const soon = await Promise.race([outcomes, delay(SOON_MS, undefined, { ref: false })]);
      expect(soon?.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    });

    it('outside of a transaction', async () => {
      expect(await answersSoon()).toBe(true);
      end();
      await delay(50);
      expect(await answersSoon()).toBe(true);
    });
  });

  it('gives a server up that stays silent while an answer is due, and is served by the next connection', async () => {
    const impatient = postgres(database.url, { max: 1, fetch_types: false, ...patientSocket(database.url, 300) });
    await impatient`SELECT 1`;
    // Idle for longer than that is no silence.
    await delay(400);
    await expect(impatient`SELECT pg_sleep(2)`).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await delay(50);
    const [row] = await impatient<{ one: number }[]>`SELECT 1 AS one`;
    expect(row?.one).toBe(1);
    await impatient.end({ timeout: 1 });
  });

  it('refuses at once where the server hangs up during the greeting, and does not wait for another', async () => {
    const hangingUp = createServer((client) => client.end());
    hangingUp.listen(0, '127.0.0.1');
    await once(hangingUp, 'listening');
    const address = hangingUp.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const other = connect(`postgres://nobody:x@127.0.0.1:${address.port}/none`, { name: 'cut', max: 1 });
    const refused = other`SELECT 1`.then(
      () => 'answered',
      () => 'refused',
    );
    expect(await Promise.race([refused, delay(SOON_MS, 'waiting', { ref: false })])).toBe('refused');
    await other.end({ timeout: 0 });
    hangingUp.close();
  });
});
