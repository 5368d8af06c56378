import { call, healthRequest, oneResource, paths } from '@command-center/sidecar/receive/testing/grpcClient';
import { status } from '@grpc/grpc-js';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSidecar } from '../processes/sidecar.ts';
import { emptyDatabase, holdCommits, takeDatabaseAway } from './database.ts';
import { exchange } from './http.ts';
import { logsOf } from './requests.ts';
import { storedRows } from './rows.ts';
import { accepted, send } from './send.ts';
import { openStage, type Stage } from './stage.ts';

/** HealthCheckResponse.ServingStatus (health.proto). */
const [SERVING, NOT_SERVING, SERVICE_UNKNOWN] = [1, 2, 3] as const;
const services = ['metrics.v1.MetricsService', 'logs.v1.LogsService', 'trace.v1.TraceService'].map(
  (name) => `opentelemetry.proto.collector.${name}`,
);
const profiles = 'opentelemetry.proto.collector.profiles.v1development.ProfilesService';
const everything = ['', ...services];

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

async function check({ client }: Stage, service: string): Promise<{ code: number; serving: number | undefined }> {
  const { code, bytes } = await call(client, '/grpc.health.v1.Health/Check', healthRequest(service));
  return { code, serving: bytes?.[1] };
}

interface Watching {
  readonly seen: readonly number[];
  readonly ended: Promise<void>;
  cancel(): void;
}

function watch({ client }: Stage, service: string): Watching {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const stream = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', asIs, asIs, healthRequest(service));
  const seen: number[] = [];
  stream.on('data', (bytes: Buffer) => seen.push(bytes[1] ?? 0)).on('error', () => undefined);
  const ended = new Promise<void>((resolve) => stream.on('end', resolve));
  return { seen, ended, cancel: () => stream.cancel() };
}

const get = async (url: string, path: string): Promise<number> => (await exchange(url, { method: 'GET', path })).status;
const becomes = { timeout: 15_000 };

describe('grpc.health.v1 Check', () => {
  it.each(everything)('"%s" is SERVING', async (service) => {
    expect(await check(stage, service)).toEqual({ code: status.OK, serving: SERVING });
  });

  it.each([profiles, 'other', 'opentelemetry.proto.collector.logs.v1.logsservice'])(
    '"%s" is NOT_FOUND',
    async (service) => {
      expect((await check(stage, service)).code).toBe(status.NOT_FOUND);
    },
  );

  it('what is no HealthCheckRequest is INVALID_ARGUMENT', async () => {
    const { code } = await call(stage.client, '/grpc.health.v1.Health/Check', Buffer.from([0x0a, 0x7f]));
    expect(code).toBe(status.INVALID_ARGUMENT);
  });
});

describe('the own port', () => {
  it('/healthz and /readyz are 200 while all is well', async () => {
    expect([await get(stage.own, '/healthz'), await get(stage.own, '/readyz')]).toEqual([200, 200]);
  });

  it('they are not paths of the OTLP door', async () => {
    expect([await get(stage.http, '/healthz'), await get(stage.http, '/readyz')]).toEqual([404, 404]);
  });
});

describe('while the database is away', () => {
  it('it is alive and not ready, watchers hear of it, and of the recovery', async () => {
    const watchers = everything.map((service) => watch(stage, service));
    const stranger = watch(stage, profiles);
    for (const { seen } of watchers) await expect.poll(() => seen, becomes).toEqual([SERVING]);

    const bringBack = await takeDatabaseAway(stage);
    for (const { seen } of watchers) await expect.poll(() => seen, becomes).toEqual([SERVING, NOT_SERVING]);
    for (const service of everything) expect((await check(stage, service)).serving).toBe(NOT_SERVING);
    expect([await get(stage.own, '/healthz'), await get(stage.own, '/readyz')]).toEqual([200, 503]);

    await bringBack();
    for (const { seen } of watchers) await expect.poll(() => seen, becomes).toEqual([SERVING, NOT_SERVING, SERVING]);
    expect([await get(stage.own, '/healthz'), await get(stage.own, '/readyz')]).toEqual([200, 200]);
    // A service that is unknown may come to be known: its watcher is told so and kept.
    expect(stranger.seen).toEqual([SERVICE_UNKNOWN]);
    for (const watcher of [...watchers, stranger]) watcher.cancel();
  });
});

describe('when it starts', () => {
  it('it is alive at once, and ready once the database is reachable and migrated', async () => {
    const database = await emptyDatabase();
    const sidecar = await startSidecar(database.url);
    expect([await get(sidecar.own, '/healthz'), await get(sidecar.own, '/readyz')]).toEqual([200, 503]);
    database.open();
    await expect.poll(() => get(sidecar.own, '/readyz'), { timeout: 30_000 }).toBe(200);
    // Ready means that what is sent now is stored.
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: 17 }] }] }] });
    const headers = { 'content-type': 'application/json' };
    expect((await exchange(sidecar.http, { path: '/v1/logs', headers, body: [body] })).status).toBe(200);
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
    expect(await storedRows(sql)).toBe(1);
    await sql.end();
    await sidecar.stop();
    await database.drop();
  });
});

describe('when it stops', () => {
  it('it is alive, no longer ready, and every watcher is told before its call ends', async () => {
    const stopping = await openStage();
    const watchers = everything.map((service) => watch(stopping, service));
    for (const { seen } of watchers) await expect.poll(() => seen, becomes).toEqual([SERVING]);
    const hold = await holdCommits(stopping);
    const inFlight = send(stopping, 'HTTP/JSON', 'logs', logsOf('in-flight', [{}]));
    await hold.untilReached();
    const stopped = stopping.stop();
    await expect.poll(() => get(stopping.own, '/readyz')).toBe(503);
    expect(await get(stopping.own, '/healthz')).toBe(200);
    for (const { seen, ended } of watchers) {
      await ended;
      expect(seen).toEqual([SERVING, NOT_SERVING]);
    }
    await hold.release();
    expect(await inFlight).toMatchObject(accepted);
    await stopped;
    await expect(get(stopping.own, '/healthz')).rejects.toThrow();
    await stopping.close();
  });
});

describe('health and telemetry', () => {
  it('a Check stores nothing, and telemetry is taken beside watchers', async () => {
    const watcher = watch(stage, '');
    await expect.poll(() => watcher.seen, becomes).toEqual([SERVING]);
    expect((await call(stage.client, paths.metrics, oneResource)).code).toBe(status.OK);
    expect(await storedRows(stage.sql)).toBe(0);
    watcher.cancel();
  });
});
