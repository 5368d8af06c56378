import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { inject } from 'vitest';
import { freePorts } from '../processes/collector.ts';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';

/** A sidecar process over a database of its own; ends and starts again on the same ports. */
export interface Stage {
  readonly databaseUrl: string;
  readonly sql: Sql;
  sidecar(): SidecarProcess;
  /** Ends it with the signal; its doors are shut until `start`. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  start(): Promise<void>;
  /** As a Postgres that went away: connections are cut and new ones refused, until it is back. */
  cutDatabase(): Promise<void>;
  restoreDatabase(): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(environment: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const database = await freshDatabase();
  const name = new URL(database.url).pathname.slice(1);
  const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  // Not the system's choice: while it is away nobody else must get its ports.
  const [grpc, http] = await freePorts(2);
  const own = {
    ...environment,
    COMMAND_CENTER_OTLP_GRPC_PORT: String(grpc),
    COMMAND_CENTER_OTLP_HTTP_PORT: String(http),
  };
  let sidecar = await startSidecar(database.url, own);
  return {
    databaseUrl: database.url,
    sql,
    sidecar: () => sidecar,
    end: async (signal) => {
      await (signal === 'SIGKILL' ? sidecar.kill9() : sidecar.stop());
    },
    start: async () => {
      sidecar = await startSidecar(database.url, own);
    },
    cutDatabase: () =>
      administer(async (server) => {
        await server.unsafe(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
        await server`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
      }),
    restoreDatabase: () =>
      administer(async (server) => {
        await server.unsafe(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
      }),
    close: async () => {
      if (sidecar.isAlive()) await sidecar.stop();
      await sql.end();
      await database.drop();
    },
  };
}

/** Work on the server, from outside of the database under test. */
async function administer(work: (server: Sql) => Promise<void>): Promise<void> {
  const server = postgres(inject('postgresUrl'), { max: 1, onnotice: () => undefined });
  try {
    await work(server);
  } finally {
    await server.end();
  }
}

/** Where a gateway sends to. */
export const toSidecar = ({ grpc, http }: { grpc: string; http: string }): Record<string, string> => ({
  SIDECAR_GRPC: grpc,
  SIDECAR_HTTP: http,
});
