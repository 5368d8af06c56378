import { createApp } from '@command-center/api/app';
import { liveTicket } from '@command-center/contract/api/live';
import { readSettings } from '@command-center/contract/settings/settings';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';

export const adminToken = 'a-token-for-tests-of-at-least-32-characters';
const base = '/api/admin/observability';

/** Sidecars over one database, and an API that gives tickets. */
export interface Stage {
  readonly sql: Sql;
  readonly databaseUrl: string;
  readonly sidecars: readonly SidecarProcess[];
  /** The first of them. */
  readonly sidecar: SidecarProcess;
  /** A request of the API; with the admin token unless `headers` say otherwise. */
  call(path: string, init?: RequestInit): Promise<Response>;
  ticket(): Promise<string>;
  /** Sends log records through the OTLP door of the first sidecar, one message each. */
  sendErrors(messages: readonly string[], options?: { readonly event?: string; readonly atMs?: number }): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(environment: Readonly<Record<string, string>> = {}, count = 1): Promise<Stage> {
  const database = await freshDatabase();
  const sql = postgres(database.url, { max: 4, onnotice: () => undefined });
  const sidecars = await Promise.all(Array.from({ length: count }, () => startSidecar(database.url, environment)));
  const [sidecar] = sidecars;
  if (sidecar === undefined) throw new Error('a stage has a sidecar');
  const settings = readSettings({ COMMAND_CENTER_ADMIN_TOKEN: adminToken, ...environment });
  const app = createApp({ sql, settings, version: '0.0.0-test', heldAnswerMs: 0 });
  const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
    app.request(`http://console.test${base}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${adminToken}`, ...init.headers },
    });
  return {
    sql,
    databaseUrl: database.url,
    sidecars,
    sidecar,
    call,
    ticket: async () => liveTicket.parse(await (await call('/live/ticket', { method: 'POST' })).json()).ticket,
    sendErrors: (messages, options) => sendErrors(sidecar.http, messages, options),
    close: async () => {
      await Promise.all(sidecars.filter((each) => each.isAlive()).map((each) => each.stop()));
      await sql.end();
      await database.drop();
    },
  };
}

/** ERROR records of service `checkout`, a millisecond apart, the last one at `atMs`. @throws unless they are acknowledged. */
export async function sendErrors(
  http: string,
  messages: readonly string[],
  { event = 'payment.failed', atMs = Date.now() }: { readonly event?: string; readonly atMs?: number } = {},
): Promise<void> {
  const logRecords = messages.map((message, index) => ({
    timeUnixNano: `${BigInt(atMs - (messages.length - 1 - index)) * 1_000_000n + BigInt(index)}`,
    severityNumber: 17,
    eventName: event,
    body: { stringValue: message },
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] };
  const body = { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'checkout' }, logRecords }] }] };
  const answer = await fetch(`${http}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status !== 200 || text !== '{}') throw new Error(`/v1/logs answered ${answer.status}: ${text}`);
}
