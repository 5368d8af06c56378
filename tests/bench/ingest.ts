import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleProgram } from '@command-center/infra/bundle/program';
import { type EmbeddedPostgres, startPostgres } from '@command-center/infra/local/postgres';
import { nodeFlags } from '@command-center/sidecar/nodeFlags';
import postgres, { type Sql } from 'postgres';
import { cpuSeconds, residentBytes, treeCpuSeconds } from './cpu.ts';
import { BODIES_PER_ROUND, compressed, ITEMS_PER_BODY, type Load, loads } from './load.ts';
import { collectorBinary, type Receiver, startCollector, startSidecarProcess } from './processes.ts';
import { sendAll, sendEvery } from './sender.ts';

/**
 * `npm run bench:ingest`: items per CPU second of the sidecar, Postgres' apart, over interleaved rounds on the same bodies; without a commit in a
 * process of its own (pipeline.ts); beside a real collector where OTELCOL names one. The client's CPU is not counted. Last line: one JSON object.
 */

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, load: { type: 'string', default: '' } },
});
const ROUNDS = Number(flags.rounds);
const CONCURRENCY = 4;
/** For a sidecar to start its leader and do nothing else. */
const IDLE_MS = 3_000;

interface Cost {
  cpu: number;
  postgresCpu: number;
  wall: number;
  readonly latenciesMs: number[];
}

const folder = await mkdtemp(join(tmpdir(), 'command-center-bench-'));
const database = await startPostgres({ dataDir: join(folder, 'data') });
const receivers: Receiver[] = [];
try {
  const bundle = join(folder, 'sidecar');
  await bundleProgram(bundle);
  const binary = collectorBinary();
  const results: Record<string, unknown>[] = [];
  for (const load of loads(Date.now() - (ROUNDS + 12) * 10_000).filter(({ name }) => name.includes(flags.load))) {
    const sidecar = await startSidecarProcess(database.url, join(bundle, 'sidecar.mjs'));
    receivers.push(sidecar);
    if (binary !== undefined) {
      const sink = await startCollector(binary, folder, 'collector to nop', undefined);
      receivers.push(sink, await startCollector(binary, folder, 'collector to otlp_grpc', sink.grpc));
    }
    results.push(await measure(load, sidecar, await idleMb(sidecar)));
    for (const receiver of receivers.splice(0)) await receiver.stop();
  }
  const rows = rowCosts();
  process.stdout.write(`rows ${JSON.stringify(rows)}\n`);
  process.stdout.write(
    `${JSON.stringify({ bench: 'ingest', rounds: ROUNDS, items_per_body: ITEMS_PER_BODY, bodies_per_round: BODIES_PER_ROUND, cpu: cpus()[0]?.model, results, rows })}\n`,
  );
} finally {
  for (const receiver of receivers) await receiver.stop();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure(load: Load, sidecar: Receiver, idle_mb: number): Promise<Record<string, unknown>> {
  const costs = new Map(receivers.map((receiver) => [receiver, newCost()]));
  const sql = postgres(database.url, { max: 1 });
  const before = await writtenRows(sql);
  // The first round makes streams known; it is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const bodies = Array.from({ length: BODIES_PER_ROUND }, (_, body) => compressed(load.body(round, body)));
    for (const [receiver, cost] of costs) await sendRound(load, receiver, bodies, round === 0 ? newCost() : cost);
  }
  const own = costs.get(sidecar) ?? newCost();
  const halfLoad = await atHalfLoad(load, sidecar, own);
  const rows = await writtenRows(sql);
  await sql.end();
  const items = ROUNDS * BODIES_PER_ROUND * ITEMS_PER_BODY;
  const pipeline = pipelineOf(load.name);
  const perSecond = (cpu: number): number => Math.round(items / cpu);
  const figures = {
    load: load.name,
    items,
    pipeline_per_cpu_s: Math.round(pipeline.items / pipeline.cpuSeconds),
    committed_per_cpu_s: perSecond(own.cpu),
    postgres_cpu_s_per_million: round2((own.postgresCpu / items) * 1e6),
    items_per_second: Math.round(items / own.wall),
    acknowledged_p99_ms: percentile(own.latenciesMs, 0.99),
    acknowledged_p99_ms_at_half_load: percentile(halfLoad, 0.99),
    idle_mb,
    resident_mb: Math.round(residentBytes(sidecar.pid).now / 1e6),
    peak_mb: Math.round(residentBytes(sidecar.pid).peak / 1e6),
    state_blocks: rows.blocks - before.blocks,
    window_rows: rows.windows - before.windows,
    others: Object.fromEntries(
      [...costs]
        .filter(([receiver]) => receiver !== sidecar)
        .map(([receiver, cost]) => [receiver.name, perSecond(cost.cpu)]),
    ),
  };
  process.stdout.write(
    `${Object.entries(figures)
      .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
      .join('  ')}\n`,
  );
  return figures;
}

