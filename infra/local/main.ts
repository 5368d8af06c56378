import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { createLoginLink, startApi } from '@command-center/api/entry/node';
import { readContract } from '@command-center/contract/contractFile/read';
import { readSettings, type Settings } from '@command-center/contract/settings/settings';
import { connect } from '@command-center/drizzle/connect';
import { migrate } from '@command-center/drizzle/migrate';
import { lockDataFolder, sessionSecretOf } from './dataFolder.ts';
import { webRoot } from './places.ts';
import { chooseOtlpPorts, PortTakenError } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { type OtlpAddresses, startSidecarProcess } from './sidecarProcess.ts';

/** The all-in-one (`npm start`): Postgres, sidecar, API and console in one process tree. Started in this order, stopped in the other. */

/** Everything ends within 5 s (interfaces.md §5): the sidecar's batch gets most of it. */
const SIDECAR_GRACE_MS = 3_500;

type Stop = () => Promise<void>;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function start(settings: Settings, stops: Stop[]): Promise<void> {
  const contract = readContract(settings, { statSync, readFileSync });
  const ports = await chooseOtlpPorts(settings);
  const dataDir = resolve(settings.dataDir);
  stops.push(await lockDataFolder(dataDir));
  const databaseUrl = settings.databaseUrl ?? (await startDatabase(dataDir, stops));
  await migrate(databaseUrl).catch((error: unknown) => {
    throw settings.databaseUrl === undefined ? error : new Error(`COMMAND_CENTER_DATABASE_URL: ${messageOf(error)}`);
  });
  if (ports.notice !== undefined) say(ports.notice);
  const sidecar = await startSidecarProcess({
    environment: {
      ...process.env,
      COMMAND_CENTER_DATABASE_URL: databaseUrl,
      COMMAND_CENTER_OTLP_GRPC_PORT: String(ports.grpc),
      COMMAND_CENTER_OTLP_HTTP_PORT: String(ports.http),
      // Any free one, so that a second all-in-one or a standalone sidecar on this host is not in the way.
      COMMAND_CENTER_SIDECAR_PORT: String(settings.given.has('sidecarPort') ? settings.sidecarPort : 0),
    },
    onNotice: say,
  });
  stops.push(() => sidecar.stop(SIDECAR_GRACE_MS));
  const sessionSecret = settings.sessionSecret ?? (await sessionSecretOf(dataDir));
  const { host, port } = settings;
  const api = await startApi({
    settings: { ...settings, sessionSecret },
    contract,
    databaseUrl,
    host,
    port,
    webRoot,
    otlp: sidecar.otlp,
    live: { host: hostOf(sidecar.own), port: Number(new URL(sidecar.own).port) },
  }).catch((error: unknown) => {
    throw isTaken(error) ? new PortTakenError('COMMAND_CENTER_PORT', port) : error;
  });
  stops.push(() => api.stop());
  say(`The sidecar's health and metrics: ${sidecar.own}/readyz, ${sidecar.own}/metrics`);
  await announce(databaseUrl, api.url, sidecar.otlp);
}

async function startDatabase(dataDir: string, stops: Stop[]): Promise<string> {
  const database = await startPostgres({ dataDir });
  stops.push(() => database.stop());
  database.ended.then((sentence) => {
    if (isStopping) return;
    say(`${sentence}; see ${dataDir}`);
    void stopAll(1);
  });
  return database.url;
}

async function announce(databaseUrl: string, consoleUrl: string, otlp: OtlpAddresses): Promise<void> {
  const sql = connect(databaseUrl, { name: 'command-center-login', max: 1 });
  try {
    say(`\nLog in (works once, for 15 minutes):\n  ${await createLoginLink(sql, consoleUrl)}\n`);
  } finally {
    await sql.end();
  }
  say(`Point a collector here:\n${snippet(otlp)}`);
  process.stdout.write(`${JSON.stringify({ event: 'ready', console: consoleUrl, otlp })}\n`);
}

function snippet({ grpc }: OtlpAddresses): string {
  return `  exporters:
    otlp_grpc/command_center:
      endpoint: ${grpc}
      tls: { insecure: true }
  # and \`otlp_grpc/command_center\` among the exporters of your metrics, logs and traces pipelines
`;
}

/** Without the brackets that an IPv6 address has in a URL. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

const stops: Stop[] = [];
let isStopping = false;

async function stopAll(exitCode: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  for (const stop of stops.reverse()) await stop().catch((error: unknown) => say(String(error)));
  process.exit(exitCode);
}

process.on('SIGINT', () => void stopAll(0));
process.on('SIGTERM', () => void stopAll(0));
try {
  await start(readSettings(process.env), stops);
} catch (error) {
  // Expected ones say all in a sentence; the stack of any other is for us.
  say(messageOf(error));
  await stopAll(1);
}
