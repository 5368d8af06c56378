import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { migrate } from '@command-center/drizzle/migrate';
import { bundleProgram } from '@command-center/infra/bundle/program';
import { startPostgres } from '@command-center/infra/local/postgres';
import postgres from 'postgres';
import { sendErrors } from '../live/stage.ts';
import { openConsoles } from './consoles.ts';
import { cpuSeconds, residentBytes, treeCpuSeconds } from './cpu.ts';
import { BODIES_PER_ROUND, compressed, ITEMS_PER_BODY, loads } from './load.ts';
import { startSidecarProcess } from './processes.ts';
import { sendAll } from './sender.ts';

/**
 * `npm run bench:live`: what open consoles cost one sidecar: memory, the time until an error is on all of them, and the ingest that is left, in turns
 * with and without them. Last line: one JSON object.
 */

const { values: flags } = parseArgs({
  options: { consoles: { type: 'string', default: '500' }, turns: { type: 'string', default: '4' } },
});
const CONSOLES = Number(flags.consoles);
const TURNS = Number(flags.turns);
const ROUNDS_A_TURN = 4;
const CONCURRENCY = 4;
const ERRORS = 40;
/** Two cadences and more: all that is sent regularly was sent. */
const SETTLE_MS = 12_000;

interface Cost {
  cpu: number;
  wall: number;
}
const newCost = (): Cost => ({ cpu: 0, wall: 0 });

const folder = await mkdtemp(join(tmpdir(), 'command-center-bench-'));
const database = await startPostgres({ dataDir: join(folder, 'data'), settings: ['max_wal_size=1GB'] });
const sql = postgres(database.url, { max: 8, onnotice: () => undefined });
let stopSidecar = async (): Promise<void> => undefined;
try {
  await migrate(database.url);
  const bundle = join(folder, 'sidecar');
  await bundleProgram(bundle);
  const sidecar = await startSidecarProcess(database.url, join(bundle, 'sidecar.mjs'));
  stopSidecar = sidecar.stop;
  await delay(SETTLE_MS);
  const aloneMb = megabytes(sidecar.pid);
  let consoles = await openConsoles(sql, sidecar.own, CONSOLES);
  const start = { cpu: cpuSeconds(sidecar.pid), postgres: treeCpuSeconds(database.pid), bytes: consoles.bytes() };
  await delay(SETTLE_MS);
  const openMb = megabytes(sidecar.pid);
  const idle = {
    cpu_percent: percent(cpuSeconds(sidecar.pid) - start.cpu, SETTLE_MS),
    postgres_cpu_percent: percent(treeCpuSeconds(database.pid) - start.postgres, SETTLE_MS),
    kb_a_console_a_second: round1((consoles.bytes() - start.bytes) / CONSOLES / SETTLE_MS),
  };
  const quiet = await errorLatencies();
  await consoles.close();

  const load = loads(Date.now() - 600_000).find(({ name }) => name === 'counters');
  if (load === undefined) throw new Error('there are counters');
  const bodiesOf = (round: number) =>
    Array.from({ length: BODIES_PER_ROUND }, (_, body) => compressed(load.body(round, body)));
  let round = 0;
  // Makes streams known, and is not counted.
  await sendAll(sidecar.url, load.signal, bodiesOf(round), CONCURRENCY);

  const costs = { alone: newCost(), watched: newCost(), bursting: newCost() };
  const watchedLatencies: number[] = [];
  const kinds = ['alone', 'watched', 'bursting'] as const;
  for (let turn = 0; turn < kinds.length * TURNS; turn += 1) {
    // In another order each time: what a turn leaves behind weighs on all.
    const kind = kinds[(turn + Math.floor(turn / kinds.length)) % kinds.length] ?? 'alone';
    if (kind !== 'alone') consoles = await openConsoles(sql, sidecar.own, CONSOLES);
    const errors = kind === 'watched' ? errorLatencies(10) : undefined;
    const burst = kind === 'bursting' ? startBurst() : undefined;
    await ingest(costs[kind]);
    watchedLatencies.push(...((await errors) ?? []));
    await burst?.stop();
    if (kind !== 'alone') await consoles.close();
  }
  const items = TURNS * ROUNDS_A_TURN * BODIES_PER_ROUND * ITEMS_PER_BODY;
  const rates = (seconds: (cost: Cost) => number) =>
    Object.fromEntries(Object.entries(costs).map(([kind, cost]) => [kind, Math.round(items / seconds(cost))]));
  process.stdout.write(
    `${JSON.stringify({
      bench: 'live',
      consoles: CONSOLES,
      memory_mb: { alone: aloneMb, with_consoles: openMb },
      idle,
      error_to_console_ms: { quiet: quantiles(quiet), under_load: quantiles(watchedLatencies) },
      items_per_cpu_s: rates(({ cpu }) => cpu),
      items_per_s: rates(({ wall }) => wall),
    })}\n`,
  );

  /** Milliseconds from before an error is sent until it is on each console. @throws where one does not come. */
  async function errorLatencies(count = ERRORS): Promise<number[]> {
    const sentAtMs = new Map<string, number>();
    consoles.take();
    for (let n = 0; n < count; n += 1) {
      const message = `error ${n} of ${count}`;
      sentAtMs.set(message, performance.now());
      await sendErrors(sidecar.url, [message]);
      // Not in step with the looks.
      await delay(130 + ((n * 37) % 100));
    }
    await delay(3_000);
    const arrivals = consoles.take();
    if (arrivals.length !== count * CONSOLES)
      throw new Error(`${arrivals.length} of ${count * CONSOLES} errors arrived`);
    return arrivals.map(({ message, atMs }) => atMs - (sentAtMs.get(message) ?? Number.NaN));
  }

  /** More errors than are pushed: each console gets the ten a second that it may. */
  function startBurst(): { stop(): Promise<void> } {
    let isOver = false;
    const sending = (async () => {
      for (let n = 0; !isOver; n += 1) {
        await sendErrors(sidecar.url, [`burst ${n}`, `burst ${n}, too`]);
        await delay(50);
      }
    })();
    return {
      stop: () => {
        isOver = true;
        return sending;
      },
    };
  }

  async function ingest(cost: Cost): Promise<void> {
    const rounds = Array.from({ length: ROUNDS_A_TURN }, () => {
      round += 1;
      return bodiesOf(round);
    });
    const begin = { cpu: cpuSeconds(sidecar.pid), wall: performance.now() };
    await sendAll(sidecar.url, 'metrics', rounds.flat(), CONCURRENCY);
    cost.cpu += cpuSeconds(sidecar.pid) - begin.cpu;
    cost.wall += (performance.now() - begin.wall) / 1_000;
  }
} finally {
  await stopSidecar();
  await sql.end();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

function megabytes(pid: number): number {
  return Math.round(residentBytes(pid).now / 1e6);
}

function percent(cpu: number, wallMs: number): number {
  return round1((100 * cpu) / (wallMs / 1_000));
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

function quantiles(values: readonly number[]): Record<string, number> {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (p: number): number => Math.round(sorted[Math.ceil(p * sorted.length) - 1] ?? Number.NaN);
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
