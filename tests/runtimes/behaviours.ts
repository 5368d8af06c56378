import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createApp } from '@command-center/api/app';
import { createLoginLink } from '@command-center/api/auth/loginLink';
import { exportDocument } from '@command-center/contract/api/exports';
import { logs } from '@command-center/contract/api/lists';
import { summary } from '@command-center/contract/api/summary';
import { trends } from '@command-center/contract/api/trends';
import { readSettings } from '@command-center/contract/settings/settings';
import { type FreshDatabase, freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seedDays, seedLogs, seedSeries } from '../api/seed.ts';
import { adminToken, base } from '../api/stage.ts';
import { type UnreliableWay, unreliableWay } from '../unreliable.ts';
import { refusesInTime } from './outages.ts';

export interface RunningRuntime {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the API on a runtime, with these settings beside the database's. */
export type StartRuntime = (databaseUrl: string, settings: Readonly<Record<string, string>>) => Promise<RunningRuntime>;

const consoleOrigin = 'https://console.example.com';
export const runtimeSettings = {
  COMMAND_CENTER_ADMIN_TOKEN: adminToken,
  COMMAND_CENTER_SESSION_SECRET: 'a-secret-for-tests-of-at-least-32-characters',
  COMMAND_CENTER_ALLOWED_ORIGINS: consoleOrigin,
};
const bearer = { Authorization: `Bearer ${adminToken}` };
/** Not what was answered to whoever asked the same before. */
const anew = { ...bearer, 'Cache-Control': 'no-cache' };
const minuteMs = 60_000;
const series = 40;
const minutes = 1_400;
/** Of a service of their own. */
const exportedLogs = 1_200;
/** Some megabytes. */
const largePath = `${base}/trends?metric=kaiku_http_requests_total&by=service.name&range=24h`;

/** What the API does wherever it runs (design §2): the same list for every runtime. */
export function behavesLikeTheApi(start: StartRuntime): void {
  let database: FreshDatabase;
  let sql: Sql;
  beforeAll(async () => {
    database = await freshDatabase();
    sql = postgres(database.url, { max: 2, onnotice: () => undefined });
    await seed(sql);
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  describe('a database that is there', () => {
    let runtime: RunningRuntime;
    beforeAll(async () => {
      runtime = await start(database.url, runtimeSettings);
    });
    afterAll(() => runtime.stop());
    const call = (path: string, init: RequestInit = {}) => fetch(`${runtime.url}${path}`, init);
    const ask = (path: string) => call(path, { headers: bearer });

    answersViews(ask);
    answersPlainly(ask, call);
    answersPeople(call, () => sql);
    answersMany(ask, () => runtime.url);
  });

  describe('a database that is away', () => {
    let way: UnreliableWay;
    let runtime: RunningRuntime;
    beforeEach(async () => {
      way = await unreliableWay(database.url);
      runtime = await start(way.url, runtimeSettings);
    });
    afterEach(async () => {
      await runtime.stop();
      await way.close();
    });
    refusesInTime(
      () => way,
      (path) => fetch(`${runtime.url}${path}`, { headers: anew }),
    );

    test('a connection that is lost in the middle of a statement is a 503', async () => {
      const ask = () => fetch(`${runtime.url}${base}/intake`, { headers: anew });
      expect((await ask()).status).toBe(200);
      const asked = await sql.begin(async (tx) => {
        await tx`LOCK TABLE telemetry_intake IN ACCESS EXCLUSIVE MODE`;
        const answer = ask();
        const waiting = async () => (await tx`SELECT FROM pg_locks WHERE NOT granted`).length;
        await expect.poll(waiting, { timeout: 5_000 }).toBeGreaterThan(0);
        await way.refuse();
        return { answer };
      });
      expect((await asked.answer).status).toBe(503);
      await way.restore();
      expect((await ask()).status).toBe(200);
    });
  });
}

async function seed(sql: Sql): Promise<void> {
  const now = Date.now();
  await seedDays(sql, now - 2 * 24 * 60 * minuteMs, now);
  for (let each = 0; each < series; each += 1)
    await seedSeries(sql, 'kaiku_http_requests_total', { 'service.name': `service-${each}` });
  await sql`INSERT INTO telemetry_metric_samples (ts, series_id, writer, value_sum)
    SELECT date_trunc('minute', now()) - n * interval '1 minute', id, 1, n FROM telemetry_metric_series, generate_series(1, ${minutes}::integer) AS n`;
  await sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
    SELECT gen_random_uuid(), now() - n * interval '1 second', 'WARN', 'exported', 'other', 'bulk', 'row ' || n FROM generate_series(1, ${exportedLogs}::integer) AS n`;
  const at = (minute: number) => new Date(now - minute * minuteMs).toISOString();
  await seedLogs(
    sql,
    [1, 2, 3, 4, 5].map((minute) => ({ ts: at(minute), event: `event_${minute}`, message: 'Grüße — 你好' })),
  );
}

type Ask = (path: string) => Promise<Response>;
type Call = (path: string, init?: RequestInit) => Promise<Response>;

async function problemOf(answer: Response): Promise<{ code: string; parameter?: string }> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const { type, parameter } = (await answer.json()) as { type: string; parameter?: string };
  return { code: type.slice(type.lastIndexOf(':') + 1), ...(parameter === undefined ? {} : { parameter }) };
}

function answersViews(ask: Ask): void {
  test('the summary', async () => {
    const answer = await ask(`${base}/summary`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(summary.parse(await answer.json()).verdict.status).toBe('unknown');
  });

  test('a trend of several metrics: a parameter given more than once arrives whole', async () => {
    const path = `${base}/trends?metric=kaiku_http_requests_total&metric=kaiku_http_errors_total&where=service.name:service-3&range=1h`;
    const { series: found } = trends.parse(await (await ask(path)).json());
    expect(found.map(({ metric_name }) => metric_name)).toEqual([
      'kaiku_http_requests_total',
      'kaiku_http_errors_total',
    ]);
    expect(found[0]?.points.length).toBeGreaterThan(50);
  });

  test('pages of logs, with text beyond ASCII both ways', async () => {
    const path = `${base}/logs?limit=3&search=${encodeURIComponent('— 你好')}`;
    const first = logs.parse(await (await ask(path)).json());
    const second = logs.parse(await (await ask(`${path}&cursor=${first.next_cursor}`)).json());
    const events = [...first.items, ...second.items].map((item) => ('event' in item ? item.event : ''));
    expect(events).toEqual(['event_1', 'event_2', 'event_3', 'event_4', 'event_5']);
    expect(second.next_cursor).toBeNull();
  });

  test('an export of several pages is whole', async () => {
    const query = 'type=logs&format=json&range=24h&service=exported';
    const answer = await ask(`${base}/export?${query}`);
    expect([answer.status, answer.headers.get('x-command-center-truncated')]).toEqual([200, 'false']);
    expect(exportDocument.parse(await answer.json()).rows).toHaveLength(exportedLogs);
  });
}

function answersPlainly(ask: Ask, call: Call): void {
  test('a bad parameter is a problem that names it', async () => {
    const answer = await ask(`${base}/logs?limit=0`);
    expect(answer.status).toBe(400);
    expect(await problemOf(answer)).toEqual({ code: 'invalid_parameter', parameter: 'limit' });
  });

  test('no identity, a path that is none, a method that is not served', async () => {
    const stranger = await call(`${base}/summary`);
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="command-center"']);
    expect((await ask(`${base}/nothing`)).status).toBe(404);
    expect((await call('/api/%E4%BD%A0%3F%23/x')).status).toBe(404);
    const wrong = await call(`${base}/logs`, { method: 'DELETE', headers: { ...bearer, Origin: consoleOrigin } });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await problemOf(wrong)).toEqual({ code: 'method_not_allowed' });
  });

  test('HEAD has the head of GET and no body', async () => {
    const answer = await call(`${base}/config`, { method: 'HEAD', headers: bearer });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await answer.text()).toBe('');
  });

  test('gzip for who takes it, once', async () => {
    for (const encoding of ['gzip', 'identity']) {
      const answer = await call(largePath, { headers: { ...bearer, 'Accept-Encoding': encoding } });
      expect(answer.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
      expect(trends.parse(await answer.json()).series).toHaveLength(series);
    }
  });

  test('the document of the API, whole: no bundle loses the name of a schema', async () => {
    const here = createApp({ sql: postgres({ max: 1 }), settings: readSettings(runtimeSettings), version: '' });
    const ofCore = (await (await here.request('/openapi.json')).json()) as { paths: object; components: object };
    const { paths, components } = (await (await call('/openapi.json')).json()) as typeof ofCore;
    expect({ paths, components }).toEqual({ paths: ofCore.paths, components: ofCore.components });
  });

  test('whether it is well', async () => {
    expect(await (await call('/healthz')).json()).toMatchObject({ status: 'ok' });
  });
}

function answersPeople(call: Call, sql: () => Sql): void {
  test('a login link opens a session once, and logging out ends it', async () => {
    const link = new URL(await createLoginLink(sql(), 'http://127.0.0.1'));
    const token = new URLSearchParams(link.hash.slice(1)).get('token') ?? '';
    const logIn = () =>
      call('/login', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Origin: consoleOrigin },
        body: JSON.stringify({ token }),
      });
    const opened = await logIn();
    expect(opened.status).toBe(204);
    const [cookie = ''] = opened.headers.getSetCookie();
    expect(cookie).toMatch(/^command_center_session=[\w-]+; Max-Age=28800; Path=\/; HttpOnly;.*SameSite=Strict/);
    expect((await logIn()).status).toBe(401);
    const headers = { Cookie: `other=1; ${cookie.split(';')[0]}; last=2` };
    expect((await call(`${base}/config`, { headers })).status).toBe(200);
    const closed = await call('/logout', { method: 'POST', headers: { ...headers, Origin: consoleOrigin } });
    expect(closed.status).toBe(204);
    expect(closed.headers.getSetCookie()[0]).toContain('Max-Age=0');
  });

  test('a body that is not text is refused', async () => {
    const headers = { 'Content-Type': 'application/octet-stream', Origin: consoleOrigin };
    const answer = await call('/login', { method: 'POST', headers, body: new Uint8Array([0, 255, 1]) });
    expect([400, 415]).toContain(answer.status);
  });

  test('a preflight of an allowed origin', async () => {
    const headers = { Origin: consoleOrigin, 'Access-Control-Request-Method': 'GET' };
    const answer = await call(`${base}/config`, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(consoleOrigin);
  });
}

function answersMany(ask: Ask, url: () => string): void {
  test('twenty requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, each) => ask(`${base}/logs?limit=${each + 1}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const counts = await Promise.all(answers.map(async (answer) => logs.parse(await answer.json()).items.length));
    expect(counts).toEqual(Array.from({ length: 20 }, (_, each) => each + 1));
  });

  test('a client that goes away in the middle of a large answer takes nothing with it', async () => {
    for (let round = 0; round < 3; round += 1) {
      const request = get(`${url()}${largePath}`, { headers: bearer });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await once(response, 'data');
      response.on('error', () => undefined);
      request.destroy();
    }
    const answer = await ask(largePath);
    expect(trends.parse(await answer.json()).series).toHaveLength(series);
  });
}
