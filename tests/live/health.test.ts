import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type StoredSummary, storedSummary } from '@command-center/contract/api/summary';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../processes/api.ts';
import { noRedis, type Redis, startRedis } from '../processes/redis.ts';
import { type S3Server, s3Credentials, startS3 } from '../processes/s3.ts';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';
import { startTarget } from './targets.ts';

/** From a service's end to its transition: two probes 5 s apart, the last one's deadline, and a transaction. */
const TOLD_WITHIN_MS = 13_000;
/** A lease runs out in 6 s and is looked for every 2; then the new leader probes. */
const LED_WITHIN_MS = 15_000;
const PASSWORD = 'word-that-never-shows';

let s3: S3Server;
const http = createServer((_, response) => response.writeHead(204).end());
beforeAll(async () => {
  s3 = await startS3();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  http.close();
  await s3.close();
});

let redis: Redis;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let sql: Sql;
const sidecars: SidecarProcess[] = [];
beforeEach(async ({ skip }) => {
  skip(noRedis !== undefined, noRedis);
  redis = await startRedis({ password: PASSWORD });
  database = await freshDatabase();
  sql = postgres(database.url, { max: 3, onnotice: () => undefined });
});
afterEach(async () => {
  if (noRedis !== undefined) return;
  for (const sidecar of sidecars.splice(0)) {
    sidecar.signal('SIGCONT');
    if (sidecar.isAlive()) await sidecar.kill9();
  }
  await sql.end({ timeout: 1 });
  await database.drop();
  await redis.close();
});

async function watching(environment: Readonly<Record<string, string>> = {}): Promise<SidecarProcess> {
  const sidecar = await startSidecar(database.url, {
    COMMAND_CENTER_PROBE_HTTP_URL: `http://user:${PASSWORD}@127.0.0.1:${(http.address() as AddressInfo).port}/livez`,
    COMMAND_CENTER_PROBE_POSTGRES_URL: database.url,
    COMMAND_CENTER_PROBE_VALKEY_URL: `valkey://:${PASSWORD}@127.0.0.1:${redis.port}`,
    COMMAND_CENTER_PROBE_S3_BUCKET: s3.bucket,
    COMMAND_CENTER_PROBE_S3_ENDPOINT: s3.endpoint,
    COMMAND_CENTER_PROBE_S3_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3Credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
    ...environment,
  });
  sidecars.push(sidecar);
  return sidecar;
}

async function written(): Promise<{ writer: number; summary: StoredSummary } | undefined> {
  const [row] = await sql`SELECT writer, summary FROM telemetry_summary`;
  return row === undefined ? undefined : { writer: row.writer, summary: storedSummary.parse(row.summary) };
}

const statusOf = (id: string, summary: StoredSummary | undefined) => summary?.services.find((one) => one.id === id);
const transitions = () => sql`
  SELECT service_id, old_status, new_status, reason FROM telemetry_health_transitions ORDER BY ts`;

/** Milliseconds until so many transitions are written. */
async function untilTransitions(count: number): Promise<number> {
  const startedMs = performance.now();
  await eventually(transitions, (rows) => rows.length >= count, 2 * TOLD_WITHIN_MS);
  return performance.now() - startedMs;
}

const linesOf = (sidecar: SidecarProcess, event: string) =>
  sidecar
    .stderr()
    .split('\n')
    .filter((line) => line.includes(`"event":"${event}"`));

