import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { connectWithDeadline, type PoolWithDeadline } from './deadline.ts';

const OPTIONS = { name: 'deadline-test', max: 2 };

describe('a pool with a deadline', () => {
  describe('over a server that takes connections and says nothing', () => {
    let silent: Server;
    let pool: PoolWithDeadline;
    beforeEach(async () => {
      silent = createServer((socket) => void socket.on('error', () => undefined).resume());
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const bound = silent.address();
      if (bound === null || typeof bound === 'string') throw new Error('no port');
      pool = connectWithDeadline(`postgres://x:y@127.0.0.1:${bound.port}/z`, OPTIONS);
    });
    afterEach(async () => {
      await pool.sql.end({ timeout: 0 });
      await new Promise((resolve) => silent.close(resolve));
    });

    it('fails what runs on it once the deadline is over', async () => {
      await expect(pool.within(500, () => pool.sql`SELECT 1`)).rejects.toMatchObject({ code: 'SERVER_SILENT' });
    });

    it('fails a transaction, and what it would have done next', async () => {
      const begun = pool.within(500, () => pool.sql.begin((tx) => tx`SELECT 1`));
      await expect(begun).rejects.toThrow();
    });
  });

  it('is of use again after it was cut', async () => {
    const pool = connectWithDeadline(inject('postgresUrl'), OPTIONS);
    expect(await pool.sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
    const running = pool.sql`SELECT pg_sleep(60)`.catch((error: { code: string }) => error.code);
    await pool.within(300, () => running);
    expect(await running).toMatch(/^(SERVER_SILENT|CONNECTION_CLOSED)$/);
    expect(await pool.sql`SELECT 2 AS two`).toEqual([{ two: 2 }]);
    await pool.sql.end({ timeout: 1 });
  });

  it('answers each statement that is given to it in the moment of the cut, with its rows or the connection’s end', async () => {
    const pool = connectWithDeadline(inject('postgresUrl'), OPTIONS);
    for (let round = 0; round < 5; round += 1) {
      const next = pool.sql`SELECT pg_sleep(60)`
        .catch(() => pool.sql<{ round: number }[]>`SELECT ${round}::integer AS round`)
        .then(
          ([row]) => row?.round,
          () => 'cut',
        );
      const idle = pool.sql`SELECT 1 AS one`;
      await idle;
      pool.cut();
      const also = pool.sql<{ two: number }[]>`SELECT 2 AS two`.then(
        ([row]) => row?.two,
        () => 'cut',
      );
      expect(['cut', round]).toContain(await next);
      expect(['cut', 2]).toContain(await also);
      // A statement left unwritten in a driver's buffer costs one time-out to connect (postgres 3.4.9).
      const again = () => pool.sql`SELECT 3 AS three`.catch(() => []);
      await expect.poll(again, { timeout: 12_000 }).toEqual([{ three: 3 }]);
    }
    await pool.sql.end({ timeout: 1 });
  }, 90_000);

  it('leaves what is in time alone', async () => {
    const pool = connectWithDeadline(inject('postgresUrl'), OPTIONS);
    const slow = () => pool.sql`SELECT pg_sleep(0.4), 1 AS one`;
    expect((await pool.within(5_000, slow))[0]).toMatchObject({ one: 1 });
    await pool.sql.end({ timeout: 1 });
  });
});
