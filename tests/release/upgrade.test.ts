import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { startPostgres } from '@command-center/infra/local/postgres';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedLedger, storedLedger } from '../collector/ledger.ts';
import { makeLoad, range, send } from '../collector/load.ts';
import { type AllInOne, type Program, startAllInOne } from '../processes/allInOne.ts';
import { api, eventually } from '../processes/api.ts';
import { freePorts } from '../processes/collector.ts';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';
import { layPreviousRelease, previousVersion } from './previousRelease.ts';

const TOKEN = 'a-token-for-tests-of-at-least-32-characters';
const DEADLINE_MS = 90_000;
const newProgram = fileURLToPath(new URL('../../dist/command-center.mjs', import.meta.url));
const newSidecar = fileURLToPath(new URL('../../dist/sidecar.mjs', import.meta.url));

describe(`an upgrade from ${previousVersion} with data in place, and the way back, lose nothing and double nothing`, {
  retry: 0,
  timeout: 180_000,
}, () => {
  let folder: string;
  let skipped: string | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'command-center-upgrade-'));
    skipped = await layPreviousRelease(folder);
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('the all-in-one: old, new, old again, new again, each ended while it is sent to', async ({ skip }) => {
    if (skipped !== undefined) skip(skipped);
    const dataDir = await mkdtemp(join(tmpdir(), 'command-center-upgrade-data-'));
    const [grpc = 0, http = 0] = await freePorts(2);
    const environment = {
      COMMAND_CENTER_DATA_DIR: dataDir,
      COMMAND_CENTER_ADMIN_TOKEN: TOKEN,
      COMMAND_CENTER_OTLP_GRPC_PORT: String(grpc),
      COMMAND_CENTER_OTLP_HTTP_PORT: String(http),
    };
    const releases: Record<'old' | 'new', Program> = {
      old: { file: process.execPath, flags: [join(folder, 'infra/local/main.ts')] },
      new: { file: process.execPath, flags: [newProgram] },
    };
    const load = makeLoad('upgraded', 480);
    const url = `http://127.0.0.1:${http}`;
    let sent: Promise<void> | undefined;
    let running: AllInOne | undefined;
    let cookie: string | undefined;
    try {
      for (const [turn, release] of (['old', 'new', 'old', 'new'] as const).entries()) {
        running = await startAllInOne(environment, releases[release]);
        const { console } = running;
        sent ??= send(load, url, range(0, load.requests.length), { deadlineMs: DEADLINE_MS });
        cookie ??= await signIn(running);
        const stored = async (): Promise<number> =>
          (await api(console, TOKEN).trends({ metric: 'kaiku_auth_login_attempts_total', range: '1h' })).series
            .flatMap(({ points }) => points)
            .reduce((total, point) => total + (point.sum ?? 0), 0);
        // A fifth of it each, so that each release stores some and is ended with more on its way.
        const part = load.requests.length * (turn + 1);
        await eventually(stored, (count) => count > part, DEADLINE_MS);
        const summary = await fetch(`${console}/api/admin/observability/summary`, { headers: { cookie } });
        expect([release, turn, summary.status]).toEqual([release, turn, 200]);
        if (turn < 3) {
          expect(await running.stop()).toMatchObject({ code: 0 });
          running = undefined;
        }
      }
      await sent;
      await running?.stop();
      running = undefined;
      const server = await startPostgres({ dataDir });
      const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
      try {
        expect(await storedLedger(sql, load)).toEqual(expectedLedger(load));
      } finally {
        await sql.end();
        await server.stop();
      }
    } finally {
      await running?.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('sidecars of both releases side by side on one database, each replaced while it is sent to', async ({ skip }) => {
    if (skipped !== undefined) skip(skipped);
    const database = await freshDatabase();
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
    const oldSidecar = join(folder, 'sidecar/src/run.ts');
    const ports = [await freePorts(2), await freePorts(2)];
    const startOn = (door: number, entry: string): Promise<SidecarProcess> =>
      startSidecar(
        database.url,
        {
          COMMAND_CENTER_OTLP_GRPC_PORT: String(ports[door]?.[0]),
          COMMAND_CENTER_OTLP_HTTP_PORT: String(ports[door]?.[1]),
        },
        entry,
      );
    const load = makeLoad('rolled', 240);
    // Streams reach both: each of a pair of senders has half of the requests and a door of its own.
    const halves = [0, 1].map((half) => range(0, load.requests.length).filter((index) => index % 2 === half));
    const running = new Map<number, SidecarProcess>();
    try {
      for (const door of [0, 1]) running.set(door, await startOn(door, oldSidecar));
      const sent = halves.map((half, door) =>
        send(load, `http://127.0.0.1:${ports[door]?.[1]}`, half, { deadlineMs: DEADLINE_MS }),
      );
      for (const [door, entry] of [
        [0, newSidecar],
        [1, newSidecar],
        [0, oldSidecar],
        [0, newSidecar],
      ] as const) {
        await running.get(door)?.stop();
        running.set(door, await startOn(door, entry));
      }
      await Promise.all(sent);
      expect(await storedLedger(sql, load)).toEqual(expectedLedger(load));
    } finally {
      for (const sidecar of running.values()) await sidecar.stop();
      await sql.end();
      await database.drop();
    }
  });

  it('the version, the newest heading of the changelog and the lock file agree, and each heading has its day', async () => {
    const read = (name: string): Promise<string> => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
    const { version } = JSON.parse(await read('package.json'));
    expect(JSON.parse(await read('package-lock.json')).version).toBe(version);
    const headings = [...(await read('CHANGELOG.md')).matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
    expect(headings[0]).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')} — \\d{4}-\\d{2}-\\d{2}$`));
    for (const heading of headings) expect(heading).toMatch(/^\d+\.\d+\.\d+ — \d{4}-\d{2}-\d{2}$/);
    expect(headings[1]).toMatch(new RegExp(`^${previousVersion.replaceAll('.', '\\.')} `));
  });
});

/** By the login link; gives the session's cookie, which the other release must know as well. */
async function signIn({ console, loginLink }: AllInOne): Promise<string> {
  const token = new URL(loginLink).hash.replace('#token=', '');
  const answer = await fetch(`${console}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: console },
    body: JSON.stringify({ token }),
  });
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}
