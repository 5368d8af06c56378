import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
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

/** `docker compose up --wait`: each service's own command in the order of the file, once what it waits for is as the file says. */
export async function up(options: UpOptions): Promise<Running> {
  const host = new Host(options, await portsOf());
  try {
    for (const [name, service] of inOrder(options.compose))
      if (options.without?.includes(name) !== true) await host.start(name, service);
  } catch (error) {
    await host.down();
    throw error;
  }
  return host;
}

/** A free port for each that a container listens on, by `service:port`. */
async function portsOf(): Promise<ReadonlyMap<string, number>> {
  const names = Object.entries(portVariables).flatMap(([service, known]) =>
    Object.keys(known).map((port) => `${service}:${port}`),
  );
  const free = await freePorts(names.length);
  return new Map(names.map((name, index) => [name, free[index] ?? 0]));
}

/** The processes in place of the containers, from the first start to the last end. */
class Host implements Running {
  readonly #options: UpOptions;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'command-center-compose-'));
  readonly #started: [string, Child][] = [];
  #postgres: EmbeddedPostgres | undefined;

  constructor(options: UpOptions, ports: ReadonlyMap<string, number>) {
    this.#options = options;
    this.#ports = ports;
  }

  get databaseUrl(): string {
    return this.#postgres?.url ?? '';
  }

  at(service: string, port: number): string {
    return `http://127.0.0.1:${this.#ports.get(`${service}:${port}`)}`;
  }

  async start(name: string, service: ComposeService): Promise<void> {
    for (const [other, { condition }] of Object.entries(service.depends_on))
      if (condition === 'service_healthy') await this.#untilHealthy(other);
    if (name === 'postgres') {
      this.#postgres = await startPostgres({
        dataDir: withPassword(this.#folder, service, this.#options.databasePassword),
      });
      return;
    }
    const { image } = this.#options;
    const [program = '', ...flags] = service.command ?? image.command;
    const isNode = program === 'node';
    const words = (isNode ? flags : [program, ...flags]).map((word) => inImage(mounted(word, service), image));
    const file = isNode ? process.execPath : placesOf('otelcol').binary;
    const { child, handle } = startProgram(file, words, this.#environmentOf(name, service));
    handle.stdout?.resume();
    if (service.restart === 'no') {
      const ended = await child.ended();
      if (ended.code !== 0) throw new Error(`${name}: ${ended.stderr}`);
      return;
    }
    this.#started.push([name, child]);
    if (service.healthcheck === undefined) await child.untilPrinted(/Everything is ready/);
    else await this.#untilHealthy(name);
  }

  isHealthy(name: string): void {
    const check = this.#options.compose.services[name]?.healthcheck;
    if (check === undefined || !('test' in check)) throw new Error(`${name} has no healthcheck`);
    // The embedded one is ready when it has started, and brings no pg_isready.
    if (name === 'postgres') return;
    const [, program, ...flags] = check.test.map((word) => this.#here(word, name));
    execFileSync(program === 'node' ? process.execPath : (program ?? ''), flags, {
      cwd: this.#options.image.folder,
      stdio: 'pipe',
    });
  }

  async down(): Promise<Record<string, number | null>> {
    const codes: Record<string, number | null> = {};
    for (const [name, child] of this.#started.reverse()) {
      child.signal('SIGTERM');
      codes[name] = (await child.ended()).code;
    }
    await this.#postgres?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    return codes;
  }

  async #untilHealthy(name: string): Promise<void> {
    const deadline = performance.now() + graceMs;
    for (;;)
      try {
        return this.isHealthy(name);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(pollMs);
      }
  }

  /** Names of services and their ports, as they are here. */
  #here(text: string, own: string): string {
    return text
      .replaceAll('@postgres:5432', `@127.0.0.1:${this.#postgres?.port}`)
      .replaceAll(/\b(sidecar|api|collector|127\.0\.0\.1):(\d{4,5})\b/g, (all, host: string, port: string) => {
        const free = this.#ports.get(`${host === '127.0.0.1' ? own : host}:${port}`);
        return free === undefined ? all : `127.0.0.1:${free}`;
      });
  }

  #environmentOf(name: string, { image, environment }: ComposeService): Record<string, string> {
    const own = Object.entries(environment).map(([key, value]) => [key, this.#here(value, name)]);
    const ports = Object.entries(portVariables[name] ?? {}).map(([port, variable]) => [
      variable,
      String(this.#ports.get(`${name}:${port}`)),
    ]);
    return {
      ...(image.startsWith('command-center:') ? imageEnvironment(this.#options.image) : {}),
      ...Object.fromEntries(own),
      ...Object.fromEntries(ports),
    };
  }
}

/** Where the container's file would be read from. */
function mounted(word: string, { volumes }: ComposeService): string {
  return volumes.reduce((text, volume) => {
    const [source = '', target = ''] = volume.split(':');
    return source.startsWith('.') ? text.replace(target, resolve(join(root, composePath), '..', source)) : text;
  }, word);
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
