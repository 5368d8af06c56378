import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { type EmbeddedPostgres, startPostgres } from '@command-center/infra/local/postgres';
import { placesOf } from '../collector/programs.ts';
import { type Child, startProgram } from '../processes/child.ts';
import { freePorts } from '../processes/collector.ts';
import { type ComposeFile, type ComposeService, composePath, inOrder } from './compose.ts';
import { type Image, root } from './containerfile.ts';

/**
 * What stands in for a network of containers, and all of it: on one host each service needs ports of its own, which these variables give it where its
 * container has the default. All else of a service's environment and command is as the file says.
 */
const portVariables: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  sidecar: {
    4317: 'COMMAND_CENTER_OTLP_GRPC_PORT',
    4318: 'COMMAND_CENTER_OTLP_HTTP_PORT',
    4320: 'COMMAND_CENTER_SIDECAR_PORT',
  },
  api: { 4319: 'COMMAND_CENTER_PORT' },
  collector: { 4317: 'GATEWAY_GRPC_PORT', 4318: 'GATEWAY_HTTP_PORT', 13133: 'GATEWAY_HEALTH_PORT' },
};

export interface Running {
  /** `http://127.0.0.1:PORT` of a port inside of a service's container. */
  at(service: string, port: number): string;
  /** Carries out the healthcheck of the file; throws with what it says. */
  isHealthy(service: string): void;
  readonly databaseUrl: string;
  /** SIGTERM in the other order; gives the exit codes. */
  down(): Promise<Record<string, number | null>>;
}

export interface UpOptions {
  readonly compose: ComposeFile;
  readonly image: Image;
  readonly databasePassword: string;
  /** Services that cannot be run here. */
  readonly without?: readonly string[];
}

const graceMs = 60_000;
const pollMs = 100;

/** What is up, and where. */
interface Stage {
  readonly compose: ComposeFile;
  readonly image: Image;
  readonly folder: string;
  /** By `service:port` of its container. */
  readonly ports: ReadonlyMap<string, number>;
  readonly started: [string, Child][];
  postgres: EmbeddedPostgres | undefined;
}

/** `docker compose up --wait`: each service's own command in the order of the file, once what it waits for is as the file says. */
export async function up({ compose, image, databasePassword, without = [] }: UpOptions): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'command-center-compose-'));
  const stage: Stage = { compose, image, folder, ports: await portsHere(), started: [], postgres: undefined };
  try {
    for (const [name, service] of inOrder(compose)) {
      if (without.includes(name)) continue;
      for (const [other, { condition }] of Object.entries(service.depends_on))
        if (condition === 'service_healthy') await untilHealthy(stage, other);
      if (name === 'postgres')
        stage.postgres = await startPostgres({ dataDir: withPassword(folder, service, databasePassword) });
      else await startService(stage, name, service);
    }
  } catch (error) {
    await down(stage);
    throw error;
  }
  return {
    at: (service, port) => `http://127.0.0.1:${stage.ports.get(`${service}:${port}`)}`,
    isHealthy: (service) => checkHealth(stage, service),
    databaseUrl: stage.postgres?.url ?? '',
    down: () => down(stage),
  };
}

async function portsHere(): Promise<ReadonlyMap<string, number>> {
  const names = Object.entries(portVariables).flatMap(([service, known]) =>
    Object.keys(known).map((port) => `${service}:${port}`),
  );
  const free = await freePorts(names.length);
  return new Map(names.map((name, index) => [name, free[index] ?? 0]));
}

/** Names of services and their ports, as they are here; 127.0.0.1 is the service itself. */
function here({ ports, postgres }: Stage, text: string, own: string): string {
  return text
    .replaceAll('@postgres:5432', `@127.0.0.1:${postgres?.port}`)
    .replaceAll(/\b(sidecar|api|collector|127\.0\.0\.1):(\d{4,5})\b/g, (all, host: string, port: string) => {
      const free = ports.get(`${host === '127.0.0.1' ? own : host}:${port}`);
      return free === undefined ? all : `127.0.0.1:${free}`;
    });
}

