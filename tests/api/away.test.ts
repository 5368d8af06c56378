import { tmpdir } from 'node:os';
import { type RunningApi, startApi } from '@command-center/api/entry/node';
import { summary } from '@command-center/contract/api/summary';
import { readSettings } from '@command-center/contract/settings/settings';
import { type FreshDatabase, freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type UnreliableWay, unreliableWay } from '../unreliable.ts';
import { adminToken, base } from './stage.ts';

const headers = { Authorization: `Bearer ${adminToken}` };
const settings = readSettings({
  COMMAND_CENTER_ADMIN_TOKEN: adminToken,
  COMMAND_CENTER_SESSION_SECRET: 'a-secret-for-tests-of-at-least-32-characters',
});
/** Within which a database that is away must have been said to be (design §7). */
const refusalMs = 3_000;

let database: FreshDatabase;
let sql: Sql;
let way: UnreliableWay;
let api: RunningApi;
const logged: string[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  sql = postgres(database.url, { max: 2, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  way = await unreliableWay(database.url);
  api = await startApi({
    ...{ settings, databaseUrl: way.url, host: '127.0.0.1', port: 0, webRoot: tmpdir() },
    log: ({ event, message }) => logged.push(`${event} ${message}`),
  });
});
afterEach(async () => {
  await api.stop();
  await way.close();
  logged.length = 0;
});

const ask = async (path: string) => {
  const startedAt = performance.now();
  const answer = await fetch(`${api.url}${path}`, { headers });
  const body: unknown = await answer.json();
  return { status: answer.status, retry: answer.headers.get('retry-after'), body, ms: performance.now() - startedAt };
};

const outages = [
  { name: 'refuses connections', begin: () => way.refuse() },
  { name: 'falls silent', begin: () => way.swallow() },
];

describe.each(outages)('a database that $name', ({ begin }) => {
  test('is a 503 with a retry hint within 3 s, and the next request is fine once it is back', async () => {
    expect((await ask(`${base}/logs`)).status).toBe(200);
    await begin();
    for (let request = 0; request < 3; request++) {
      const { status, retry, body, ms } = await ask(`${base}/logs`);
      expect(body).toMatchObject({ status: 503, type: 'urn:command-center:problem:database_unavailable' });
      expect([status, retry]).toEqual([503, '5']);
      expect(ms).toBeLessThan(refusalMs);
    }
    await way.restore();
    expect((await ask(`${base}/logs`)).status).toBe(200);
  });

  test('that it does so before the first request is told alike, by every route that asks it', async () => {
    await begin();
    const paths = [`${base}/summary`, `${base}/logs`, `${base}/intake`, '/healthz'];
    for (const { status, ms } of await Promise.all(paths.map(ask))) {
      expect(status).toBe(503);
      expect(ms).toBeLessThan(refusalMs);
    }
    expect((await ask(`${base}/config`)).status).toBe(200);
  });

  test('twenty requests at once are refused in the same time', async () => {
    await begin();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(`${base}/logs`)));
    for (const { status, ms } of answers) {
      expect(status).toBe(503);
      expect(ms).toBeLessThan(refusalMs);
    }
  });

  test('leaves the last summary, marked stale, for those who may see it', async () => {
    const before = summary.parse((await ask(`${base}/summary`)).body);
    await begin();
    const { status, body, ms } = await ask(`${base}/summary`);
    expect(status).toBe(200);
    expect(ms).toBeLessThan(refusalMs);
    const remembered = summary.parse(body);
    expect(remembered).toMatchObject({ stale: true, written_at: before.written_at, verdict: { status: 'down' } });
    expect(remembered.verdict.reason).toContain('has not answered since');
    expect(Date.parse(remembered.now)).toBeGreaterThan(Date.parse(before.now));
    for (const sign of Object.values(remembered.vital_signs))
      expect(sign).toMatchObject({ value: null, unknown: true });
    const statusOf = (id: string) => remembered.services.find((service) => service.id === id)?.status;
    expect([statusOf('postgresql'), statusOf('http_api'), statusOf('otel_pipeline')]).toEqual([
      'down',
      'unknown',
      'unknown',
    ]);
    expect(logged.join()).toContain('database_unavailable');
    expect((await fetch(`${api.url}${base}/summary`)).status).toBe(401);
    await way.restore();
    const after = summary.parse((await ask(`${base}/summary`)).body);
    expect(after.verdict.reason).not.toContain('has not answered');
    expect(after.audit_failures).toBeGreaterThan(0);
  });
});

describe('a database that is there', () => {
  test('may take longer over one statement', async () => {
    const lock = await sql.reserve();
    try {
      await lock`BEGIN`;
      await lock`LOCK TABLE telemetry_intake IN ACCESS EXCLUSIVE MODE`;
      const slow = ask(`${base}/intake`);
      // Each another question: the same one would be asked once for all of them.
      const waiting = Array.from({ length: 12 }, (_, n) => ask(`${base}/intake?from=${Date.now() - (n + 1) * 60_000}`));
      // Longer than a database that is away is waited for.
      await expect.poll(() => lockedOut(), { timeout: 5_000 }).toBeGreaterThan(5);
      const since = performance.now();
      await expect.poll(() => performance.now() - since, { timeout: 8_000 }).toBeGreaterThan(refusalMs);
      await lock`ROLLBACK`;
      for (const answer of await Promise.all([slow, ...waiting])) expect(answer.status).toBe(200);
    } finally {
      lock.release();
    }
  });

  test('may have ended every connection that nobody used', async () => {
    expect(
      (await Promise.all(Array.from({ length: 8 }, () => ask(`${base}/logs`)))).map(({ status }) => status),
    ).toEqual(Array(8).fill(200));
    for (let round = 0; round < 5; round++) {
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'command-center-api'`;
      expect(await ask(`${base}/logs`)).toMatchObject({ status: 200 });
    }
  });

  test('loses no summary and no audit row over it', async () => {
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: 8 }, () => ask(`${base}/logs`)));
      await sql`TRUNCATE admin_audit_log`;
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'command-center-api'`;
      await ask(`${base}/summary`);
      expect(await sql`SELECT endpoint, count::integer FROM admin_audit_log`).toEqual([
        { endpoint: `${base}/summary`, count: 1 },
      ]);
    }
    // A summary that could not be read would be said to have been remembered.
    expect(logged).toEqual([]);
  });
});

const lockedOut = async (): Promise<number> =>
  (await sql`SELECT FROM pg_locks WHERE NOT granted AND relation = 'telemetry_intake'::regclass`).length;
