import { createApp } from '@command-center/api/app';
import type { LogEntry } from '@command-center/api/deps';
import { type Contract, defaultContract } from '@command-center/contract/contract';
import { readSettings } from '@command-center/contract/settings/settings';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';

export const adminToken = 'a-token-for-tests-of-at-least-32-characters';
export const sessionSecret = 'a-secret-for-tests-of-at-least-32-characters';
export const origin = 'http://console.test';
export const base = '/api/admin/observability';

/** An API over a database of its own, with a clock that stands still unless the test moves it. */
export interface Stage {
  readonly app: ReturnType<typeof createApp>;
  readonly sql: Sql;
  readonly databaseUrl: string;
  readonly logged: LogEntry[];
  /** A request without identity. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** A GET with the admin token. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The body of an answer that must be 200. */
  read(path: string): Promise<unknown>;
  close(): Promise<void>;
}

/** `environment`: settings beside the token and the secret. `sharedUrl`: the database of another stage, which drops it. `heldAnswerMs`: as in Deps. */
export async function openStage(
  now: number | (() => number),
  environment: Readonly<Record<string, string>> = {},
  contract: Contract = defaultContract,
  sharedUrl?: string,
  heldAnswerMs = 0,
): Promise<Stage> {
  const clock = typeof now === 'number' ? () => now : now;
  const database = sharedUrl === undefined ? await freshDatabase() : { url: sharedUrl, drop: async () => undefined };
  const sql = postgres(database.url, { max: 8, fetch_types: false, onnotice: () => undefined });
  // The database is older than the history that a test puts into it, and its leader has done nothing yet.
  const start = new Date(clock() - 31 * 86_400_000);
  await sql`UPDATE telemetry_rollup_progress SET next_hour = ${start}, next_packed_hour = ${start}, next_merged_hour = ${start}`;
  const logged: LogEntry[] = [];
  const settings = readSettings({
    COMMAND_CENTER_ADMIN_TOKEN: adminToken,
    COMMAND_CENTER_SESSION_SECRET: sessionSecret,
    ...environment,
  });
  const app = createApp({
    sql,
    settings,
    contract,
    version: '0.0.0-test',
    now: clock,
    // A test that changes something sees it at once.
    heldAnswerMs,
    log: (entry) => logged.push(entry),
  });
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => app.request(`${origin}${path}`, init);
  const ask = (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('Authorization', `Bearer ${adminToken}`);
    return call(path, { ...init, headers });
  };
  return {
    app,
    sql,
    databaseUrl: database.url,
    logged,
    call,
    ask,
    async read(path) {
      const answer = await ask(path);
      const body: unknown = await answer.json();
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(body)}`);
      return body;
    },
    async close() {
      await sql.end();
      await database.drop();
    },
  };
}
