import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '@command-center/api/app';
import type { ExportStore } from '@command-center/api/export/store';
import { createS3Store } from '@command-center/api/s3/store';
import { exportDocument, exportLink } from '@command-center/contract/api/exports';
import { readSettings } from '@command-center/contract/settings/settings';
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays, seedLogs } from './seed.ts';
import { adminToken, base, openStage, origin, type Stage } from './stage.ts';

const now = Date.now();
const bucket = 'exports-of-tests';
const region = 'us-east-1';
/** s3rver knows these alone. */
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const hour = 3_600_000;

let stage: Stage;
let folder: string;
let s3: S3rver;
let endpoint: string;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 86_400_000, now);
  await seedLogs(stage.sql, [{ ts: new Date(now - 60_000).toISOString(), message: 'found in the bucket' }]);
  // Two hours ago: 10 MiB, three parts.
  await stage.sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
    SELECT gen_random_uuid(), ${new Date(now - 2 * hour)}::timestamptz - n * interval '1 ms', 'WARN', 'bulk', 'other', 'bulk', repeat('0123456789abcdef', 128)
    FROM generate_series(1, 5000) AS n`;
  folder = await mkdtemp(join(tmpdir(), 'command-center-s3-'));
  s3 = new S3rver({
    address: '127.0.0.1',
    port: 0,
    directory: folder,
    silent: true,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const { port } = await s3.run();
  endpoint = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
  await stage.close();
});

/** An API whose exports go to a store. */
function withStore(exportStore: ExportStore) {
  const settings = readSettings({ COMMAND_CENTER_ADMIN_TOKEN: adminToken, COMMAND_CENTER_SESSION_SECRET: adminToken });
  return createApp({
    sql: stage.sql,
    settings,
    version: '0.0.0-test',
    now: () => now,
    exportStore: async () => exportStore,
  });
}

function post(app: ReturnType<typeof withStore>, query: string, init: RequestInit = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${adminToken}`, ...init.headers };
  return Promise.resolve(app.request(`${origin}${base}/export?${query}`, { method: 'POST', ...init, headers }));
}

const toS3 = (options: Partial<Parameters<typeof createS3Store>[0]> = {}): ReturnType<typeof withStore> =>
  withStore(createS3Store({ bucket, endpoint, region, credentials, ...options }));

/** A store that answers as it is told, and what it was asked. */
async function fakeStore(answer: RequestListener) {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => answer(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('POST puts the file into the bucket and answers a link to it', () => {
  test.each([
    ['small: in one request', 'range=1h', 1],
    ['larger than a part: in three', `from=${now - 3 * hour}&to=${now - hour}`, 5000],
    ['empty', 'search=nowhere&range=1h', 0],
  ])('%s', { timeout: 60_000 }, async (_name, query, rows) => {
    for (const format of ['json', 'csv']) {
      const asked = `type=logs&format=${format}&${query}`;
      const answer = await post(toS3(), asked);
      expect(answer.status).toBe(200);
      const link = exportLink.parse(await answer.json());
      expect(link).toMatchObject({ rows, truncated: false, expires_at: new Date(now + hour).toISOString() });
      const stored = await fetch(link.url);
      expect(stored.status).toBe(200);
      const text = await stored.text();
      expect(text).toBe(await (await stage.ask(`${base}/export?${asked}`)).text());
      if (format === 'json') expect(exportDocument.parse(JSON.parse(text)).rows).toHaveLength(rows);
      expect(stored.headers.get('content-disposition')).toMatch(/^attachment; filename="command-center-logs-/);
    }
  });

  test('the link says nothing of what was asked for, and is another every time', async () => {
    const query = 'type=logs&format=csv&service=orders&search=bucket';
    const links = await Promise.all([1, 2].map(async () => exportLink.parse(await (await post(toS3(), query)).json())));
    const [first, second] = links.map(({ url }) => new URL(url));
    expect(first?.pathname).toMatch(new RegExp(`^/${bucket}/exports/[\\w-]{32}\\.csv$`));
    expect(first?.pathname).not.toBe(second?.pathname);
    expect(first?.href).not.toMatch(/orders|search/);
    expect(first?.searchParams.get('X-Amz-Expires')).toBe('3600');
  });

  test('another site cannot make a browser do it', async () => {
    const headers = { Origin: 'https://elsewhere.test' };
    expect((await post(toS3(), 'type=logs&format=csv', { headers })).status).toBe(403);
  });

  test('a bad parameter is refused before anything is put', async () => {
    const before = await readdir(join(folder, bucket), { recursive: true });
    const answer = await post(toS3(), 'type=logs&format=csv&status=error');
    expect([answer.status, await answer.json()]).toMatchObject([400, { parameter: 'status' }]);
    expect(await readdir(join(folder, bucket), { recursive: true })).toEqual(before);
  });
});

describe('a store that does not take it is a problem within bounds', () => {
  const query = 'type=logs&format=csv&range=1h';
  const large = `type=logs&format=csv&from=${now - 3 * hour}&to=${now - hour}`;

  test('no such bucket: 424', async () => {
    const answer = await post(toS3({ bucket: 'another-bucket' }), query);
    expect([answer.status, await answer.json()]).toMatchObject([
      424,
      { type: 'urn:command-center:problem:export_bucket_refused', detail: expect.stringContaining('NoSuchBucket') },
    ]);
  });

  test('away: 503, and when to try again', async () => {
    const gone = await fakeStore(() => undefined);
    await gone.close();
    const answer = await post(toS3({ endpoint: gone.endpoint }), query);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.json()).toMatchObject({ type: 'urn:command-center:problem:export_bucket_unavailable' });
  });

  test('denied in the middle: 424, and what was begun is taken back', { timeout: 60_000 }, async () => {
    const store = await fakeStore(({ method, url = '' }, response) => {
      if (method === 'POST' && url.includes('uploads'))
        response.end('<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>');
      else if (method === 'DELETE') response.writeHead(204).end();
      else response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    });
    try {
      const answer = await post(toS3({ endpoint: store.endpoint }), large);
      expect([answer.status, await answer.json()]).toMatchObject([
        424,
        { detail: expect.stringContaining('AccessDenied') },
      ]);
      expect(store.asked.map((line) => line.split(' ')[0])).toEqual(['POST', 'PUT', 'DELETE']);
      expect(store.asked.at(-1)).toContain('uploadId=u1');
    } finally {
      await store.close();
    }
  });

  test('a client that goes away in the middle: taken back as well', { timeout: 60_000 }, async () => {
    const left = new AbortController();
    const store = await fakeStore(({ method, url = '' }, response) => {
      if (method === 'POST' && url.includes('uploads'))
        response.end('<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>');
      else if (method === 'DELETE') response.writeHead(204).end();
      else left.abort();
    });
    try {
      expect((await post(toS3({ endpoint: store.endpoint }), large, { signal: left.signal })).status).toBe(499);
      expect(store.asked.at(-1)).toMatch(/^DELETE .*uploadId=u1/);
    } finally {
      await store.close();
    }
  });

  test('after all of these there is room for exports', async () => {
    const app = toS3({ bucket: 'another-bucket' });
    for (let n = 0; n < 5; n += 1) expect((await post(app, query)).status).toBe(424);
  });
});
