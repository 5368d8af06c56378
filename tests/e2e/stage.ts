import { fileURLToPath } from 'node:url';
import { startApi } from '@command-center/api/entry/node';
import { readSettings } from '@command-center/contract/settings/settings';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { type Api, api } from '../processes/api.ts';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';

const ADMIN_TOKEN = 'a-token-for-tests-of-at-least-32-characters';
const WEB_ROOT = fileURLToPath(new URL('../../web/dist/', import.meta.url));

/** A sidecar process and an API over a database of their own. */
export interface Stage {
  readonly sidecar: SidecarProcess;
  readonly databaseUrl: string;
  readonly api: Api;
  close(): Promise<void>;
}

/** `environment`: settings of the sidecar beside its database and ports. */
export async function openStage(environment: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const database = await freshDatabase();
  const sidecar = await startSidecar(database.url, environment);
  const server = await startApi({
    settings: readSettings({
      COMMAND_CENTER_ADMIN_TOKEN: ADMIN_TOKEN,
      COMMAND_CENTER_SESSION_SECRET: 'a-secret-for-tests-of-at-least-32-characters',
    }),
    databaseUrl: database.url,
    host: '127.0.0.1',
    port: 0,
    webRoot: WEB_ROOT,
    log: () => undefined,
  });
  return {
    sidecar,
    databaseUrl: database.url,
    api: api(server.url, ADMIN_TOKEN),
    close: async () => {
      await sidecar.stop();
      await server.stop();
      await database.drop();
    },
  };
}
