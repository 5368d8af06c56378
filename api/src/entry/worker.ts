import { AsyncLocalStorage } from 'node:async_hooks';
import { type Environment, SettingsError } from '@command-center/contract/settings/settings';
import postgres, { type Sql } from 'postgres';
import { createApp } from '../app.ts';
import { withPresence } from '../presence.ts';
import { refuse } from '../problems.ts';
import { type Assets, consoleAssets } from './assets.ts';
import { currentSql } from './currentSql.ts';
import { driverOptions } from './driver.ts';
import { exportStoreOf } from './exportStore.ts';
import { logLine, readRemoteSettings } from './remoteSettings.ts';
import { version } from './version.ts';

/** The bindings of infra/workers/wrangler.jsonc, and the settings as variables and secrets. */
interface Bindings {
  readonly HYPERDRIVE?: { readonly connectionString: string };
  /** The console's files. */
  readonly ASSETS?: Assets;
  readonly [name: string]: unknown;
}

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

/** One for the statements of a request, one for its audit row where the first still waits. */
const maxConnections = 2;

interface Application {
  readonly databaseUrl: string;
  fetch(request: Request): Response | Promise<Response>;
}

/** A connection belongs to the request that made it (Workers, "Connect to PostgreSQL"), the application to all requests of an isolate. */
const connectionsOfRequest = new AsyncLocalStorage<Sql>();
const built = new WeakMap<object, Application>();

export default {
  async fetch(request: Request, env: Bindings, context: Context): Promise<Response> {
    const app = built.get(env) ?? (await build(env));
    if (app === undefined)
      return refuse({ code: 'internal', detail: 'The settings of this Worker are refused; its log says which.' });
    const connections = connect(app.databaseUrl);
    const answer = await connectionsOfRequest.run(connections.sql, () => app.fetch(request));
    if (answer.body === null) {
      context.waitUntil(connections.end());
      return answer;
    }
    // A body may be written while it is read: the connections are let go of behind its last byte.
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const sent = answer.body.pipeTo(writable).catch(() => undefined);
    context.waitUntil(sent.then(() => connections.end()));
    const { status, statusText, headers } = answer;
    // What is compressed is so already: the runtime would do it once more.
    const init: ResponseInit & { readonly encodeBody: 'manual' } = {
      status,
      statusText,
      headers,
      encodeBody: 'manual',
    };
    return new Response(readable, init);
  },
};

/** Of the bucket for exports: a Worker has no role, so they are secrets of its own. */
function credentialsOf({ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }: Environment) {
  return accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey };
}

/** Requests that come meanwhile build one of their own, and the first stays: none waits for what belongs to another. */
async function build(env: Bindings): Promise<Application | undefined> {
  try {
    const variables = Object.fromEntries(
      Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
    const { settings, contract, databaseUrl } = await readRemoteSettings(
      variables,
      undefined,
      env.HYPERDRIVE?.connectionString,
    );
    const sql = currentSql(() => {
      const connections = connectionsOfRequest.getStore();
      if (connections === undefined) throw new Error('a statement outside of a request');
      return connections;
    });
    const consoleFile = env.ASSETS === undefined ? {} : { consoleFile: consoleAssets(env.ASSETS) };
    const app = createApp({
      ...{ sql, areRequestsApart: true, settings, contract, version, log: logLine },
      ...consoleFile,
      exportStore: exportStoreOf(settings, credentialsOf(variables)),
    });
    const application = { databaseUrl, fetch: (request: Request) => app.fetch(request) };
    const first = built.get(env) ?? application;
    built.set(env, first);
    return first;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    logLine({ level: 'error', event: 'settings_refused', message: error.message });
    return undefined;
  }
}

function connect(databaseUrl: string): { readonly sql: Sql; end(): Promise<void> } {
  // A connection lives as long as a request: a statement has no second time to be prepared for, and every pooler takes it unnamed.
  const options = { ...driverOptions, prepare: false, idle_timeout: 0 };
  const pool = postgres(databaseUrl, { ...options, max: maxConnections });
  // Most requests never suspect the database, and each would wait half a millisecond for the means to ask.
  let made: Sql | undefined;
  const probe = currentSql(() => {
    made ??= postgres(databaseUrl, { ...options, max: 1 });
    return made;
  });
  return {
    sql: withPresence(pool, { probe, isShared: false }),
    async end() {
      await Promise.all([pool.end({ timeout: 1 }), made?.end({ timeout: 0 })]).catch(() => undefined);
    },
  };
}
