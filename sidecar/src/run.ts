import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import { readContract } from '@command-center/contract/contractFile/read';
import { readSettings, type Settings, SettingsError } from '@command-center/contract/settings/settings';
import { type Sidecar, startSidecar } from './main.ts';

/**
 * The sidecar as a process (`npm run start:sidecar`, bundled): settings from the environment, one line of JSON when it serves, SIGTERM or Ctrl-C ends it.
 * Under the all-in-one the end of the channel to its launcher ends it too.
 */

const noDatabase = {
  variable: 'COMMAND_CENTER_DATABASE_URL',
  shown: '',
  allowed: 'the standalone sidecar needs one; for the embedded Postgres use npm start',
};

function authority({ host, port }: Sidecar['own']): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A port that is taken is named by its variable. */
function wordsOf(error: unknown, settings: Settings | undefined): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error && error.code === 'EADDRINUSE' && 'port' in error) || settings === undefined)
    return error.message;
  const { otlpGrpcPort, otlpHttpPort } = settings;
  const doors = new Map([
    [otlpGrpcPort, 'COMMAND_CENTER_OTLP_GRPC_PORT'],
    [otlpHttpPort, 'COMMAND_CENTER_OTLP_HTTP_PORT'],
  ]);
  const variable = doors.get(Number(error.port)) ?? 'COMMAND_CENTER_SIDECAR_PORT';
  return `${variable}: port ${error.port} is taken; end what listens there, or set another one (0 = any free one)`;
}

let settings: Settings | undefined;
let sidecar: Sidecar | undefined;
let _stopping: Promise<void> | undefined;

function stop(): void {
  _stopping ??= (sidecar?.stop() ?? Promise.resolve()).then(
    () => process.exit(0),
    () => process.exit(1),
  );
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);
try {
  settings = readSettings(process.env);
  const contract = readContract(settings, { statSync, readFileSync });
  const { databaseUrl } = settings;
  if (databaseUrl === undefined) throw new SettingsError([noDatabase]);
  sidecar = await startSidecar({ settings, contract, databaseUrl });
  const scheme = settings.otlpTlsCert === undefined ? 'http' : 'https';
  const otlp = { grpc: authority(sidecar.grpc), http: `${scheme}://${authority(sidecar.http)}` };
  process.stdout.write(`${JSON.stringify({ event: 'ready', otlp, sidecar: `http://${authority(sidecar.own)}` })}\n`);
} catch (error) {
  process.stderr.write(`${wordsOf(error, settings)}\n`);
  process.exit(1);
}
