import process from 'node:process';
import { readSettings, SettingsError } from '@command-center/contract/settings/settings';
import { migrate } from '@command-center/drizzle/migrate';
import { startSidecar } from './main.ts';

/** The standalone sidecar (`npm run start:sidecar`): settings from the environment, one line of JSON when it serves, SIGTERM or Ctrl-C ends it. */

try {
  const settings = readSettings(process.env);
  const { databaseUrl } = settings;
  if (databaseUrl === undefined)
    throw new SettingsError([
      {
        variable: 'COMMAND_CENTER_DATABASE_URL',
        shown: '',
        allowed: 'the standalone sidecar needs one; for the embedded Postgres use npm start',
      },
    ]);
  await migrate(databaseUrl);
  const sidecar = await startSidecar({ settings, databaseUrl });
  const stop = (): void => {
    sidecar.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const { grpc, http } = sidecar;
  process.stdout.write(
    `${JSON.stringify({ event: 'ready', otlp: { grpc: `${grpc.host}:${grpc.port}`, http: `http://${http.host}:${http.port}` } })}\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
