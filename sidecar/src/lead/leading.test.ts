import { connectWithDeadline } from '@command-center/drizzle/deadline';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Job, startLeading } from './leading.ts';
import { asLeader } from './lease.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

/** A leader with the lists of jobs, and what it logged. */
function lead(jobs: readonly (readonly Job[])[]) {
  const pool = connectWithDeadline(database.url, { name: 'leading-test', max: 3 });
  const log = vi.fn();
  const leading = startLeading({ pool, jobs, log, count: () => undefined });
  return {
    pool,
    log,
    stop: async () => {
      await leading.stop();
      await pool.sql.end();
    },
  };
}

describe('the jobs of a leader (design §6)', () => {
  test('of one list come one after another, and no list waits for another', async () => {
    const roll = Promise.withResolvers<boolean>();
    const order: string[] = [];
    const job = (name: string, run: () => Promise<boolean>): Job => ({
      name,
      everyMs: 50,
      run: () => {
        order.push(name);
        return run();
      },
    });
    const health = job('health', async () => false);
    const leader = lead([[health], [job('roll up', () => roll.promise), job('purge', async () => false)]]);
    await vi.waitFor(() => expect(order.filter((name) => name === 'health').length).toBeGreaterThan(5), 10_000);
    expect(order.filter((name) => name !== 'health')).toEqual(['roll up']);
    roll.resolve(false);
    await vi.waitFor(() => expect(order).toContain('purge'), 10_000);
    await leader.stop();
  });

  test('a job that lost the lease writes nothing, and none runs until it is held again', async () => {
    let tries = 0;
    const job: Job = {
      name: 'health',
      everyMs: 20,
      run: async (holder) => {
        tries += 1;
        await asLeader(leader.pool.sql, holder, async (tx) => {
          await tx`INSERT INTO telemetry_service_health (service_id, status, reason, since, checked_at) VALUES ('s3', 'down', '', now(), now())`;
          // Another one leads meanwhile, as after a freeze.
          await leader.pool.sql`UPDATE telemetry_leader SET holder = 1000, until = now() + interval '1 minute'`;
        });
        return false;
      },
    };
    const leader = lead([[job]]);
    await vi.waitFor(() => expect(leader.log).toHaveBeenCalledWith('health failed', expect.anything()), 10_000);
    expect(await leader.pool.sql`SELECT 1 FROM telemetry_service_health`).toHaveLength(0);
    expect(tries).toBe(1);
    await leader.stop();
  });
});
