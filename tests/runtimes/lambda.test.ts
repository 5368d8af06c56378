import process from 'node:process';
import { type FreshDatabase, freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminToken, base } from '../api/stage.ts';
import { behavesLikeTheApi, runtimeSettings, type StartRuntime } from './behaviours.ts';
import { bundlePath } from './bundles.ts';
import { bucketCredentials, putsExports } from './exports.ts';
import { startLambda } from './lambda.ts';

const bundle = bundlePath('lambda');

describe('on AWS Lambda', () => {
  const start: StartRuntime = (databaseUrl, settings) =>
    startLambda(bundle, { ...settings, COMMAND_CENTER_DATABASE_URL: databaseUrl });
  behavesLikeTheApi(start);
  putsExports(start, bucketCredentials);
});

describe('a sandbox', () => {
  let database: FreshDatabase;
  let sql: Sql;
  beforeAll(async () => {
    database = await freshDatabase();
    sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });
  const settings = () => ({ ...runtimeSettings, COMMAND_CENTER_DATABASE_URL: database.url });
  const endConnections = () =>
    sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'command-center-api'`;

  test('whose connections died while it was frozen answers the next request', async () => {
    const sandbox = await startLambda(bundle, settings());
    const ask = () => fetch(`${sandbox.url}${base}/logs`, { headers: { Authorization: `Bearer ${adminToken}` } });
    try {
      expect((await ask()).status).toBe(200);
      await endConnections();
      expect((await ask()).status).toBe(200);
      process.kill(sandbox.pid, 'SIGSTOP');
      await endConnections();
      // Sent to a process that stands still: it finds the request and the end of its connections at once.
      const answer = ask();
      process.kill(sandbox.pid, 'SIGCONT');
      expect((await answer).status).toBe(200);
      const [row] =
        await sql`SELECT count(*)::integer AS count FROM admin_audit_log WHERE endpoint = ${`${base}/logs`}`;
      expect(row?.count).toBeGreaterThan(0);
    } finally {
      await sandbox.stop();
    }
  });

  test('holds at most four connections', async () => {
    const sandbox = await startLambda(bundle, settings());
    try {
      const headers = { Authorization: `Bearer ${adminToken}` };
      await Promise.all(Array.from({ length: 10 }, () => fetch(`${sandbox.url}${base}/intake`, { headers })));
      const rows = await sql`SELECT FROM pg_stat_activity WHERE application_name = 'command-center-api'`;
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.length).toBeLessThanOrEqual(4);
    } finally {
      await sandbox.stop();
    }
  });

  test.each([
    ['COMMAND_CENTER_DATABASE_URL', { COMMAND_CENTER_DATABASE_URL: '' }],
    ['COMMAND_CENTER_SESSION_SECRET', { COMMAND_CENTER_SESSION_SECRET: '' }],
    ['COMMAND_CENTER_ADMIN_TOKEN', { COMMAND_CENTER_ADMIN_TOKEN: 'too-short-to-be-one' }],
  ])('does not start without a good %s, and its log names it', async (variable, change) => {
    const start = startLambda(bundle, { ...settings(), ...change });
    await expect(start).rejects.toThrow(new RegExp(`"event":"settings_refused","message":"${variable}`));
    await expect(start).rejects.not.toThrow(/too-short-to-be-one/);
  });
});
