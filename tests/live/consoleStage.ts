import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createLoginLink, type RunningApi, startApi } from '@command-center/api/entry/node';
import { livePath } from '@command-center/contract/live';
import { readSettings } from '@command-center/contract/settings/settings';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import type { Browser, Page } from 'playwright-core';
import postgres, { type Sql } from 'postgres';
import { launch } from '../browser/chromium.ts';
import { freePorts } from '../processes/collector.ts';
import { type Redis, startRedis } from '../processes/redis.ts';
import { type S3Server, s3Credentials, startS3 } from '../processes/s3.ts';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';

const WEB_ROOT = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** A console in a real browser over a real API, sidecar, Valkey, S3 and HTTP service, each of which can be stopped and started. */
export interface ConsoleStage {
  readonly sql: Sql;
  readonly redis: Redis;
  readonly s3: S3Server;
  readonly http: Stoppable;
  readonly page: Page;
  /** What the page complained of. */
  readonly complaints: readonly string[];
  sidecar(): SidecarProcess;
  /** Another one, on the same ports. */
  startSidecar(): Promise<void>;
  close(): Promise<void>;
}

export interface Stoppable {
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** `settings`: beside or in place of its own; '' unsets one. */
export async function openConsoleStage(
  executable: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ConsoleStage> {
  const [own = 0, consolePort = 0, grpc = 0, otlp = 0] = await freePorts(4);
  const database = await freshDatabase();
  const sql = postgres(database.url, { max: 4, onnotice: () => undefined });
  const [redis, s3, http] = await Promise.all([startRedis(), startS3(), startHttp()]);
  const consoleUrl = `http://127.0.0.1:${consolePort}`;
  const environment = {
    COMMAND_CENTER_SIDECAR_PORT: String(own),
    COMMAND_CENTER_OTLP_GRPC_PORT: String(grpc),
    COMMAND_CENTER_OTLP_HTTP_PORT: String(otlp),
    COMMAND_CENTER_LIVE_URL: `ws://127.0.0.1:${own}${livePath}`,
    COMMAND_CENTER_ALLOWED_ORIGINS: consoleUrl,
    COMMAND_CENTER_PROBE_HTTP_URL: `http://127.0.0.1:${http.port}/livez`,
    COMMAND_CENTER_PROBE_VALKEY_URL: `redis://127.0.0.1:${redis.port}`,
    COMMAND_CENTER_PROBE_S3_BUCKET: s3.bucket,
    COMMAND_CENTER_PROBE_S3_ENDPOINT: s3.endpoint,
    COMMAND_CENTER_PROBE_S3_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3Credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
    ...settings,
  };
  let sidecar = await startSidecar(database.url, environment);
  const apiSettings = readSettings({ ...environment, COMMAND_CENTER_SESSION_SECRET: 'x'.repeat(32) });
  const api: RunningApi = await startApi({
    settings: apiSettings,
    databaseUrl: database.url,
    host: '127.0.0.1',
    port: consolePort,
    webRoot: WEB_ROOT,
  });
  const browser: Browser = await launch(executable);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(await createLoginLink(sql, api.url));
  await page.locator('[data-connection]').filter({ hasText: '● live' }).waitFor();
  return {
    sql,
    redis,
    s3,
    http,
    page,
    complaints,
    sidecar: () => sidecar,
    startSidecar: async () => {
      sidecar = await startSidecar(database.url, environment);
    },
    close: async () => {
      await browser.close();
      await api.stop();
      if (sidecar.isAlive()) await sidecar.stop();
      await Promise.all([redis.close(), s3.close(), http.stop()]);
      await sql.end();
      await database.drop();
    },
  };
}

/** An HTTP service whose probe answers, on one port. */
async function startHttp(): Promise<Stoppable & { readonly port: number }> {
  let server: Server | undefined;
  const start = async (port: number): Promise<number> => {
    const next = createServer((_, response) => response.writeHead(204).end());
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve));
    server = next;
    return (next.address() as AddressInfo).port;
  };
  const port = await start(0);
  return {
    port,
    start: async () => void (await start(port)),
    stop: async () => {
      const ending = server;
      server = undefined;
      if (ending === undefined) return;
      await new Promise<void>((resolve) => {
        ending.close(() => resolve());
        ending.closeAllConnections();
      });
    },
  };
}
