import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readContract } from '@command-center/contract/contractFile/read';
import { readSettings, SettingsError } from '@command-center/contract/settings/settings';
import type { LiveUpstream } from './liveProxy.ts';
import { startApi } from './node.ts';

/** `npm run start:api`: the API and the console alone, beside a database that a sidecar or `npm run migrate` has prepared. */

/** The built console: of the sources, and beside the bundle. */
const webRoot = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../web/dist' : './web', import.meta.url),
);

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const contract = readContract(settings, { statSync, readFileSync });
  if (settings.databaseUrl === undefined) {
    throw new SettingsError([
      {
        variable: 'COMMAND_CENTER_DATABASE_URL',
        shown: '',
        allowed: 'must be set: the API alone starts no Postgres (npm start does)',
      },
    ]);
  }
  if (settings.adminToken === undefined && settings.oidcIssuer === undefined) {
    const allowed = 'must be set, or COMMAND_CENTER_ADMIN_TOKEN: nobody could come in (login links are of npm start)';
    throw new SettingsError([{ variable: 'COMMAND_CENTER_OIDC_ISSUER', shown: '', allowed }]);
  }
  const { host, port, databaseUrl, sidecarUrl } = settings;
  const live = sidecarUrl === undefined ? {} : { live: upstreamOf(new URL(sidecarUrl)) };
  const api = await startApi({ settings, contract, databaseUrl, host, port, webRoot, ...live });
  process.stdout.write(`${JSON.stringify({ event: 'ready', console: api.url })}\n`);
  const stop = (): void => {
    api.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function upstreamOf({ hostname, port }: URL): LiveUpstream {
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) };
}

/** One line for what an operator can mend. */
function startError(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return 'COMMAND_CENTER_PORT: the port is in use by another process; choose another, or 0 for any free one';
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  process.stderr.write(`${startError(error)}\n`);
  process.exit(1);
});
