import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { type EmbeddedPostgres, startPostgres } from '@command-center/infra/local/postgres';
import {
  call,
  healthRequest,
  oneResource,
  paths,
  retrySeconds,
} from '@command-center/sidecar/receive/testing/grpcClient';
import { Client, type ClientReadableStream, credentials, status } from '@grpc/grpc-js';
import postgres, { type Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { freezePostgres } from '../processes/postgres.ts';
import { startSender, storedBooks } from '../processes/sender.ts';
import { failedStart, type SidecarProcess, startSidecar } from '../processes/sidecar.ts';
import { openWire, type Wire } from '../processes/wire.ts';

/** A look every second, 5 s each (sidecar/src/limits.ts), and a machine with other work. */
const TOLD_WITHIN_MS = 12_000;
const TIMEOUT_MS = 120_000;

const SERVER_SETTINGS = ['max_connections=12', 'superuser_reserved_connections=0'];

let folder: string;
let server: EmbeddedPostgres;
/** Of the test's own. */
let databaseName: string;
let wire: Wire;
let sidecar: SidecarProcess | undefined;
const clients: Sql[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-center-outage-'));
  server = await startPostgres({ dataDir: folder, settings: SERVER_SETTINGS });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  databaseName = `outage_${randomBytes(8).toString('hex')}`;
  const sql = postgres(server.url, { max: 1 });
  await sql.unsafe(`CREATE DATABASE ${databaseName}`);
  await sql.end();
  wire = await openWire(server.port);
});
afterEach(async () => {
  await sidecar?.kill9();
  sidecar = undefined;
  for (const client of clients.splice(0)) await client.end({ timeout: 1 });
  await wire.close();
});

function urlAt(port: number): string {
  const url = new URL(server.url);
  url.port = String(port);
  url.pathname = `/${databaseName}`;
  return url.href;
}

/** By the wire, as the sidecar goes. */
const wiredUrl = (): string => urlAt(wire.port);

/** Past the wire, as an operator looks. */
function direct(): Sql {
  const sql = postgres(urlAt(server.port), { max: 1, onnotice: () => undefined });
  clients.push(sql);
  return sql;
}

async function readiness(): Promise<{ status: number; words: string }> {
  const answer = await fetch(`${sidecar?.own}/readyz`);
  return { status: answer.status, words: await answer.text() };
}

const untilReady = () => eventually(readiness, (now) => now.status === 200, 30_000);
const untilAway = () =>
  eventually(
    readiness,
    ({ status: code, words }) => code === 503 && /^degraded for \d+ s: Postgres is away: ./.test(words),
    TOLD_WITHIN_MS,
  );

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${sidecar?.own}/metrics`)).text();
  return Number(new RegExp(`^command_center_sidecar_${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
}

const times = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

describe('Postgres is away when the sidecar starts', { timeout: TIMEOUT_MS }, () => {
  it('opens its doors, asks senders to come again, and serves once the database is there, migrating it', async () => {
    await wire.cut();
    sidecar = await startSidecar(wiredUrl());
    const sender = startSender(sidecar.http);
    const refused = await sender.until(() => true);
    expect([refused.status, Number(refused.retryAfter)]).toEqual([503, expect.toSatisfy((s) => s >= 1 && s <= 10)]);
    const client = new Client(sidecar.grpc, credentials.createInsecure());
    const outcome = await call(client, paths.metrics, oneResource);
    expect([outcome.code, retrySeconds(outcome)]).toEqual([status.UNAVAILABLE, 1]);
    const health = () => call(client, '/grpc.health.v1.Health/Check', healthRequest(''));
    expect((await health()).bytes).toEqual(Buffer.from([8, 2]));
    expect((await fetch(`${sidecar.own}/healthz`)).status).toBe(200);
    const { status: code, words } = await readiness();
    expect(code).toBe(503);
    expect(words).toContain('ECONNREFUSED');
    expect(await metric('degraded')).toBe(1);

    await wire.mend();
    await untilReady();
    expect((await health()).bytes).toEqual(Buffer.from([8, 1]));
    await sender.until((answer) => answer.status === 200);
    await sender.finish();
    client.close();
    expect(await storedBooks(direct())).toEqual(sender.books());
    expect(times(sidecar.stderr(), /"event":"degraded"/g)).toBe(1);
    expect(times(sidecar.stderr(), /"event":"recovered"/g)).toBe(1);
    expect(await sidecar.stop()).toMatchObject({ code: 0 });
  });

  it('waits for a server that takes connections and says nothing', async () => {
    wire.silence();
    sidecar = await startSidecar(wiredUrl());
    expect((await readiness()).status).toBe(503);
    wire.speak();
    await untilReady();
  });

  it.each([
    { what: 'a wrong password', change: { password: 'wrong' }, words: /password/ },
    {
      what: 'a database that does not exist',
      change: { pathname: '/nowhere' },
      words: /nowhere/,
    },
  ])('does not wait for $what: one line that names the variable, and the end', async ({ change, words }) => {
    const url = new URL(server.url);
    Object.assign(url, change);
    const { code, stderr } = await failedStart({ COMMAND_CENTER_DATABASE_URL: url.href });
    expect(code).toBe(1);
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^COMMAND_CENTER_DATABASE_URL: /);
    expect(lines[0]).toMatch(words);
    expect(stderr).not.toContain(new URL(server.url).password);
  });
});

