import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { LogEntry } from '@command-center/api/deps';
import { type RunningApi, startApi } from '@command-center/api/entry/node';
import { exportDocument } from '@command-center/contract/api/exports';
import { readSettings } from '@command-center/contract/settings/settings';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { seedDays } from './seed.ts';
import { adminToken, base, openStage, type Stage } from './stage.ts';

/** Rows of 2 KiB: together more than all buffers between Postgres and a client that does not read. */
const ROWS = 10_000;
const POLL_MS = 10;
const now = Date.now();
const logged: LogEntry[] = [];
let stage: Stage;
let api: RunningApi;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 86_400_000, now);
  await stage.sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
    SELECT gen_random_uuid(), now() - n * interval '1 second', 'WARN', 'orders', 'other', 'bulk', repeat('0123456789abcdef', 128)
    FROM generate_series(1, ${ROWS}::int) AS n`;
  await stage.sql`ANALYZE telemetry_log_events`;
  const settings = readSettings({ COMMAND_CENTER_ADMIN_TOKEN: adminToken, COMMAND_CENTER_SESSION_SECRET: adminToken });
  api = await startApi({
    settings,
    databaseUrl: stage.databaseUrl,
    host: '127.0.0.1',
    port: 0,
    webRoot: '/nowhere',
    log: (entry) => logged.push(entry),
  });
});
afterEach(() => {
  logged.length = 0;
});
afterAll(async () => {
  await api.stop();
  await stage.close();
});

function request(query = 'type=logs&format=json&range=24h') {
  const headers = { Authorization: `Bearer ${adminToken}` };
  return get(`${api.url}${base}/export?${query}`, { headers, agent: false }).on('error', () => undefined);
}

/** An export whose head is there, and of which nothing is read. */
async function begun(query?: string): Promise<IncomingMessage> {
  const [response] = await once(request(query), 'response');
  return response.pause().on('error', () => undefined);
}

/** What comes until the end; `isWhole` is false for a download that broke. */
async function bodyOf(response: IncomingMessage): Promise<{ text: string; isWhole: boolean }> {
  const parts: Buffer[] = [];
  const closed = new Promise<void>((resolve) => void response.once('close', resolve));
  response.on('data', (part: Buffer) => parts.push(part)).resume();
  await closed;
  return { text: Buffer.concat(parts).toString(), isWhole: response.complete };
}

/** Statements of the API that are going on. */
async function active(): Promise<{ query: string; wait: string | null }[]> {
  return [
    ...(await stage.sql<{ query: string; wait: string | null }[]>`
      SELECT query, wait_event_type AS wait FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'command-center-api' AND state <> 'idle'`),
  ];
}

async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so within ${withinMs} ms`);
    await pause(POLL_MS);
  }
}

/** While `work` goes on, nobody reads a log record. */
async function locked(work: () => Promise<void>): Promise<void> {
  await stage.sql.begin(async (tx) => {
    await tx`LOCK TABLE telemetry_log_events IN ACCESS EXCLUSIVE MODE`;
    await work();
  });
}

const isWaiting = async (): Promise<boolean> => (await active()).some(({ wait }) => wait === 'Lock');
const isIdle = async (): Promise<boolean> => (await active()).length === 0;

