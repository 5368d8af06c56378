import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openMonth } from './month/database.ts';
import { polled } from './polls.ts';

/**
 * `npm run bench:query`: every query of the API over 30 days of data, API and Postgres together on this machine. Cold: the first answer after both were
 * started anew. Warm: one client whose every question is answered anew; then for `--seconds` 16 clients at once, each with the next question when it has its
 * answer, as consoles ask (`16_`: who asks the same within a second gets the same answer), and all answered anew (`16_anew_`). Consoles: 16 open
 * ones for `--console-seconds`, each asking at its own time. All take gzip, as browsers do. `--data FOLDER`: see bench:storage.
 * Last line: one JSON object, milliseconds.
 */

const { values: flags } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    logs: { type: 'string', default: '1000000' },
    spans: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '40' },
    seconds: { type: 'string', default: '2' },
    'console-seconds': { type: 'string', default: '60' },
    data: { type: 'string' },
  },
});
const CLIENTS = 16;
const WARM_UP = 500;
const TOKEN = 'a-token-for-benches-of-at-least-32-characters';
const BASE = '/api/admin/observability';
/** What interfaces.md §1 aims at, milliseconds at the 95th percentile. */
const queries: readonly (readonly [path: string, aimMs: number])[] = [
  ['/summary', 5],
  ['/trends?metric=kaiku_http_requests_total&range=1h', 20],
  ['/trends?metric=kaiku_http_requests_total&range=24h', 20],
  ['/trends?metric=kaiku_http_requests_total&range=30d', 25],
  ['/trends?metric=http.server.request.duration&range=1h', 20],
  ['/trends?metric=http.server.request.duration&range=24h', 20],
  ['/trends?metric=http.server.request.duration&range=7d', 25],
  ['/trends?metric=http.server.request.duration&range=30d', 25],
  ['/trends?metric=http.server.request.duration&where=http.route:/api/v1/resource-3/{id}&range=24h', 20],
  ['/trends?metric=kaiku_http_errors_total&by=http.response.status_code&range=24h', 20],
  ['/trends?metric=process.memory.usage&range=24h', 20],
  ['/trends?metric=db.client.connection.count&by=service.name&range=7d', 25],
  ['/top-routes?range=1h', 20],
  ['/top-routes?range=6h', 20],
  ['/top-routes?range=24h', 20],
  ['/top-routes?sort=errors&range=24h', 20],
  ['/top-routes?range=7d', 50],
  ['/top-routes?range=30d', 50],
  ['/top-errors?range=24h', 20],
  ['/top-errors?range=30d', 20],
  ['/voice/summary', 10],
  ['/voice/quality?range=1h', 20],
  ['/voice/quality?range=24h', 20],
  ['/infrastructure', 10],
  ['/intake', 10],
  ['/logs', 15],
  ['/logs?range=30d', 15],
  ['/logs?level=ERROR&domain=voice&range=30d', 15],
  ['/logs?domain=voice&service=service-3&range=30d', 15],
  ['/logs?domain=voice&service=nowhere&range=30d', 15],
  ['/logs?service=nowhere&range=30d', 15],
  ['/logs?search=attempt%204&range=24h', 15],
  ['/logs?search=nowhere-to-be-found&range=24h', 15],
  ['/logs?search=attempt%204&range=30d', 15],
  ['/logs?search=nowhere-to-be-found&range=30d', 15],
  ['/logs?search=after%20777%20ms,%20attempt%202&range=30d', 15],
  ['/logs?search=nowhere-to-be-found&level=ERROR&domain=db&range=30d', 15],
  ['/logs?group=1&range=24h', 15],
  ['/logs?trace_id=00000000000000000000000000000000&range=30d', 15],
  ['/traces', 15],
  ['/traces?status=error&range=30d', 15],
  ['/traces?status=slow&range=30d', 15],
  ['/traces?domain=db&range=30d', 15],
  ['/traces?duration_min=100000&range=30d', 15],
  ['/traces?status=error&domain=db&range=30d', 15],
  ['/traces?route=/nowhere&range=24h', 15],
  ['/traces?route=/nowhere&range=30d', 15],
  ['/config', 5],
  ['/links', 5],
];
/** Files of at most 10,000 rows: the first byte after 50 ms, the last after a second. */
const EXPORT_AIMS = { aim_first: 50, aim: 1_000 };
const exportPaths: readonly string[] = [
  '/export?type=logs&format=csv&range=30d',
  '/export?type=logs&format=json&range=30d',
  '/export?type=logs&format=csv&level=ERROR&domain=voice&range=30d',
  '/export?type=logs&format=csv&search=attempt%204&range=30d',
  '/export?type=logs&format=csv&search=nowhere-to-be-found&range=30d',
  '/export?type=traces&format=csv&range=30d',
  '/export?type=traces&format=csv&status=error&range=30d',
  '/export?type=traces&format=csv&status=slow&domain=db&range=30d',
  '/export?type=metrics&format=csv&metric=http.server.request.duration&range=24h',
];

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const month = { days: Number(flags.days), logs: Number(flags.logs), spans: Number(flags.spans), say };
const database = await openMonth(month, flags.data);
const asked = queries.filter(([path]) => path.includes(flags.only));
const askedExports = exportPaths.filter((path) => path.includes(flags.only));
const rounds = Number(flags.rounds);
const closedLoopMs = Number(flags.seconds) * 1_000;
const anew = { 'Cache-Control': 'no-cache' };
const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
try {
  const results: Record<string, Record<string, number>> = {};
  await database.restart();
  let api = await startApi(database.postgres.url);
  for (const [path] of asked) results[path] = { cold: round(await timed(api.url, path)) };
  await api.stop();
  api = await startApi(database.postgres.url);
  // Code that is asked by every path is compiled by then, also for the first of them.
  for (let i = 0; i < WARM_UP; i += 1) await timed(api.url, asked[i % asked.length]?.[0] ?? '/config', anew);
  await together(api.url, asked[0]?.[0] ?? '/config', {});
  for (const [path, aim] of asked) {
    for (let i = 0; i < 5; i += 1) await timed(api.url, path, anew);
    const alone: number[] = [];
    for (let i = 0; i < rounds; i += 1) alone.push(await timed(api.url, path, anew));
    results[path] = {
      aim,
      ...results[path],
      ...percentiles('', alone),
      ...percentiles('16_', await together(api.url, path, {})),
      ...percentiles('16_anew_', await together(api.url, path, anew)),
    };
    say(`${path}  ${JSON.stringify(results[path])}`);
  }
  const exports = await timedExports(api.url);
  const polls = await consoles(api.url);
  say(`16 consoles ${JSON.stringify(polls)}`);
  await api.stop();
  process.stdout.write(`${JSON.stringify({ bench: 'query', clients: CLIENTS, results, exports, polls })}\n`);
} finally {
  await database.stop();
}

