import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate } from '@command-center/drizzle/migrate';
import { seededRandom } from '@command-center/infra/demo/random';
import { type EmbeddedPostgres, startPostgres } from '@command-center/infra/local/postgres';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SidecarProcess, samePorts, startSidecar } from '../processes/sidecar.ts';
import { deliver, type Sent } from './deliver.ts';
import { type Lane, type MetricItem, makeLanes } from './lanes.ts';
import { storedIds, storedTotals } from './stored.ts';
import { totalsOf } from './totals.ts';

const ENDS = 4;
const seeds = process.env.FAULT_SEED === undefined ? [1, 2, 3] : [Number(process.env.FAULT_SEED)];

let folder: string;
/** With the durability of a default Postgres, unlike the one the other suites share. */
let server: EmbeddedPostgres;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-center-faults-'));
  server = await startPostgres({ dataDir: folder });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function newDatabase(name: string): Promise<string> {
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
  await sql.unsafe(`CREATE DATABASE ${name}`);
  await sql.end();
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  await migrate(url.href);
  return url.href;
}

const metricsOf = (sent: readonly Sent[]): { lane: Lane; item: MetricItem }[] =>
  sent.flatMap(({ lane, item }) => (item.signal === 'metrics' ? [{ lane, item }] : []));

const idsOf = (sent: readonly Sent[], signal: 'logs' | 'traces'): string[] =>
  sent.flatMap(({ item }) => (item.signal === signal ? [item.id] : [])).sort();

/** What was acknowledged is in Postgres; counters and histograms never fall, so they hold at least that much. */
async function expectAcknowledgedIsStored(sql: Sql, acknowledged: readonly Sent[]): Promise<void> {
  const ids = await storedIds(sql);
  expect(ids.logs).toEqual(expect.arrayContaining(idsOf(acknowledged, 'logs')));
  expect(ids.traces).toEqual(expect.arrayContaining(idsOf(acknowledged, 'traces')));
  const stored = await storedTotals(sql);
  for (const [key, { sum, count }] of totalsOf(metricsOf(acknowledged))) {
    if (key.endsWith('_active')) continue;
    expect([key, stored.get(key)?.sum]).toEqual([key, expect.toSatisfy((value: number) => value >= sum)]);
    expect([key, stored.get(key)?.count]).toEqual([key, expect.toSatisfy((value: number) => value >= count)]);
  }
}

/** To the unit: no increase lost or doubled, no bucket off by one, no row twice. */
async function expectStoredIsSent(sql: Sql, lanes: readonly Lane[]): Promise<void> {
  const sent = lanes.flatMap((lane) => lane.steps.flat().map((item) => ({ lane, item })));
  const ids = await storedIds(sql);
  expect(ids.logs).toEqual(idsOf(sent, 'logs'));
  expect(ids.traces).toEqual(idsOf(sent, 'traces'));
  const byKey = (totals: ReadonlyMap<string, unknown>) => Object.fromEntries([...totals].sort());
  expect(byKey(await storedTotals(sql))).toEqual(byKey(totalsOf(metricsOf(sent))));
}

async function replay(seed: number, end: (sidecar: SidecarProcess) => Promise<void>, name: string): Promise<void> {
  const random = seededRandom(seed);
  const lanes = makeLanes(random, Date.now());
  const records = lanes.flatMap(({ steps }) => steps.flat()).length;
  const databaseUrl = await newDatabase(`${name}_${seed}`);
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  let sidecar = await startSidecar(databaseUrl);
  try {
    const delivery = deliver(lanes, sidecar.http, seed);
    // Rejects while nobody waits for it, too.
    delivery.finished.catch(() => undefined);
    for (let round = 0; round < ENDS; round += 1) {
      await delivery.untilAcknowledged(Math.floor((records * (round + random.next())) / (ENDS + 1)));
      await delay(random.integer(0, 60));
      await end(sidecar);
      await expectAcknowledgedIsStored(sql, delivery.acknowledged);
      sidecar = await startSidecar(databaseUrl, samePorts(sidecar));
    }
    await delivery.finished;
    process.stdout.write(
      `${name}, seed ${seed}: ${records} records, ${ENDS} ends, ${delivery.failedAttempts()} attempts tried again\n`,
    );
    expect(delivery.failedAttempts()).toBeGreaterThan(0);
    await expectStoredIsSent(sql, lanes);
  } catch (error) {
    process.stdout.write(
      `replay with: FAULT_SEED=${seed} npx vitest run --project faults tests/faults/killNine.test.ts -t ${name}\n`,
    );
    throw error;
  } finally {
    await sidecar.stop();
    await sql.end();
  }
}

describe('nothing lost, nothing doubled: what is retried until it is acknowledged counts once (design §5)', () => {
  it.each(seeds)(
    'killed: SIGKILL in mid-stream, started again on the same ports (seed %i)',
    { timeout: 120_000 },
    (seed) =>
      replay(
        seed,
        async (sidecar) => {
          expect(await sidecar.kill9()).toMatchObject({ signal: 'SIGKILL' });
        },
        'killed',
      ),
  );

  it.each(seeds)('terminated: SIGTERM in mid-stream, ended with code 0 (seed %i)', { timeout: 120_000 }, (seed) =>
    replay(
      seed,
      async (sidecar) => {
        expect(await sidecar.stop()).toMatchObject({ code: 0, signal: null });
      },
      'terminated',
    ),
  );
});