describe('an export is streamed', () => {
  test('the first byte is out before the last row is read, and a slow client holds nothing in Postgres', async () => {
    const response = await begun();
    expect(response.statusCode).toBe(200);
    expect(response.headers['transfer-encoding']).toBe('chunked');
    // The client reads no further, so neither does the API: no statement, no transaction, no lock.
    await until(isIdle, 5_000);
    let body: ReturnType<typeof bodyOf> | undefined;
    await locked(async () => {
      body = bodyOf(response);
      await until(isWaiting, 5_000);
      expect(response.complete).toBe(false);
    });
    const { text, isWhole } = (await body) ?? { text: '', isWhole: false };
    expect(isWhole).toBe(true);
    expect(exportDocument.parse(JSON.parse(text)).rows).toHaveLength(ROWS);
  });

  test('a failure in the middle breaks the download, and is logged', async () => {
    const printed = vi.spyOn(console, 'error');
    const response = await begun();
    await until(isIdle, 5_000);
    let body: ReturnType<typeof bodyOf> | undefined;
    await locked(async () => {
      body = bodyOf(response);
      await until(isWaiting, 5_000);
      await stage.sql`SELECT pg_cancel_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'command-center-api' AND wait_event_type = 'Lock'`;
      await body;
    });
    const { text, isWhole } = (await body) ?? { text: '', isWhole: true };
    expect(isWhole).toBe(false);
    expect(text.length).toBeGreaterThan(0);
    expect(() => JSON.parse(text)).toThrow();
    expect(logged).toMatchObject([{ event: 'export_broken', fields: { type: 'logs', code: 'deadline_exceeded' } }]);
    // Beside the log, whose lines are JSON, nothing.
    expect(printed).not.toHaveBeenCalled();
    expect((await bodyOf(await begun())).isWhole).toBe(true);
  });
});

describe('a client that goes away ends what was read for it', () => {
  test('before the first byte, while the rows are looked for', async () => {
    await locked(async () => {
      const early = request();
      await until(isWaiting, 5_000);
      early.destroy();
      await until(isIdle, 1_000);
    });
    expect(logged).toEqual([]);
    await until(async () => (await stage.sql`SELECT 1 FROM admin_audit_log WHERE status = 499`).length === 1, 5_000);
  });

  test('in the middle', async () => {
    const response = await begun();
    await until(isIdle, 5_000);
    await locked(async () => {
      response.resume();
      await until(isWaiting, 5_000);
      response.destroy();
      await until(isIdle, 1_000);
    });
    expect(logged).toEqual([]);
  });

  test('at any of 50 moments, and the process lives and has room', { timeout: 120_000 }, async () => {
    const startedAt = performance.now();
    await bodyOf(await begun());
    const wholeMs = performance.now() - startedAt;
    for (let moment = 0; moment < 50; moment += 1) {
      const one = request(`type=logs&format=${moment % 2 === 0 ? 'csv' : 'json'}&range=24h`);
      one.on('response', (response) => response.on('error', () => undefined).resume());
      const left = new Promise<void>((resolve) => void one.once('close', resolve));
      // At each moment of an export's life; that is what is tried, so no event is waited for.
      setTimeout(() => one.destroy(), (moment / 50) * wholeMs * 1.2);
      await left;
    }
    await until(isIdle, 1_000);
    expect((await bodyOf(await begun())).isWhole).toBe(true);
    expect(logged).toEqual([]);
  });
});

describe('four exports go on at one time', () => {
  test('a fifth is told to wait, the lists are not, and an end makes room', async () => {
    const held = await Promise.all([begun(), begun(), begun(), begun()]);
    expect(held.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
    const fifth = await begun();
    expect([fifth.statusCode, fifth.headers['retry-after']]).toEqual([429, '5']);
    expect(JSON.parse((await bodyOf(fifth)).text)).toMatchObject({
      type: 'urn:command-center:problem:too_many_requests',
    });
    const list = await fetch(`${api.url}${base}/logs`, { headers: { Authorization: `Bearer ${adminToken}` } });
    expect(list.status).toBe(200);
    held[0]?.destroy();
    await until(async () => {
      const again = await begun();
      again.destroy();
      return again.statusCode === 200;
    }, 2_000);
    for (const response of held) response.destroy();
  });

  test('those that are refused, and HEAD, take no place', async () => {
    for (let n = 0; n < 5; n += 1) {
      expect((await begun('type=metrics&format=csv&metric=nothing')).statusCode).toBe(400);
      const headers = { Authorization: `Bearer ${adminToken}` };
      const url = `${api.url}${base}/export?type=logs&format=csv`;
      expect((await fetch(url, { method: 'HEAD', headers })).status).toBe(200);
    }
  });
});
