import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { call, healthRequest } from '@command-center/sidecar/receive/testing/grpcClient';
import postgres, { type Sql } from 'postgres';
import { expect, inject } from 'vitest';
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

/** grpc.health.v1: HealthCheckResponse{status: SERVING}. */
const serving = Buffer.of(0x08, 1);

/**
 * Takes the database away, as a server that goes down does: connections are cut and new ones refused. Returns what brings it back; that
 * resolves once the sidecar has seen it.
 */
export async function takeDatabaseAway({
  databaseUrl,
  client,
}: Pick<Stage, 'databaseUrl' | 'client'>): Promise<() => Promise<void>> {
  const { name, sql } = administer(databaseUrl);
  await sql`ALTER DATABASE ${sql(name)} ALLOW_CONNECTIONS false`;
  await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
  const health = async () => (await call(client, '/grpc.health.v1.Health/Check', healthRequest(''))).bytes;
  return async () => {
    await sql`ALTER DATABASE ${sql(name)} ALLOW_CONNECTIONS true`;
    await sql.end();
    await expect.poll(health, { timeout: DEADLINE_MS }).toEqual(serving);
  };
}

export interface EmptyDatabase {
  readonly url: string;
  /** Until then its server cuts every connection, as one that starts does. */
  open(): void;
  drop(): Promise<void>;
}

/** A database without a table, behind a server that is not up yet. */
export async function emptyDatabase(): Promise<EmptyDatabase> {
  const own = new URL(inject('postgresUrl'));
  own.pathname = `/test_${randomBytes(8).toString('hex')}`;
  const { name, sql } = administer(own.href);
  await sql`CREATE DATABASE ${sql(name)}`;
  let isOpen = false;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (!isOpen) return void socket.destroy();
    const upstream = connect({ host: own.hostname, port: Number(own.port) });
    upstream.on('error', () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const url = new URL(own);
  url.host = `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  return {
    url: url.href,
    open: () => {
      isOpen = true;
    },
    drop: async () => {
      server.close();
      await sql`DROP DATABASE ${sql(name)} WITH (FORCE)`;
      await sql.end();
    },
  };
}

/** A connection beside the database, for what cannot be done from inside it. */
function administer(databaseUrl: string): { readonly name: string; readonly sql: Sql } {
  const url = new URL(databaseUrl);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  return { name, sql: postgres(url.href, { max: 1, onnotice: () => undefined }) };
}
