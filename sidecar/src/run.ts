import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import { readContract } from '@command-center/contract/contractFile/read';
import { readSettings, SettingsError } from '@command-center/contract/settings/settings';
import { type Sidecar, startSidecar } from './main.ts';

/**
 * The sidecar as a process (`npm run start:sidecar`): settings from the environment, one line of JSON when it serves, SIGTERM or Ctrl-C ends it.
 * Under the all-in-one the end of the channel to its launcher ends it too.
 */

const noDatabase = {
  variable: 'COMMAND_CENTER_DATABASE_URL',
  shown: '',
  allowed: 'the standalone sidecar needs one; for the embedded Postgres use npm start',
};

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
  const settings = readSettings(process.env);
  const contract = readContract(settings, { statSync, readFileSync });
  const { databaseUrl } = settings;
  if (databaseUrl === undefined) throw new SettingsError([noDatabase]);
  sidecar = await startSidecar({ settings, contract, databaseUrl });
  const { grpc, http, own } = sidecar;
  const scheme = settings.otlpTlsCert === undefined ? 'http' : 'https';
  const otlp = { grpc: `${grpc.host}:${grpc.port}`, http: `${scheme}://${http.host}:${http.port}` };
  process.stdout.write(`${JSON.stringify({ event: 'ready', otlp, sidecar: `http://${own.host}:${own.port}` })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