/** Runs a service to its end where it is one that ends, else until it is healthy. */
async function startService(stage: Stage, name: string, service: ComposeService): Promise<void> {
  const { image } = stage;
  const [program = '', ...flags] = commandOf(service, image);
  const file = program === 'node' ? process.execPath : placesOf('otelcol').binary;
  const words = (program === 'node' ? flags : [program, ...flags]).map((word) => mounted(word, service));
  const { child, handle } = startProgram(
    file,
    words.map((word) => inImage(word, image)),
    environmentOf(stage, name, service),
  );
  handle.stdout?.resume();
  if (service.restart === 'no') {
    const ended = await child.ended();
    if (ended.code !== 0) throw new Error(`${name}: ${ended.stderr}`);
    return;
  }
  stage.started.push([name, child]);
  if (service.healthcheck !== undefined) await untilHealthy(stage, name);
  else await child.untilPrinted(/Everything is ready/);
}

function environmentOf(stage: Stage, name: string, service: ComposeService): Record<string, string> {
  const own = Object.entries(service.environment).map(([key, value]) => [key, here(stage, value, name)]);
  const ports = Object.entries(portVariables[name] ?? {}).map(([port, variable]) => [
    variable,
    String(stage.ports.get(`${name}:${port}`)),
  ]);
  return {
    ...(service.image === 'command-center:0.2.0' ? imageEnvironment(stage.image) : {}),
    ...Object.fromEntries(own),
    ...Object.fromEntries(ports),
  };
}

/** Carries out a service's healthcheck; throws with what it says. The embedded Postgres was ready when it was started. */
function checkHealth(stage: Stage, name: string): void {
  const check = stage.compose.services[name]?.healthcheck;
  if (check === undefined || !('test' in check)) throw new Error(`${name} has no healthcheck`);
  if (name === 'postgres') return;
  const [, program = '', ...flags] = check.test.map((word) => here(stage, word, name));
  const file = program === 'node' ? process.execPath : program;
  execFileSync(file, flags, { cwd: stage.image.folder, stdio: 'pipe' });
}

async function untilHealthy(stage: Stage, name: string): Promise<void> {
  const deadline = performance.now() + graceMs;
  for (;;)
    try {
      return checkHealth(stage, name);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((wake) => setTimeout(wake, pollMs));
    }
}

/** SIGTERM to each, last to first; gives the exit codes. */
async function down({ started, postgres, folder }: Stage): Promise<Record<string, number | null>> {
  const codes: Record<string, number | null> = {};
  for (const [name, child] of started.splice(0).reverse()) {
    child.signal('SIGTERM');
    codes[name] = (await child.ended()).code;
  }
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
  return codes;
}

/** Where the container's file would be read from. */
function mounted(word: string, { volumes }: ComposeService): string {
  return volumes.reduce((text, volume) => {
    const [source = '', target = ''] = volume.split(':');
    return source.startsWith('.') ? text.replace(target, resolve(join(root, composePath), '..', source)) : text;
  }, word);
}

function commandOf({ command }: ComposeService, image: Image): readonly string[] {
  return command ?? image.command;
}

/** A file of the image's working folder. */
function inImage(word: string, image: Image): string {
  return /^[\w-]+\.mjs$/.test(word) ? join(image.folder, word) : word;
}

function imageEnvironment({ environment, folder }: Image): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/^\/app\//, `${folder}/`)]),
  );
}

/** The image of Postgres makes its user, database and password of these variables; the embedded one finds the same. */
function withPassword(folder: string, { environment }: ComposeService, password: string): string {
  if (
    environment.POSTGRES_USER !== 'command_center' ||
    environment.POSTGRES_DB !== 'command_center' ||
    environment.POSTGRES_PASSWORD !== password
  )
    throw new Error('the embedded Postgres cannot stand in for this one');
  const dataDir = join(folder, 'postgres-data');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'postgres.password'), password, { mode: 0o600 });
  return dataDir;
}
