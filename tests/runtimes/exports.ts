import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportDocument, exportLink } from '@command-center/contract/api/exports';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres from 'postgres';
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays } from '../api/seed.ts';
import { adminToken, base } from '../api/stage.ts';
import { type RunningRuntime, runtimeSettings, type StartRuntime } from './behaviours.ts';

const bucket = 'exports-of-runtimes';
/** Two parts of an upload, and a rest. */
const rows = 5_000;
/** s3rver knows these alone. */
export const bucketCredentials = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

/** A store with the bucket, and a database with logs to export. */
async function openStore() {
  const database = await freshDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  const now = Date.now();
  await seedDays(sql, now - 86_400_000, now);
  await sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
    SELECT gen_random_uuid(), now() - n * interval '1 ms', 'WARN', 'bulk', 'other', 'bulk', repeat('0123456789abcdef', 128) FROM generate_series(1, ${rows}::integer) AS n`;
  await sql.end();
  const folder = await mkdtemp(join(tmpdir(), 'command-center-s3-'));
  const configureBuckets = [{ name: bucket, configs: [] }];
  const s3 = new S3rver({ address: '127.0.0.1', port: 0, directory: folder, silent: true, configureBuckets });
  const { port } = await s3.run();
  return {
    databaseUrl: database.url,
    settings: { ...runtimeSettings, COMMAND_CENTER_EXPORT_ENDPOINT: `http://127.0.0.1:${port}` },
    async close() {
      await s3.close();
      await rm(folder, { recursive: true });
      await database.drop();
    },
  };
}

/** How exports get into a bucket wherever the API runs. `credentials`: as this runtime finds them. */
export function putsExports(start: StartRuntime, credentials: Readonly<Record<string, string>>): void {
  describe('exports into a bucket', () => {
    let store: Awaited<ReturnType<typeof openStore>>;
    let runtime: RunningRuntime;
    const into = (name: string) =>
      start(store.databaseUrl, { ...store.settings, ...credentials, COMMAND_CENTER_EXPORT_BUCKET: name });
    const post = (to: RunningRuntime, query: string) =>
      fetch(`${to.url}${base}/export?${query}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${adminToken}` },
      });
    beforeAll(async () => {
      store = await openStore();
      runtime = await into(bucket);
    });
    afterAll(async () => {
      await runtime.stop();
      await store.close();
    });

    test.each([
      ['in one request', 'search=nowhere', 0],
      ['in parts', 'service=bulk', rows],
    ])(
      '%s',
      async (_how, filter, expected) => {
        const answer = await post(runtime, `type=logs&format=json&range=1h&${filter}`);
        expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
        const link = exportLink.parse(await answer.json());
        expect(link).toMatchObject({ rows: expected, truncated: false });
        const stored = await fetch(link.url);
        expect(stored.headers.get('content-disposition')).toMatch(/^attachment; filename="command-center-logs-/);
        expect(exportDocument.parse(await stored.json()).rows).toHaveLength(expected);
      },
      30_000,
    );

    test('two at once', async () => {
      const answers = await Promise.all([1, 2].map(() => post(runtime, 'type=logs&format=csv&range=1h')));
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    }, 30_000);

    test('a bucket that is not there is a refusal with its word for it', async () => {
      const wrong = await into('another-bucket');
      try {
        const answer = await post(wrong, 'type=logs&format=csv&range=1h&search=nowhere');
        const detail = expect.stringContaining('NoSuchBucket');
        expect([answer.status, await answer.json()]).toMatchObject([424, { detail }]);
      } finally {
        await wrong.stop();
      }
    });
  });
}
