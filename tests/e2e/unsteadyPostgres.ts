import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startPostgres } from '@command-center/infra/local/postgres';
import postgres, { type Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { eventually } from '../processes/api.ts';
import { metricOf, type ReadinessAnswer, readinessOf } from '../processes/own.ts';
import { chosenPostgres } from '../processes/postgresPrograms.ts';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';
import { openWire, type Wire } from '../processes/wire.ts';

/** A look every second, 5 s each (sidecar/src/limits.ts), and a machine with other work. */
export const TOLD_WITHIN_MS = 12_000;
const SERVER = {
  settings: ['max_connections=12', 'superuser_reserved_connections=0'],
  ...(chosenPostgres === undefined ? {} : { binaries: chosenPostgres }),
};

/** A Postgres that things happen to, with the durability of a default one, and a sidecar process that reaches it over a wire. */
export interface UnsteadyPostgres {
  readonly server: EmbeddedPostgres;
  readonly wire: Wire;
  readonly sidecar: SidecarProcess;
  /** Starts the sidecar on a database of the test's own, empty and not migrated. */
  start(environment?: Readonly<Record<string, string>>): Promise<SidecarProcess>;
  /** Starts the server again after its end, on another port, to which the wire then leads. */
  startAgain(): Promise<void>;
  /** A connection past the wire, as an operator has one. */
  direct(): Sql;
  readiness(): Promise<ReadinessAnswer>;
  untilReady(): Promise<unknown>;
  /** Until /readyz says that Postgres is away, or what else is the matter. */
  untilAway(words?: string): Promise<unknown>;
  /** One of the sidecar's own metrics, by its name in Prometheus without the prefix; the first label set's. */
  metric(name: string): Promise<number>;
}

/** To be called once, at the top of a test file: a server a file, a database, a wire and a sidecar a test. */
export function unsteadyPostgres(): UnsteadyPostgres {
  let folder: string;
  let server: EmbeddedPostgres;
  let databaseName: string;
  let wire: Wire;
  let sidecar: SidecarProcess | undefined;
  const clients: Sql[] = [];
  const launch = (): Promise<EmbeddedPostgres> => startPostgres({ dataDir: folder, ...SERVER });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'command-center-outage-'));
    server = await launch();
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    databaseName = `outage_${randomBytes(8).toString('hex')}`;
    const sql = postgres(server.url, { max: 1 });
    await sql.unsafe(`CREATE DATABASE ${databaseName}`);
    await sql.end();
    wire = await openWire(server.port);
  });
  afterEach(async () => {
    await sidecar?.kill9();
    sidecar = undefined;
    for (const client of clients.splice(0)) await client.end({ timeout: 1 });
    await wire.close();
  });

  const urlAt = (port: number): string => {
    const url = new URL(server.url);
    url.port = String(port);
    url.pathname = `/${databaseName}`;
    return url.href;
  };
  const running = (): SidecarProcess => {
    if (sidecar === undefined) throw new Error('no sidecar was started');
    return sidecar;
  };
  const readiness = () => readinessOf(running());
  return {
    get server() {
      return server;
    },
    get wire() {
      return wire;
    },
    get sidecar() {
      return running();
    },
    start: async (environment) => {
      sidecar = await startSidecar(urlAt(wire.port), environment);
      return sidecar;
    },
    startAgain: async () => {
      server = await launch();
      wire.lead(server.port);
    },
    direct: () => {
      const sql = postgres(urlAt(server.port), { max: 1, onnotice: () => undefined });
      clients.push(sql);
      return sql;
    },
    readiness,
    untilReady: () => eventually(readiness, (now) => now.status === 200, 30_000),
    untilAway: (words = 'Postgres is away') => eventually(readiness, (answer) => isTold(answer, words), TOLD_WITHIN_MS),
    metric: (name) => metricOf(running(), name),
  };
}

function isTold({ status, words }: ReadinessAnswer, what: string): boolean {
  return status === 503 && new RegExp(`^degraded for \\d+ s: ${what}: .`).test(words);
}