/** Milliseconds to each answer, of two more rounds sent at half of the rate that the rounds before came to. */
async function atHalfLoad(load: Load, sidecar: Receiver, own: Cost): Promise<readonly number[]> {
  const rounds = [ROUNDS + 1, ROUNDS + 2];
  const bodies = rounds.flatMap((round) =>
    Array.from({ length: BODIES_PER_ROUND }, (_, body) => compressed(load.body(round, body))),
  );
  const everyMs = (2_000 * own.wall) / (ROUNDS * BODIES_PER_ROUND);
  return (await sendEvery(sidecar.url, load.signal, bodies, everyMs)).latenciesMs;
}

function newCost(): Cost {
  return { cpu: 0, postgresCpu: 0, wall: 0, latenciesMs: [] };
}

async function sendRound(load: Load, receiver: Receiver, bodies: readonly Buffer[], cost: Cost): Promise<void> {
  const isSidecar = receiver.name === 'sidecar';
  const start = { cpu: cpuSeconds(receiver.pid), postgres: postgresCpu(database), wall: performance.now() };
  const { latenciesMs } = await sendAll(receiver.url, load.signal, bodies, CONCURRENCY);
  cost.cpu += cpuSeconds(receiver.pid) - start.cpu;
  cost.postgresCpu += isSidecar ? postgresCpu(database) - start.postgres : 0;
  cost.wall += (performance.now() - start.wall) / 1000;
  cost.latenciesMs.push(...latenciesMs);
}

function postgresCpu({ pid }: Pick<EmbeddedPostgres, 'pid'>): number {
  return treeCpuSeconds(pid);
}

/** Before the first request, with the leader's thread at work. */
async function idleMb(sidecar: Receiver): Promise<number> {
  await delay(IDLE_MS);
  return Math.round(residentBytes(sidecar.pid).now / 1e6);
}

/** Microseconds of CPU a state block and a window row, here and in Postgres. */
function rowCosts(): Record<string, unknown> {
  const script = fileURLToPath(new URL('rows.ts', import.meta.url));
  const parameters = [...nodeFlags, script, database.url, String(database.pid)];
  return JSON.parse(execFileSync(process.execPath, parameters, { encoding: 'utf8' }));
}

/** In a process of its own, so that its memory of streams holds this load alone. */
function pipelineOf(name: string): { readonly items: number; readonly cpuSeconds: number } {
  const script = fileURLToPath(new URL('pipeline.ts', import.meta.url));
  const printed = execFileSync(process.execPath, [...nodeFlags, script, name, String(ROUNDS)], { encoding: 'utf8' });
  const line = printed.split('\n').find((each) => each.includes(`"load":"${name}"`)) ?? '{}';
  return JSON.parse(line);
}

/** Rows that batches wrote so far: every state of a block counts one version up. */
async function writtenRows(sql: Sql): Promise<{ readonly blocks: number; readonly windows: number }> {
  const [row] = await sql<{ blocks: string; windows: string }[]>`
    SELECT (SELECT coalesce(sum(version), 0) FROM telemetry_stream_state) AS blocks,
      (SELECT n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relname = 'telemetry_open_windows') AS windows`;
  return { blocks: Number(row?.blocks), windows: Number(row?.windows) };
}

function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.ceil(p * sorted.length) - 1] ?? 0);
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
