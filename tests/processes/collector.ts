import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { placesOf } from '../collector/programs.ts';
import { type Child, type Ended, startProgram } from './child.ts';

const CONFIGURATIONS = fileURLToPath(new URL('../../infra/collector/', import.meta.url));
const READY = /Everything is ready/;
const FIRST_PORT = 16_000;
const LAST_PORT = 32_000;

export interface CollectorOptions {
  readonly program?: 'otelcol' | 'otelcol-lb';
  /** A file of infra/collector, as an operator starts it. */
  readonly file: 'gateway.yaml' | 'agent.yaml' | 'load-balancing.yaml' | 'ecs.yaml';
  /** A file of infra/collector over it. */
  readonly over?: 'tls.yaml' | 'kubernetes.yaml';
  /** What the test sets otherwise, as `exporters::otlp_grpc::timeout: 1s`. */
  readonly changes?: readonly string[];
  readonly flags?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface CollectorProcess {
  /** `127.0.0.1:4317` */
  readonly grpc: string;
  /** `http://127.0.0.1:4318` */
  readonly http: string;
  readonly pid: number;
  isAlive(): boolean;
  /** What it has logged until now. */
  log(): string;
  untilLogged(pattern: RegExp): Promise<RegExpExecArray>;
  /** SIGTERM: what is in a memory queue gets one try, what is on disk stays there. */
  stop(): Promise<Ended>;
  /** SIGKILL. */
  kill9(): Promise<Ended>;
  /** Another process with the same settings, ports and folder, after an end. */
  again(): Promise<CollectorProcess>;
  /** Ends what runs and removes the folder. */
  close(): Promise<void>;
}

/** A collector with a folder of its own, on free ports, once it says that it is ready. @throws with its log where it does not start. */
export async function startCollector(options: CollectorOptions): Promise<CollectorProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'command-center-collector-'));
  const [grpcPort, httpPort, healthPort] = await freePorts(3);
  const grpc = `127.0.0.1:${grpcPort}`;
  const http = `127.0.0.1:${httpPort}`;
  const room = options.file === 'agent.yaml' ? 'AGENT' : 'GATEWAY';
  const own = {
    [`${room}_GRPC`]: grpc,
    [`${room}_HTTP`]: http,
    [`${room}_HEALTH`]: `127.0.0.1:${healthPort}`,
    [`${room}_STORAGE`]: join(folder, 'storage'),
    // As ecs.yaml has them, apart.
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_GRPC_PORT: String(grpcPort),
    GATEWAY_HTTP_PORT: String(httpPort),
    GATEWAY_HEALTH_PORT: String(healthPort),
    ...(options.file === 'ecs.yaml'
      ? { COLLECTOR_CONFIG: await readFile(join(CONFIGURATIONS, options.file), 'utf8') }
      : {}),
    ...options.environment,
  };
  // A task of ECS gets the text of its file in a variable.
  const isInVariable = options.file === 'ecs.yaml';
  const path = join(CONFIGURATIONS, options.file);
  const configs = [
    isInVariable ? 'env:COLLECTOR_CONFIG' : path,
    ...(options.over === undefined ? [] : [join(CONFIGURATIONS, options.over)]),
    ...(options.changes ?? []).map((change) => `yaml:${change}`),
  ];
  const flags = [...configs.flatMap((config) => ['--config', config]), ...(options.flags ?? [])];
  const running = new Set<Child>();

  const start = async (): Promise<CollectorProcess> => {
    const { child, handle } = startProgram(placesOf(options.program ?? 'otelcol').binary, flags, own);
    handle.stdout?.resume();
    running.add(child);
    const end = async (signal: NodeJS.Signals): Promise<Ended> => {
      child.signal(signal);
      const ended = await child.ended();
      running.delete(child);
      return ended;
    };
    const collector: CollectorProcess = {
      grpc,
      http: `http://${http}`,
      pid: child.pid,
      isAlive: () => running.has(child),
      log: () => child.stderr(),
      untilLogged: (pattern) => child.untilPrinted(pattern),
      stop: () => end('SIGTERM'),
      kill9: () => end('SIGKILL'),
      again: start,
      close: async () => {
        for (const each of running) each.signal('SIGKILL');
        await Promise.all([...running].map((each) => each.ended()));
        running.clear();
        await rm(folder, { recursive: true, force: true });
      },
    };
    await child.untilPrinted(READY).catch(async (error: unknown) => {
      await collector.close();
      throw error;
    });
    return collector;
  };
  return start();
}

/**
 * Ports that nothing listens on now; for programs that cannot say which they were given. Below those that the system gives to outgoing connections,
 * one of which might take it while a process starts again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
