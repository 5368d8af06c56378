import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { type SidecarProcess, samePorts, startSidecar } from '../processes/sidecar.ts';

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
  let sidecar = await startSidecar(database.url, environment);
  return {
    databaseUrl: database.url,
    sql,
    sidecar: () => sidecar,
    end: async (signal) => {
      await (signal === 'SIGKILL' ? sidecar.kill9() : sidecar.stop());
    },
    start: async () => {
      sidecar = await startSidecar(database.url, { ...environment, ...samePorts(sidecar) });
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
