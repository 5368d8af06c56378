import { seededRandom } from '@command-center/infra/demo/random';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyTables, setClock } from './database/simulated.ts';
import { makeStage, type Stage } from './database/stage.ts';
import { checkAtTheEnd } from './invariants/all.ts';
import { Ledger } from './ledger/ledger.ts';
import { readStored } from './ledger/stored.ts';
import { rollUpAll, startRollUps } from './rollUpAll.ts';
import { encodeRequest } from './senders/encode.ts';
import { makeLane } from './senders/lanes.ts';
import { InProcessSidecar } from './sidecars/inProcess.ts';

const START_MS = Date.UTC(2026, 0, 15, 6, 30);
const MINUTE_MS = 60_000;
/** The snapshot is open from minute 20 to 110; an hour is packed five quarters of an hour after its end, the first at 105. */
const BEFORE = 20;
const OPEN = 90;
const AFTER = 40;
/** Of each sender; its windows are overwritten so often, less one. */
const BATCHES_A_MINUTE = 4;
const LEADER_EVERY_MINUTES = 15;
/** As autovacuum does with what has changed enough; here by the schedule's clock. */
const VACUUM_EVERY_MINUTES = 5;

/** What rows come and go in, and each batch writes to. */
const overwritten = ['telemetry_open_windows', 'telemetry_stream_state', 'telemetry_dirty_hours'] as const;

const lanes = ['orders', 'users'].map((service, index) => {
  const minutes = BEFORE + OPEN + AFTER;
  const stepNs = BigInt(MINUTE_MS / BATCHES_A_MINUTE) * 1_000_000n;
  const size = { steps: minutes * BATCHES_A_MINUTE, stepNs, routes: 3, exponentialBuckets: 10, eventsPerStep: 0 };
  const endMs = START_MS + minutes * MINUTE_MS;
  return makeLane({ kind: 'cumulative', arrival: 'inOrder', service, endMs, size }, seededRandom(index + 1));
});
const ledger = new Ledger();

let stage: Stage;
let sidecar: InProcessSidecar;
let exporting: Sql;
let minute = 0;
let nowMs = START_MS;
beforeAll(async () => {
  stage = await makeStage();
  await emptyTables(stage.sql, false);
  await setClock(stage.sql, START_MS);
  await startRollUps(stage.sql, START_MS);
  sidecar = await InProcessSidecar.start({ databaseUrl: stage.url, nowMs: () => nowMs, log: () => undefined });
  // A program of somebody else: ours would be ended for idling in a transaction.
  exporting = postgres(stage.url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await exporting.end();
  await sidecar.stop();
  await stage.close();
});

async function sendStep(step: number): Promise<void> {
  const deliveries = lanes.map(async (lane) => {
    const items = lane.steps[step] ?? [];
    ledger.attempt(lane, items);
    expect(await sidecar.send('metrics', encodeRequest(lane, items, false), false)).toBe('acknowledged');
    ledger.acknowledge(lane, items);
  });
  await Promise.all(deliveries);
}

async function pass(minutes: number): Promise<void> {
  for (const until = minute + minutes; minute < until; ) {
    for (let batch = 0; batch < BATCHES_A_MINUTE; batch += 1) {
      nowMs += MINUTE_MS / BATCHES_A_MINUTE;
      await setClock(stage.sql, nowMs);
      await sendStep(minute * BATCHES_A_MINUTE + batch);
    }
    minute += 1;
    await sidecar.moveWindows();
    if (minute % LEADER_EVERY_MINUTES === 0) await rollUpAll(stage.sql);
    if (minute % VACUUM_EVERY_MINUTES === 0) await stage.sql.unsafe(`VACUUM ${overwritten.join(', ')}`);
  }
}

async function bytes(table: (typeof overwritten)[number]): Promise<number> {
  const [row] = await stage.sql<{ bytes: number }[]>`
    SELECT pg_total_relation_size(${table}::text::regclass)::double precision AS bytes`;
  return row?.bytes ?? 0;
}

const sizes = async (): Promise<readonly number[]> => Promise.all(overwritten.map(bytes));

/** What each batch writes anew, in bytes: a row of every series, and every block of streams. */
async function writtenPerBatch(): Promise<{ windows: number; blocks: number }> {
  const [row] = await stage.sql<{ windows: number; blocks: number }[]>`
    SELECT (SELECT avg(pg_column_size(w.*)) * (SELECT count(*) FROM telemetry_metric_series) FROM telemetry_open_windows AS w)::double precision AS windows,
      (SELECT sum(pg_column_size(b.*)) FROM telemetry_stream_state AS b)::double precision AS blocks`;
  return row ?? { windows: 0, blocks: 0 };
}

/** Every minute and every stream, as the export sees them. */
async function exported(): Promise<readonly unknown[]> {
  const rows = await exporting`
    SELECT (SELECT count(*)::integer FROM telemetry_metrics) AS minutes,
      (SELECT md5(string_agg(m::text, ';' ORDER BY m::text)) FROM telemetry_metrics AS m) AS metrics,
      (SELECT md5(string_agg(b::text, ';' ORDER BY b::text)) FROM telemetry_stream_state AS b) AS streams`;
  return [...rows];
}

describe('a transaction that stays open, as a long export does', () => {
  it('keeps its snapshot, holds up no batch, and costs what is written meanwhile once: afterwards the room is used again', {
    timeout: 300_000,
  }, async () => {
    await pass(BEFORE);
    const before = await sizes();
    await exporting`BEGIN ISOLATION LEVEL REPEATABLE READ`;
    const first = await exported();
    await pass(OPEN);
    const packed = await stage.sql`SELECT 1 FROM telemetry_metric_packed`;
    expect(packed.length).toBeGreaterThan(0);
    expect(await exported()).toEqual(first);

    const open = await sizes();
    const written = await writtenPerBatch();
    const batches = OPEN * BATCHES_A_MINUTE;
    const grown = open.map((size, index) => size - (before[index] ?? 0));
    // Twice: their index, and room that pages keep for what overwrites their rows and that is not filled.
    expect(grown[0]).toBeLessThan(2 * batches * written.windows);
    // Blocks are overwritten only: each version is followed by the next.
    expect(grown[1]).toBeLessThan(1.2 * batches * written.blocks);
    expect(grown[2]).toBeLessThan(100_000);

    await exporting`COMMIT`;
    await pass(AFTER);
    const after = await sizes();
    expect(after.map((size, index) => size > (open[index] ?? 0))).toEqual([false, false, false]);
    const stored = await readStored(stage.sql);
    checkAtTheEnd({ acknowledged: ledger.acknowledged, attempted: ledger.attempted, stored });
    const perMinute = grown.map((size) => Math.round(size / OPEN));
    process.stdout.write(
      `an open snapshot, ${written.windows} + ${written.blocks} bytes a batch: grew by ${perMinute} bytes a minute, from ${before} to ${open}, afterwards ${after}\n`,
    );
  });
});
