import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from '@command-center/drizzle/connect';
import { migrate } from '@command-center/drizzle/migrate';
import { bundleProgram } from '@command-center/infra/bundle/program';
import { startPostgres } from '@command-center/infra/local/postgres';
import { BODIES_PER_ROUND, compressed, loads } from './load.ts';
import { startSidecarProcess } from './processes.ts';
import { sendEvery } from './sender.ts';

/**
 * `npm run bench:leader`: what the leader's work takes on an hour of 6,000 series (60 metrics of 100 label sets, the bound) and on a day that has become
 * too old, and whether senders feel it: answers' times at a steady load, in turns with and without that work. Last line: one JSON object.
 */

const TURNS = 4;
/** A tenth of what a core takes; a batch at a time. */
const EVERY_MS = 150;

const folder = await mkdtemp(join(tmpdir(), 'command-center-bench-'));
const database = await startPostgres({ dataDir: join(folder, 'data'), settings: ['max_wal_size=1GB'] });
const sql = connect(database.url, { name: 'bench', max: 1 });
let stopSidecar = async (): Promise<void> => undefined;
try {
  await migrate(database.url);
  const leader = startLeaderWork();
  await leader.ask('prepare');
  const alone = [await leader.ask('rollUp'), await leader.ask('rollUp'), await leader.ask('rollUp')];
  const packed = await leader.ask('pack');
  const merged = await leader.ask('merge');
  const retention = await leader.ask('retention');
  const bundle = join(folder, 'sidecar');
  await bundleProgram(bundle);
  const sidecar = await startSidecarProcess(database.url, join(bundle, 'sidecar.mjs'));
  stopSidecar = sidecar.stop;
  const [load] = loads(Date.now() - 30_000);
  if (load === undefined) throw new Error('there are loads');
  const round = (at: number) => Array.from({ length: BODIES_PER_ROUND }, (_, body) => compressed(load.body(at, body)));
  await sendEvery(sidecar.url, load.signal, round(0), EVERY_MS);
  const answers: Record<string, number[]> = { quiet: [], rolling_up: [], merging: [] };
  const meanwhile: number[] = [];
  let body = 1;
  const send = async (kind: string): Promise<void> => {
    const bodies = [...round(body), ...round(body + 1)];
    body += 2;
    answers[kind]?.push(...(await sendEvery(sidecar.url, load.signal, bodies, EVERY_MS)).latenciesMs);
  };
  for (let turn = 0; turn < TURNS; turn += 1) {
    await send('quiet');
    const rollingUp = send('rolling_up');
    meanwhile.push(await leader.ask('rollUp'), await leader.ask('retention'));
    await rollingUp;
    const merging = send('merging');
    meanwhile.push(await leader.ask('merge'));
    await merging;
  }
  await leader.stop();
  process.stdout.write(
    `${JSON.stringify({
      bench: 'leader',
      series: 6_000,
      roll_up_seconds: alone,
      pack_seconds: packed,
      merge_seconds: merged,
      retention_of_a_day_seconds: retention,
      while_ingest_runs_seconds: meanwhile,
      acknowledged_ms: Object.fromEntries(Object.entries(answers).map(([kind, times]) => [kind, percentiles(times)])),
    })}\n`,
  );
} finally {
  await stopSidecar();
  await sql.end();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

function percentiles(times: readonly number[]): Record<string, number> {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (p: number): number => Math.round(sorted[Math.ceil(p * sorted.length) - 1] ?? 0);
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** A process of its own, as the leader's thread has one; it answers each command with the seconds it took. */
function startLeaderWork() {
  const script = fileURLToPath(new URL('month/leaderWork.ts', import.meta.url));
  const child = spawn('node', [script, database.url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  return {
    ask: async (command: string): Promise<number> => {
      child.stdin.write(`${command}\n`);
      const [line] = await once(lines, 'line');
      return Number(line);
    },
    stop: async (): Promise<void> => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