/** Milliseconds of each answer to 16 clients that ask the same. */
async function together(url: string, path: string, headers: Record<string, string>): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + closedLoopMs;
  const client = async (): Promise<void> => {
    while (performance.now() < until) times.push(await timed(url, path, headers));
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return times;
}

/** One client: exports are asked for by people, one at a time. */
async function timedExports(url: string): Promise<Record<string, Record<string, number>>> {
  const results: Record<string, Record<string, number>> = {};
  for (const path of askedExports) {
    const times: Times[] = [];
    for (let i = 0; i < rounds; i += 1) times.push(await timesOf(url, path));
    const first = percentiles(
      'first_',
      times.map(({ firstMs }) => firstMs),
    );
    const whole = percentiles(
      '',
      times.map(({ wholeMs }) => wholeMs),
    );
    results[path] = { ...EXPORT_AIMS, ...first, ...whole };
    say(`${path}  ${JSON.stringify(results[path])}`);
  }
  return results;
}

/** 16 open consoles, each at its own time, as often as the contract says. */
async function consoles(url: string): Promise<Record<string, Record<string, number>>> {
  const times = new Map<string, number[]>(polled.map(({ path }) => [path, []]));
  const until = performance.now() + Number(flags['console-seconds']) * 1_000;
  const poll = async (path: string, everyMs: number, firstAt: number): Promise<void> => {
    for (let at = firstAt; at < until; at += everyMs) {
      await setTimeout(at - performance.now());
      times.get(path)?.push(await timed(url, path));
    }
  };
  const startedAt = performance.now();
  await Promise.all(
    polled.flatMap(({ path, everyS }, part) =>
      Array.from({ length: CLIENTS }, (_, client) => {
        const everyMs = everyS * 1_000;
        // Seven has no part in common with the clients: so they do not come one after another.
        return poll(path, everyMs, startedAt + (everyMs * ((7 * client + 3 * part) % CLIENTS)) / CLIENTS);
      }),
    ),
  );
  return Object.fromEntries([...times].map(([path, all]) => [path, percentiles('', all)]));
}

function percentiles(prefix: string, times: readonly number[]): Record<string, number> {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (p: number): number => round(sorted[Math.ceil(p * sorted.length) - 1] ?? 0);
  return { [`${prefix}p50`]: at(0.5), [`${prefix}p95`]: at(0.95), [`${prefix}p99`]: at(0.99) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

interface Api {
  readonly url: string;
  stop(): Promise<void>;
}

async function startApi(databaseUrl: string): Promise<Api> {
  const child = spawn('node', ['api/src/entry/run.ts'], {
    env: {
      ...process.env,
      COMMAND_CENTER_DATABASE_URL: databaseUrl,
      COMMAND_CENTER_PORT: '0',
      COMMAND_CENTER_ADMIN_TOKEN: TOKEN,
      COMMAND_CENTER_SESSION_SECRET: TOKEN,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    url: JSON.parse(String(line)).console,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Milliseconds until the whole answer is there. */
async function timed(url: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  return (await timesOf(url, path, headers)).wholeMs;
}

/** Milliseconds until the first byte of the body, and the last. */
interface Times {
  readonly firstMs: number;
  readonly wholeMs: number;
}

/** @throws on any answer but a whole 200 */
function timesOf(url: string, path: string, more: Record<string, string> = {}): Promise<Times> {
  const startedAt = performance.now();
  const headers = { authorization: `Bearer ${TOKEN}`, 'Accept-Encoding': 'gzip', ...more };
  return new Promise((resolve, reject) => {
    get(`${url}${BASE}${path}`, { agent, headers }, (response) => {
      const parts: Buffer[] = [];
      let firstMs: number | undefined;
      response.on('data', (part: Buffer) => {
        firstMs ??= performance.now() - startedAt;
        parts.push(part);
      });
      response.on('error', reject);
      response.on('end', () => {
        const wholeMs = performance.now() - startedAt;
        if (response.statusCode === 200) resolve({ firstMs: firstMs ?? wholeMs, wholeMs });
        else reject(new Error(`${path}: ${response.statusCode} ${Buffer.concat(parts).toString().slice(0, 300)}`));
      });
    }).on('error', reject);
  });
}
