import type { Server } from 'node:http';
import type { Contract } from '@command-center/contract/contract';
import type { Settings } from '@command-center/contract/settings/settings';
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from '../app.ts';
import { createLoginLink } from '../auth/loginLink.ts';
import type { Deps, LogEntry } from '../deps.ts';
import { loadRoutes } from '../routes/table.ts';
import { connect } from './connections.ts';
import { exportStoreOf } from './exportStore.ts';
import { consoleFiles } from './files.ts';
import { gzip } from './gzip.ts';
import { type LiveUpstream, proxyLive } from './liveProxy.ts';
import { version } from './version.ts';

export { createLoginLink };

/** Connections of one API process: the console asks for a handful of things at a time. */
const maxConnections = 10;
const idleSeconds = 60;
/** Milliseconds a connection may lie unused: longer than a load balancer keeps its own (60 s), which else sends a request into one that has just ended. */
const keepAliveMs = 75_000;
/** Milliseconds that requests in flight get at the end; the whole process has 5 s (interfaces.md §5). */
const drainMs = 2_000;

export interface ApiOptions {
  readonly settings: Settings;
  readonly contract?: Contract;
  readonly databaseUrl: string;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** The folder of the built console. */
  readonly webRoot: string;
  /** Where collectors may send to, for the console's snippet. */
  readonly otlp?: Deps['otlp'];
  /** Where the live socket is served that this server hands browsers on to. */
  readonly live?: LiveUpstream;
  readonly log?: (entry: LogEntry) => void;
}

export interface RunningApi {
  /** Base address, without a slash at its end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the API and the console over HTTP. Rejects where the port cannot be had (`code` EADDRINUSE, EACCES). */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  await loadRoutes();
  const connections = connect(options.databaseUrl, maxConnections, idleSeconds);
  const app = createApp({
    sql: connections.sql,
    settings: options.settings,
    ...(options.contract === undefined ? {} : { contract: options.contract }),
    version,
    log: options.log ?? logLine,
    gzip,
    consoleFile: consoleFiles(options.webRoot),
    otlp: options.otlp,
    isLiveHere: options.live !== undefined,
    exportStore: exportStoreOf(options.settings),
  });
  // The adapter prints what a stream fails with, stack and all, on a log whose lines are JSON.
  const server = createAdaptorServer({
    serverOptions: { keepAliveTimeout: keepAliveMs },
    fetch: (request, { outgoing }) => app.fetch(request, { breakOff: () => void outgoing.destroy() }),
    hostname: options.host,
  }) as Server;
  const live = options.live && proxyLive(server, options.live);
  try {
    await listen(server, options.host, options.port);
  } catch (error) {
    await connections.end(0);
    throw error;
  }
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${portOf(server)}`,
    async stop() {
      live?.stop();
      await close(server);
      await connections.end(1);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the API listens on no port');
  return address.port;
}

/** Takes no new requests, lets those in flight end, and cuts those that do not. */
function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close((error) => {
      clearTimeout(cut);
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeIdleConnections();
  });
}

function logLine(entry: LogEntry): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), process: 'api', ...entry })}\n`);
}
