import { type Environment, readSettings } from '@command-center/contract/settings/settings';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { startSidecar } from '@command-center/sidecar/main';
import { Client, credentials } from '@grpc/grpc-js';
import postgres, { type Sql } from 'postgres';

/** One event of the sidecar's own log. */
export interface LogLine {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A sidecar on free ports over a database of its own: one a test file, since its start costs more than most tests. */
export interface Stage {
  /** `http://127.0.0.1:4318` */
  readonly http: string;
  /** `127.0.0.1:4317` */
  readonly grpc: string;
  /** `http://127.0.0.1:4320`: /healthz, /readyz. */
  readonly own: string;
  /** A plain channel to the gRPC door. */
  readonly client: Client;
  readonly sql: Sql;
  readonly databaseUrl: string;
  readonly logged: readonly LogLine[];
  /** Empties the tables of records and counts; what the sidecar knows of its streams stays, so that a test takes a service name of its own. */
  clear(): Promise<void>;
  /** Stops the sidecar, as SIGTERM does, and leaves the database to be read. May be called before `close`. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** What a request leaves behind, beside stream state and series. */
const written = [
  'telemetry_open_windows',
  'telemetry_metric_samples',
  'telemetry_log_events',
  'telemetry_trace_index',
  'telemetry_intake',
];

/** `environment`: settings beside the ports, as a process would be given them. */
export async function openStage(environment: Environment = {}): Promise<Stage> {
  const database = await freshDatabase();
  const logged: LogLine[] = [];
  const settings = readSettings({
    COMMAND_CENTER_OTLP_GRPC_PORT: '0',
    COMMAND_CENTER_OTLP_HTTP_PORT: '0',
    COMMAND_CENTER_SIDECAR_PORT: '0',
    ...environment,
  });
  const sidecar = await startSidecar({
    settings,
    databaseUrl: database.url,
    log: (event, fields = {}) => logged.push({ event, fields }),
  });
  const grpc = `${sidecar.grpc.host}:${sidecar.grpc.port}`;
  const client = new Client(grpc, credentials.createInsecure());
  const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    client.close();
    stopping ??= sidecar.stop();
    return stopping;
  };
  return {
    http: `${settings.otlpTlsCert !== undefined ? 'https' : 'http'}://${sidecar.http.host}:${sidecar.http.port}`,
    grpc,
    own: `http://${sidecar.own.host}:${sidecar.own.port}`,
    client,
    sql,
    databaseUrl: database.url,
    logged,
    clear: async () => {
      // Not TRUNCATE: with an index that the leader makes concurrently it would wait in a circle.
      for (const table of written) await sql`DELETE FROM ${sql(table)}`;
    },
    stop,
    close: async () => {
      await stop();
      await sql.end();
      await database.drop();
    },
  };
}
