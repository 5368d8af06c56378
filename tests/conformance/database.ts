import postgres from 'postgres';
import { expect } from 'vitest';
import type { Stage } from './stage.ts';

/** What the rest of a test waits for goes wrong sooner than this, or not at all. */
const DEADLINE_MS = 20_000;

export interface Hold {
  /** Resolves once a commit waits. */
  untilReached(): Promise<void>;
  /** Lets the commits go on. */
  release(): Promise<void>;
}

/** Holds up every commit of records, as a slow Postgres does: each writes its counts, and their table is locked. */
export async function holdCommits({ databaseUrl }: Pick<Stage, 'databaseUrl'>): Promise<Hold> {
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined });
  const locking = await sql.reserve();
  await locking`BEGIN`;
  await locking`LOCK TABLE telemetry_intake IN ACCESS EXCLUSIVE MODE`;
  const waiting = async (): Promise<number> => {
    const [row] = await sql<{ count: number }[]>`
      SELECT count(*)::integer AS count FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE NOT granted AND relation = 'telemetry_intake'::regclass AND application_name = 'command-center-sidecar'`;
    return row?.count ?? 0;
  };
  return {
    untilReached: () => expect.poll(waiting, { timeout: DEADLINE_MS }).toBeGreaterThan(0),
    release: async () => {
      await locking`ROLLBACK`;
      locking.release();
      await sql.end();
    },
  };
}

/** Takes the database away, as a server that goes down does: connections are cut and new ones refused. Returns what brings it back. */
export async function takeDatabaseAway({ databaseUrl }: Pick<Stage, 'databaseUrl'>): Promise<() => Promise<void>> {
  const url = new URL(databaseUrl);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const sql = postgres(url.href, { max: 1, onnotice: () => undefined });
  await sql`ALTER DATABASE ${sql(name)} ALLOW_CONNECTIONS false`;
  await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
  return async () => {
    await sql`ALTER DATABASE ${sql(name)} ALLOW_CONNECTIONS true`;
    await sql.end();
  };
}
