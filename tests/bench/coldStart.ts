import process from 'node:process';
import { parseArgs } from 'node:util';
import { adminToken, base } from '../api/stage.ts';
import { bundlePath, readWrangler, workerModules } from '../runtimes/bundles.ts';
import { startLambda } from '../runtimes/lambda.ts';
import { startWorkerd } from '../runtimes/workerd.ts';
import { cpuSeconds } from './cpu.ts';
import { openMonth } from './month/database.ts';
import { pollsCpu } from './polls.ts';

/**
 * `npm run bench:cold-start`: what the first request waits for on a runtime that starts a process for it, and what an open console costs afterwards.
 *
 * - Workers: workerd evaluates the script before it listens. `script` is the time from its start to its port with our bundle, less that with a script of
 *   one line, in turn; `first` is its first answer (/config: the application is built, no database asked) less the other script's.
 * - Lambda: `import` is what loading the bundle takes in a process of Node that does nothing else, `first` the first answer of the same request.
 * - Polls: CPU of the API on Node and of Postgres for 1,000 polls of consoles, by the cadences of the contract, over a day of data.
 *
 * `--runs` of each, medians; `--polls 0` leaves the polls out; `--database URL` takes a database that is there, and then knows nothing of Postgres' CPU. Last line: one JSON object.
 */

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '15' },
    polls: { type: 'string', default: '2000' },
    days: { type: 'string', default: '1' },
    database: { type: 'string' },
  },
});
const runs = Number(flags.runs);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const settings = {
  COMMAND_CENTER_ADMIN_TOKEN: adminToken,
  COMMAND_CENTER_SESSION_SECRET: adminToken,
  // Asked by nothing here.
  COMMAND_CENTER_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
};
const oneLine = new URL('../runtimes/oneLine.mjs', import.meta.url).pathname;

/** Milliseconds of the first whole answer. @throws on any answer but 200 */
async function firstAnswer(url: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(`${url}${base}/config`, { headers: { Authorization: `Bearer ${adminToken}` } });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`/config answered ${answer.status}`);
  return performance.now() - startedAt;
}

async function workerOnce(modules: readonly string[]): Promise<{ script: number; first: number; cpu: number }> {
  const { compatibility_date } = await readWrangler();
  const startedAt = performance.now();
  const worker = await startWorkerd({
    modules,
    compatibilityDate: compatibility_date,
    variables: settings,
  });
  try {
    const listening = performance.now() - startedAt;
    const first = await firstAnswer(worker.url);
    return { script: listening, first, cpu: cpuSeconds(worker.pid) * 1_000 };
  } finally {
    await worker.stop();
  }
}

async function workers() {
  const ours: Awaited<ReturnType<typeof workerOnce>>[] = [];
  const others: typeof ours = [];
  for (let run = 0; run < runs; run += 1) {
    others.push(await workerOnce([oneLine]));
    ours.push(await workerOnce(workerModules()));
  }
  const less = (of: 'script' | 'first' | 'cpu'): number =>
    round(median(ours.map((one) => one[of])) - median(others.map((one) => one[of])));
  const script = less('script');
  const first = less('first');
  return {
    script,
    first,
    cold: round(script + first),
    cpu: less('cpu'),
    process: round(median(others.map((one) => one.script))),
  };
}

async function lambda() {
  const imports: number[] = [];
  const firsts: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const sandbox = await startLambda(bundlePath('lambda'), settings);
    try {
      imports.push(sandbox.initMs);
      firsts.push(await firstAnswer(sandbox.url));
    } finally {
      await sandbox.stop();
    }
  }
  const cold = median(imports.map((ms, run) => ms + (firsts[run] ?? 0)));
  return { import: round(median(imports)), first: round(median(firsts)), cold: round(cold) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const workersMs = await workers();
say(`workers ${JSON.stringify(workersMs)}`);
const lambdaMs = await lambda();
say(`lambda ${JSON.stringify(lambdaMs)}`);
/** A day of data, and the polls over it; null where none are asked for. */
async function polls(): Promise<Awaited<ReturnType<typeof pollsCpu>> | null> {
  const count = Number(flags.polls);
  if (count === 0) return null;
  if (flags.database !== undefined) return pollsCpu({ url: flags.database, pid: undefined }, count);
  const month = await openMonth({ days: Number(flags.days), logs: 30_000, spans: 30_000, say }, undefined);
  try {
    return await pollsCpu(month.postgres, count);
  } finally {
    await month.stop();
  }
}

process.stdout.write(
  `${JSON.stringify({ bench: 'cold-start', runs, workers_ms: workersMs, lambda_ms: lambdaMs, polls: await polls() })}\n`,
);