describe('a leading sidecar probes what it is told to (contract.md §6)', () => {
  test('a Valkey that stops and comes back is told in 13 s, also while upkeep waits', { timeout: 90_000 }, async () => {
    // A window to be moved, and nobody may: the first job of upkeep waits for 15 s.
    await sql`WITH series AS (INSERT INTO telemetry_metric_series (metric_name, labels) VALUES ('kaiku_guilds', '{}') RETURNING id)
      INSERT INTO telemetry_open_windows (ts, series_id, writer, value_last)
      SELECT date_trunc('minute', now()) - interval '30 minutes', id, 99, 1 FROM series`;
    const upkeep = await sql.reserve();
    await upkeep`BEGIN`;
    await upkeep`LOCK TABLE telemetry_open_windows IN EXCLUSIVE MODE`;
    const sidecar = await watching();
    const first = await eventually(written, (one) => one !== undefined);
    expect(first?.summary.services).toMatchObject([
      { id: 'http_api', status: 'degraded', reason: 'kaiku_http_requests_total was never reported' },
      { id: 'websocket_hub', status: 'unknown' },
      { id: 'voice_sfu', status: 'unknown' },
      { id: 'postgresql', status: 'healthy', reason: 'SELECT 1 answers' },
      { id: 'valkey', status: 'healthy', reason: 'PING answers' },
      { id: 's3', status: 'healthy', reason: 'HeadBucket answers' },
      { id: 'otel_pipeline', status: 'unknown' },
    ]);

    await redis.stop();
    expect(await untilTransitions(1)).toBeLessThan(TOLD_WITHIN_MS);
    expect(await sql`SELECT 1 FROM pg_locks WHERE NOT granted`).not.toHaveLength(0);
    const down = await written();
    expect(statusOf('valkey', down?.summary)).toMatchObject({ status: 'down', reason: 'connection refused' });
    expect(down?.summary.transitions).toMatchObject([{ service: 'valkey', new_status: 'down' }]);
    await redis.start();
    expect(await untilTransitions(2)).toBeLessThan(TOLD_WITHIN_MS);
    // One that is frozen takes the connection and says nothing.
    redis.signal('SIGSTOP');
    expect(await untilTransitions(3)).toBeLessThan(TOLD_WITHIN_MS);
    redis.signal('SIGCONT');
    expect(await untilTransitions(4)).toBeLessThan(TOLD_WITHIN_MS);
    expect((await transitions()).map(({ new_status, reason }) => [new_status, reason])).toEqual([
      ['down', 'connection refused'],
      ['healthy', 'PING answers'],
      ['down', 'no answer within 2 s'],
      ['healthy', 'PING answers'],
    ]);
    expect(linesOf(sidecar, 'probe fails')).toHaveLength(2);
    expect(linesOf(sidecar, 'probe answers again')).toHaveLength(2);
    expect(linesOf(sidecar, 'summarise failed')).toEqual([]);
    const shown = `${sidecar.stderr()}${JSON.stringify(await written())}${JSON.stringify(await transitions())}`;
    expect(shown).not.toContain(PASSWORD);
    await upkeep`ROLLBACK`;
    upkeep.release();
  });

  test('a leader that is frozen loses its lease and changes nothing once woken', { timeout: 90_000 }, async () => {
    const frozen = await watching();
    const before = await eventually(written, (one) => one !== undefined);
    const next = await watching();
    frozen.signal('SIGSTOP');
    await redis.stop();
    const after = await eventually(written, (one) => one?.writer !== before?.writer, LED_WITHIN_MS);
    // What stood stands, since when it stood: one finding of the new leader is not enough.
    expect(statusOf('valkey', after?.summary)).toEqual(statusOf('valkey', before?.summary));
    await untilTransitions(1);
    await redis.start();
    frozen.signal('SIGCONT');
    await untilTransitions(2);
    expect((await transitions()).map(({ new_status }) => new_status)).toEqual(['down', 'healthy']);
    expect((await written())?.writer).toBe(after?.writer);
    expect(linesOf(next, 'probe fails')).toHaveLength(1);
    expect(linesOf(frozen, 'probe fails')).toHaveLength(0);
  });

  test('what it probed before it was frozen is not written after it, also where nobody else leads', {
    timeout: 90_000,
  }, async () => {
    const asked = Promise.withResolvers<void>();
    const silent = await startTarget(() => asked.resolve());
    const sidecar = await watching({ COMMAND_CENTER_PROBE_HTTP_URL: `http://127.0.0.1:${silent.port}/` });
    await asked.promise;
    sidecar.signal('SIGSTOP');
    await eventually(
      () => sql`SELECT 1 FROM telemetry_leader WHERE until < now() - interval '3 seconds'`,
      (rows) => rows.length > 0,
    );
    sidecar.signal('SIGCONT');
    await sidecar.untilPrinted(/"event":"summarise failed","error":"[^"]*(older than a lease|no longer leads)/);
    expect(await written()).toBeUndefined();
    const next = await eventually(written, (one) => one !== undefined);
    expect(statusOf('http_api', next?.summary)).toMatchObject({ status: 'down', reason: 'no answer within 2 s' });
    await silent.close();
  });
});
