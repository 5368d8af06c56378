import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLoginLink, type RunningApi, startApi } from '@command-center/api/entry/node';
import { readSettings } from '@command-center/contract/settings/settings';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminToken, base } from './stage.ts';

const settings = readSettings({
  COMMAND_CENTER_ADMIN_TOKEN: adminToken,
  COMMAND_CENTER_SESSION_SECRET: 'a-secret-for-tests-of-at-least-32-characters',
});
const otlp = { grpc: '127.0.0.1:4317', http: 'http://127.0.0.1:4318' };
const bearer = { Authorization: `Bearer ${adminToken}` };

let database: { readonly url: string; drop(): Promise<void> };
let sql: Sql;
let webRoot: string;
let api: RunningApi;

function start(options: Partial<Parameters<typeof startApi>[0]> = {}): Promise<RunningApi> {
  return startApi({
    settings,
    databaseUrl: database.url,
    host: '127.0.0.1',
    port: 0,
    webRoot,
    otlp,
    log: () => {},
    ...options,
  });
}

beforeAll(async () => {
  database = await freshDatabase();
  sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  webRoot = await mkdtemp(join(tmpdir(), 'command-center-web-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>console</title>');
  await writeFile(join(webRoot, 'assets', 'index-abc123.js'), 'export {};');
  await writeFile(join(webRoot, '.env'), 'SECRET=1');
  api = await start();
});

afterAll(async () => {
  await api.stop();
  await sql.end();
  await database.drop();
  await rm(webRoot, { recursive: true });
});

describe('the console is served beside the API', () => {
  test.each(['/', '/command-center', '/command-center/logs?range=7d', '/command-center/'])(
    '%s is the page',
    async (path) => {
      const answer = await fetch(`${api.url}${path}`);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('<title>console</title>');
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
    },
  );

  test('a hashed asset may be kept for ever', async () => {
    const answer = await fetch(`${api.url}/assets/index-abc123.js`);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('the page is sent again only when it changed', async () => {
    const etag = (await fetch(api.url)).headers.get('etag') ?? '';
    expect((await fetch(api.url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });

  test.each([
    '/assets/none.js',
    '/.env',
    '/assets',
    '/unknown',
    '/api/unknown',
    '/%2e%2e/package.json',
    '/assets/..%2f..%2fetc/passwd',
    '/%00',
    '/%',
  ])('%s is not found', async (path) => {
    expect((await fetch(`${api.url}${path}`)).status).toBe(404);
  });

  test('a path outside the folder is not reached by a raw request either', async () => {
    expect(await rawStatus(api.url, `GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 40[04]/,
    );
  });

  test('only for reading', async () => {
    const answer = await fetch(`${api.url}/command-center`, { method: 'POST' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('a console that is not built is said in words', async () => {
    const other = await start({ webRoot: join(webRoot, 'missing') });
    try {
      const answer = await fetch(other.url);
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain('npm run build');
    } finally {
      await other.stop();
    }
  });
});

describe('over HTTP', () => {
  test('a login link leads to a session', async () => {
    const link = new URL(await createLoginLink(sql, api.url));
    expect((await fetch(link)).status).toBe(200);
    const token = new URLSearchParams(link.hash.slice(1)).get('token');
    const headers = { 'Content-Type': 'application/json', Origin: api.url };
    const login = await fetch(`${api.url}/login`, { method: 'POST', headers, body: JSON.stringify({ token }) });
    expect(login.status).toBe(204);
    const cookie = login.headers.get('set-cookie') ?? '';
    expect(cookie).not.toContain('Secure');
    expect((await fetch(`${api.url}${base}/summary`, { headers: { Cookie: cookie.split(';')[0] ?? '' } })).status).toBe(
      200,
    );
  });

  test('/config carries the OTLP addresses it was given', async () => {
    const answer = await fetch(`${api.url}${base}/config`, { headers: bearer });
    expect(await answer.json()).toMatchObject({ otlp, live_url: null, thresholds: expect.any(Array) });
  });

  test('a connection is kept for longer than a load balancer keeps its own, which would meet one that ends', async () => {
    const answer = await fetch(`${api.url}${base}/config`, { headers: bearer });
    expect(answer.headers.get('keep-alive')).toBe('timeout=75');
  });

  test('HEAD has the headers and no body', async () => {
    const answer = await fetch(`${api.url}${base}/config`, { method: 'HEAD', headers: bearer });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
  });
});

describe('a database that is away', () => {
  test('is a 503 that says so, with a retry hint, and a login cannot pass it', async () => {
    const logged: string[] = [];
    const away = await start({
      databaseUrl: 'postgres://nobody:secret@127.0.0.1:1/none',
      log: ({ event, message }) => logged.push(`${event} ${message}`),
    });
    try {
      for (const path of [`${base}/summary`, `${base}/trends?metric=kaiku_http_requests_total`, '/healthz']) {
        const answer = await fetch(`${away.url}${path}`, { headers: bearer });
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toBe('5');
        const body = await answer.text();
        expect(body).toContain('ECONNREFUSED');
        expect(body).not.toContain('secret');
      }
      expect((await fetch(`${away.url}${base}/config`, { headers: bearer })).status).toBe(200);
      expect(logged.join()).not.toContain('secret');
    } finally {
      await away.stop();
    }
  });

  test('a table that is missing is a 500 without internals', async () => {
    await sql`ALTER TABLE telemetry_summary RENAME TO telemetry_summary_away`;
    try {
      const answer = await fetch(`${api.url}${base}/summary`, { headers: bearer });
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toContain('telemetry_summary');
    } finally {
      await sql`ALTER TABLE telemetry_summary_away RENAME TO telemetry_summary`;
    }
  });

  test('a statement that hangs is stopped by its own timeout', async () => {
    const slow = await sql.reserve();
    try {
      await slow`BEGIN`;
      await slow`LOCK TABLE admin_audit_log IN ACCESS EXCLUSIVE MODE`;
      // The view waits for its audit row no longer than 2 s, and is answered.
      const before = performance.now();
      expect((await fetch(`${api.url}${base}/config`, { headers: bearer })).status).toBe(200);
      expect(performance.now() - before).toBeLessThan(5_000);
    } finally {
      await slow`ROLLBACK`;
      slow.release();
    }
  });
});

describe('starting and stopping', () => {
  test('a port in use is an error with its code', async () => {
    await expect(start({ port: Number(new URL(api.url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('stop closes the door at once, also for connections kept alive', async () => {
    const other = await start();
    await fetch(`${other.url}/healthz`);
    const before = performance.now();
    await other.stop();
    expect(performance.now() - before).toBeLessThan(2_000);
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
  });
});

/** The status line that a request gets which `fetch` would have tidied up. */
function rawStatus(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('end', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.on('error', reject);
  });
}
