import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { bundleProgram } from '@command-center/infra/bundle/program';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { noRedis, startRedis } from '../processes/redis.ts';
import { s3Credentials, startS3 } from '../processes/s3.ts';
import { startSidecar } from '../processes/sidecar.ts';

describe('the sidecar as it is deployed: one folder, without node_modules', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'command-center-bundle-'));
    await bundleProgram(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('migrates an empty database, stores what it is sent, leads, and ends by SIGTERM', async () => {
    const database = await freshDatabase();
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
    await sql`DROP SCHEMA public CASCADE`;
    await sql`CREATE SCHEMA public`;
    const sidecar = await startSidecar(database.url, {}, join(folder, 'sidecar.mjs'));
    try {
      const leading = sidecar.untilPrinted(/"event":"leading"/);
      const logRecords = [
        { timeUnixNano: `${Date.now()}000000`, severityNumber: 17, body: { stringValue: 'disk is full' } },
      ];
      const answer = await fetch(`${sidecar.http}/v1/logs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
      });
      expect([answer.status, await answer.text()]).toEqual([200, '{}']);
      const stored = await sql`SELECT level, message FROM telemetry_log_events`;
      expect([...stored]).toEqual([{ level: 'ERROR', message: 'disk is full' }]);
      await leading;
      expect(await sidecar.stop()).toMatchObject({ code: 0, signal: null });
    } finally {
      if (sidecar.isAlive()) await sidecar.kill9();
      await sql.end();
      await database.drop();
    }
  });

  it('probes with the libraries that it brings', async ({ skip }) => {
    skip(noRedis !== undefined, noRedis);
    const database = await freshDatabase();
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
    const [redis, s3] = await Promise.all([startRedis({ password: 'word' }), startS3()]);
    const environment = {
      COMMAND_CENTER_PROBE_POSTGRES_URL: database.url,
      COMMAND_CENTER_PROBE_VALKEY_URL: `valkey://:word@127.0.0.1:${redis.port}`,
      COMMAND_CENTER_PROBE_S3_BUCKET: s3.bucket,
      COMMAND_CENTER_PROBE_S3_ENDPOINT: s3.endpoint,
      AWS_ACCESS_KEY_ID: s3Credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
    };
    const sidecar = await startSidecar(database.url, environment, join(folder, 'sidecar.mjs'));
    try {
      const written = () => sql`SELECT service_id, reason FROM telemetry_service_health WHERE status = 'healthy'`;
      const healthy = await eventually(written, (rows) => rows.length > 0);
      expect(new Set(healthy.map(({ service_id: id, reason }) => `${id}: ${reason}`))).toEqual(
        new Set(['postgresql: SELECT 1 answers', 'valkey: PING answers', 's3: HeadBucket answers']),
      );
    } finally {
      await sidecar.kill9();
      await Promise.all([redis.close(), s3.close(), sql.end()]);
      await database.drop();
    }
  });

  it('needs nothing but Node, and keeps names for stacks', async () => {
    const text = await readFile(join(folder, 'sidecar.mjs'), 'utf8');
    const imported = [...text.matchAll(/^import [^;]*?from "([^"]+)"/gm)].map(([, name = '']) => name);
    expect(imported.filter((name) => !name.startsWith('./') && !isBuiltin(name))).toEqual([]);
    expect(text).toContain('async function startSidecar(');
    expect(existsSync(join(folder, 'sidecar.mjs.map'))).toBe(true);
  });
});
