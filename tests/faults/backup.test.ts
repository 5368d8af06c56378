import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { dumpSchema } from '@command-center/drizzle/dump';
import { seededRandom } from '@command-center/infra/demo/random';
import postgres, { type Sql } from 'postgres';
import { expect, it } from 'vitest';
import { systemPostgres } from '../processes/postgresPrograms.ts';
import { startSidecar } from '../processes/sidecar.ts';
import { MortalPostgres } from './database/mortalPostgres.ts';
import { checkAlways, checkAtTheEnd } from './invariants/all.ts';
import { Ledger } from './ledger/ledger.ts';
import { readStored } from './ledger/stored.ts';
import { deliver } from './senders/deliver.ts';
import { laneKinds, makeLane } from './senders/lanes.ts';

const SEED = 3;
const SIZE = { steps: 60, stepNs: 10_000_000_000n, routes: 3, exponentialBuckets: 40, eventsPerStep: 60 };
/** Of a delta stream the newest 16 intervals with gaps between them are remembered, and this lane has one every third step; older ones would be refused as late. */
const BACKFILL_STEPS = 24;
const TIMEOUT_MS = 60_000;
const run = (program: string, flags: readonly string[]) => promisify(execFile)(program, flags, { timeout: TIMEOUT_MS });
const programs = systemPostgres();

async function withSql<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** As the sidecar's role, which may do nothing but what it owns allows. */
async function restoreOn(server: MortalPostgres, bin: string, file: string): Promise<{ url: string; tookMs: number }> {
  const asKeeper = (database: string): string => {
    const address = new URL(server.urlOf(database));
    address.username = 'keeper';
    address.password = 'kept';
    return address.href;
  };
  const restore = (to: string) =>
    run(join(bin, 'pg_restore'), ['--exit-on-error', '--no-owner', `--dbname=${to}`, file]);
  await withSql(server.urlOf('postgres'), async (sql) => {
    await sql`CREATE ROLE keeper LOGIN PASSWORD 'kept'`;
    await sql`CREATE DATABASE unready OWNER keeper`;
    await sql`CREATE DATABASE restored OWNER keeper`;
    await expect(restore(asKeeper('unready')), 'roles are not in a dump').rejects.toThrow(/command_center_reader/);
    await sql`CREATE ROLE command_center_reader NOLOGIN`;
  });
  const url = asKeeper('restored');
  const startedAtMs = performance.now();
  await restore(url);
  return { url, tookMs: performance.now() - startedAtMs };
}

/** docs/backup.md, with its very commands. */
it('a dump taken in mid-ingest is one moment: restored and sent everything again, it holds each record once', {
  timeout: 240_000,
}, async ({ skip }) => {
  if (programs === undefined)
    return skip('pg_dump and a Postgres server of its version are not installed (.ci/run does)');
  const folder = await mkdtemp(join(tmpdir(), 'command-center-backup-'));
  const file = join(folder, 'command-center.dump');
  const [source, target] = [
    await MortalPostgres.start(tmpdir(), programs),
    await MortalPostgres.start(tmpdir(), programs),
  ];
  const url = await source.newDatabase('busy');
  const endMs = Date.now();
  const lanes = laneKinds.map((kind, index) => {
    const size = kind === 'backfill' ? { ...SIZE, steps: BACKFILL_STEPS } : SIZE;
    return makeLane({ kind, service: `${kind}-${index}`, arrival: 'inOrder', endMs, size }, seededRandom(SEED + index));
  });
  const records = lanes.flatMap(({ steps }) => steps.flat()).length;
  const sidecar = await startSidecar(url);
  try {
    const ledger = new Ledger();
    const delivery = deliver(lanes, [sidecar.http], SEED, ledger);
    await delivery.untilAcknowledged(Math.floor(records / 3));

    const { acknowledged } = ledger;
    const dumpedAtMs = performance.now();
    await run(join(programs, 'pg_dump'), ['--format=custom', `--file=${file}`, `--dbname=${url}`]);
    const dumpMs = performance.now() - dumpedAtMs;
    const { attempted } = ledger;
    expect(attempted.length, 'ingest went on during the dump').toBeGreaterThan(acknowledged.length);

    const { url: restoredUrl, tookMs: restoreMs } = await restoreOn(target, programs, file);
    const atTheDump = await withSql(restoredUrl, readStored);
    checkAlways({ acknowledged, attempted, stored: atTheDump });

    await delivery.finished;
    checkAtTheEnd({
      acknowledged: ledger.acknowledged,
      attempted: ledger.attempted,
      stored: await withSql(url, readStored),
    });

    const again = new Ledger();
    const other = await startSidecar(restoredUrl);
    try {
      await deliver(lanes, [other.http], SEED + 1, again).finished;
    } finally {
      await other.stop();
    }
    const stored = await withSql(restoredUrl, readStored);
    checkAtTheEnd({ acknowledged: again.acknowledged, attempted: again.attempted, stored });
    expect(await withSql(restoredUrl, dumpSchema)).toBe(await withSql(url, dumpSchema));
    process.stdout.write(
      `back-up: ${records} records, ${acknowledged.length} acknowledged before the dump and ${attempted.length} sent by its end; dumped in ${Math.round(dumpMs)} ms, restored in ${Math.round(restoreMs)} ms\n`,
    );
  } finally {
    await sidecar.stop();
    await source.stop();
    await target.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
