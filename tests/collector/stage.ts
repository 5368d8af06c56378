import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
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
  close(): Promise<void>;
}

export async function openStage(environment: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const database = await freshDatabase();
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
    close: async () => {
      if (sidecar.isAlive()) await sidecar.stop();
      await sql.end();
      await database.drop();
    },
  };
}

/** Where a gateway sends to. */
export const toSidecar = ({ grpc, http }: { grpc: string; http: string }): Record<string, string> => ({
  SIDECAR_GRPC: grpc,
  SIDECAR_HTTP: http,
});