interface Trouble {
  readonly what: string;
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

let thaw: (() => void) | undefined;
const taken: Sql[] = [];

const troubles: readonly Trouble[] = [
  {
    what: 'stopped and started again',
    begin: async () => {
      await wire.cut();
      await server.stop();
    },
    end: async () => {
      server = await startPostgres({ dataDir: folder, settings: SERVER_SETTINGS });
      wire.lead(server.port);
      await wire.mend();
    },
  },
  {
    what: 'frozen (SIGSTOP)',
    begin: () => {
      thaw = freezePostgres(server.pid);
    },
    end: () => thaw?.(),
  },
  { what: 'behind a network that swallows packets', begin: () => wire.silence(), end: () => wire.speak() },
  {
    what: 'read-only',
    begin: async () => {
      await direct()`ALTER SYSTEM SET default_transaction_read_only = on`;
      await direct()`SELECT pg_reload_conf()`;
    },
    end: async () => {
      const sql = direct();
      await sql`SET default_transaction_read_only = off`;
      await sql`ALTER SYSTEM RESET default_transaction_read_only`;
      await sql`SELECT pg_reload_conf()`;
    },
  },
  {
    what: 'full of connections',
    begin: async () => {
      // Others take the places that its sessions leave.
      await wire.cut();
      for (let isFree = true; isFree; ) {
        const sql = direct();
        isFree = await sql`SELECT 1`.then(
          () => true,
          () => false,
        );
        if (isFree) taken.push(sql);
      }
      await wire.mend();
    },
    end: async () => {
      for (const sql of taken.splice(0)) await sql.end();
    },
  },
];

describe('Postgres goes away while the sidecar serves (design §5)', { timeout: TIMEOUT_MS }, () => {
  it.each(troubles)(
    '$what: refuses in time, says so once, recovers by itself, and has lost and doubled nothing',
    async (trouble) => {
      sidecar = await startSidecar(wiredUrl());
      await untilReady();
      const client = new Client(sidecar.grpc, credentials.createInsecure());
      const serving = watchHealth(client);
      const sender = startSender(sidecar.http);
      await sender.until((answer) => answer.status === 200);
      await trouble.begin();
      const before = sender.answers.length;
      const refused = await sender.until((answer) => answer.status !== 200);
      expect([refused.status, Number(refused.retryAfter)]).toEqual([503, expect.toSatisfy((s) => s >= 1 && s <= 10)]);
      await untilAway();
      expect((await fetch(`${sidecar.own}/healthz`)).status).toBe(200);
      expect(await metric('degraded')).toBe(1);
      await expect.poll(() => serving.seen, { timeout: TOLD_WITHIN_MS }).toEqual([1, 2]);

      await trouble.end();
      await untilReady();
      await sender.until((answer) => answer.status === 200);
      await expect.poll(() => serving.seen, { timeout: TOLD_WITHIN_MS }).toEqual([1, 2, 1]);
      await sender.finish();
      serving.end();
      client.close();
      for (const answer of sender.answers.slice(before)) {
        expect([0, 200, 503]).toContain(answer.status);
        expect(answer.status).not.toBe(0);
        expect(answer.durationMs).toBeLessThan(TOLD_WITHIN_MS);
      }
      const sql = direct();
      expect(await storedBooks(sql)).toEqual(sender.books());
      expect(times(sidecar.stderr(), /"event":"degraded"/g)).toBe(1);
      expect(await metric('outages_total')).toBe(1);
      // The leader's thread has connections of its own.
      await expectLeader(sql);
      expect(await sidecar.stop()).toMatchObject({ code: 0 });
    },
  );
});

describe('Postgres takes connections, but not what is sent', { timeout: TIMEOUT_MS }, () => {
  it('is told with its SQLSTATE while batches fail; each try again is let through, and the first success ends it', async () => {
    sidecar = await startSidecar(wiredUrl());
    const sql = direct();
    await sql.unsafe(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON telemetry_intake EXECUTE FUNCTION fail()`);
    const sender = startSender(sidecar.http);
    const refused = await sender.until(() => true);
    expect([refused.status, Number(refused.retryAfter)]).toEqual([503, 2]);
    expect((await readiness()).words).toMatch(/53100/);
    expect(await metric('batch_failures_total')).toBeGreaterThan(0);
    await sql`DROP TRIGGER full_disk ON telemetry_intake`;
    await sender.until((answer) => answer.status === 200);
    await untilReady();
    await sender.finish();
    expect(await storedBooks(sql)).toEqual(sender.books());
  });
});

describe('memory is bounded while Postgres is frozen (design §5)', { timeout: TIMEOUT_MS }, () => {
  it('holds no more bytes in flight than its limit, answers every sender, and takes all of it once Postgres goes on', async () => {
    const limitBytes = 8 * 2 ** 20;
    sidecar = await startSidecar(wiredUrl(), {
      COMMAND_CENTER_MEMORY_LIMIT_BYTES: String(limitBytes),
      COMMAND_CENTER_OTLP_MAX_BODY_BYTES: '4MiB',
    });
    const url = `${sidecar.http}/v1/logs`;
    const body = manyLogs(2 ** 20);
    const send = async (): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(60_000) });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await send()).toBe(200);
    const beforeBytes = await metric('memory_resident_bytes');
    const resume = freezePostgres(server.pid);
    let isOver = false;
    const flood = Array.from({ length: 16 }, async () => {
      const seen: number[] = [];
      while (!isOver) seen.push(await send());
      return seen;
    });
    const inFlight: number[] = [];
    const resident: number[] = [];
    await eventually(
      async () => {
        inFlight.push(await metric('in_flight_bytes'));
        resident.push(await metric('memory_resident_bytes'));
        return readiness();
      },
      ({ words }) => words.includes('Postgres is away'),
      TOLD_WITHIN_MS,
    );
    resume();
    await untilReady();
    isOver = true;
    const statuses = (await Promise.all(flood)).flat();
    expect([...new Set(statuses)].toSorted()).toEqual([200, 503]);
    expect(Math.max(...inFlight)).toBeGreaterThan(0);
    expect(Math.max(...inFlight)).toBeLessThanOrEqual(limitBytes);
    process.stdout.write(
      `frozen under a flood: ${statuses.length} requests, resident ${beforeBytes / 2 ** 20} -> ${Math.max(...resident) / 2 ** 20} MiB\n`,
    );
    // What was received and thrown away lies in the heap until it is collected; a queue without a bound would be half a gigabyte.
    expect(Math.max(...resident) - beforeBytes).toBeLessThan(200 * 2 ** 20);
    expect(await metric('in_flight_bytes')).toBe(0);
  });
});

/** A request of about so many bytes, of logs that are kept. */
function manyLogs(bytes: number): string {
  const timeUnixNano = `${Date.now()}000000`;
  const record = { timeUnixNano, severityNumber: 17, body: { stringValue: 'x'.repeat(1_000) } };
  const logRecords = new Array(Math.floor(bytes / JSON.stringify(record).length)).fill(record);
  return JSON.stringify({ resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ logRecords }] }] });
}

/** Someone leads, and the summary is being written. */
async function expectLeader(sql: Sql): Promise<void> {
  const [now] = await sql<{ now: Date }[]>`SELECT now() AS now`;
  const summaries = () => sql`SELECT 1 FROM telemetry_summary WHERE written_at > ${now?.now ?? ''}`;
  await eventually(summaries, (rows) => rows.length > 0, 30_000);
}

function watchHealth(client: Client): { readonly seen: readonly number[]; end(): void } {
  const seen: number[] = [];
  const asIs = (bytes: Buffer) => bytes;
  const watch: ClientReadableStream<Buffer> = client.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    asIs,
    asIs,
    healthRequest(''),
  );
  watch.on('data', (bytes: Buffer) => seen.push(bytes[1] ?? 0)).on('error', () => undefined);
  return { seen, end: () => watch.cancel() };
}
