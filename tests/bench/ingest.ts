import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from '@command-center/infra/local/postgres';
import postgres from 'postgres';
import { type Load, loads } from './load.ts';

/**
 * `npm run bench:ingest`: data points per second and CPU seconds per million points, end to end from an OTLP/HTTP client into Postgres.
 * CPU is what the kernel charged to the sidecar's process and, apart from it, to Postgres; the client's own is not counted.
 * The last line is one JSON object.
 */

const { values: flags } = parseArgs({
  options: { requests: { type: 'string', default: '60' }, concurrency: { type: 'string', default: '4' } },
});
const REQUESTS = Number(flags.requests);
const CONCURRENCY = Number(flags.concurrency);
/** Clock ticks a second in /proc (Linux, always 100 for user space). */
const TICKS_PER_SECOND = 100;

interface Figures {
  readonly kind: string;
  readonly items: number;
  readonly items_per_second: number;
  readonly sidecar_cpu_s_per_million: number;
  readonly postgres_cpu_s_per_million: number;
  readonly bytes_per_item: number;
}

const folder = await mkdtemp(join(tmpdir(), 'command-center-bench-'));
const database = await startPostgres({ dataDir: folder });
try {
  const { child, url } = await startSidecarProcess(database.url);
  try {
    const results: Figures[] = [];
    for (const load of loads(Date.now() - (REQUESTS + 12) * 10_000)) {
      const figures = await measure(load, url, child);
      results.push(figures);
      process.stdout.write(
        `${load.name.padEnd(24)} ${figures.items_per_second.toLocaleString('en').padStart(9)} /s   ` +
          `sidecar ${figures.sidecar_cpu_s_per_million.toFixed(2)} s, Postgres ${figures.postgres_cpu_s_per_million.toFixed(2)} s of CPU a million   ` +
          `${figures.bytes_per_item} bytes each\n`,
      );
    }
    const rows = await countRows(database.url);
    process.stdout.write(
      `${JSON.stringify({ bench: 'ingest', requests: REQUESTS, concurrency: CONCURRENCY, results, rows })}\n`,
    );
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
} finally {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

async function startSidecarProcess(databaseUrl: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('@command-center/sidecar/run'))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      COMMAND_CENTER_DATABASE_URL: databaseUrl,
      COMMAND_CENTER_OTLP_GRPC_PORT: '0',
      COMMAND_CENTER_OTLP_HTTP_PORT: '0',
      COMMAND_CENTER_SIDECAR_PORT: '0',
    },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('"ready"')) continue;
    const ready: { otlp: { http: string } } = JSON.parse(line);
    return { child, url: ready.otlp.http };
  }
  throw new Error('the sidecar ended before it was ready');
}

/** Bodies are made beforehand, so that the client costs little while it is measured. */
async function measure(load: Load, url: string, child: ChildProcess): Promise<Figures> {
  const bodies = Array.from({ length: REQUESTS + CONCURRENCY }, (_, request) => load.body(request));
  const warmUp = bodies.splice(0, CONCURRENCY);
  for (const body of warmUp) await send(load, url, body);
  const before = { sidecar: cpuSeconds(child.pid), postgres: postgresCpuSeconds(), timeMs: performance.now() };
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) await send(load, url, body);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sender));
  const seconds = (performance.now() - before.timeMs) / 1000;
  const items = REQUESTS * load.itemsPerRequest;
  return {
    kind: load.name,
    items,
    items_per_second: Math.round(items / seconds),
    sidecar_cpu_s_per_million: ((cpuSeconds(child.pid) - before.sidecar) / items) * 1e6,
    postgres_cpu_s_per_million: ((postgresCpuSeconds() - before.postgres) / items) * 1e6,
    bytes_per_item: Math.round(bodies.reduce((sum, body) => sum + body.length, 0) / items),
  };
}

async function send(load: Load, url: string, body: Uint8Array): Promise<void> {
  const response = await fetch(`${url}${load.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Uint8Array.from(body),
  });
  const answer = new Uint8Array(await response.arrayBuffer());
  // A success without partial_success is an empty message (OTLP 1.11, "Full Success").
  if (response.status !== 200 || answer.length > 0) {
    throw new Error(`${load.name}: status ${response.status}, ${Buffer.from(answer).toString('latin1').slice(0, 300)}`);
  }
}

/** User and system time of a process and its ended children: fields 14-17 of /proc/PID/stat (proc(5)). */
function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0) / TICKS_PER_SECOND;
}

function postgresCpuSeconds(): number {
  const children = readFileSync(`/proc/${database.pid}/task/${database.pid}/children`, 'utf8').trim().split(' ');
  return [String(database.pid), ...children].reduce((sum, pid) => sum + cpuSeconds(Number(pid)), 0);
}

/** A check value: what the load left in the tables. */
async function countRows(databaseUrl: string): Promise<Record<string, number>> {
  const sql = postgres(databaseUrl, { max: 1 });
  try {
    const [row] = await sql<{ logs: string; spans: string; windows: string; requests: number }[]>`
      SELECT (SELECT count(*) FROM telemetry_log_events) AS logs, (SELECT count(*) FROM telemetry_trace_index) AS spans,
        (SELECT count(*) FROM telemetry_open_windows) + (SELECT count(*) FROM telemetry_metric_samples) AS windows,
        (SELECT sum(w.value_sum) FROM (SELECT series_id, value_sum FROM telemetry_open_windows
            UNION ALL SELECT series_id, value_sum FROM telemetry_metric_samples) AS w
          JOIN telemetry_metric_series AS s ON s.id = w.series_id AND s.metric_name = 'kaiku_http_requests_total') AS requests`;
    return Object.fromEntries(Object.entries(row ?? {}).map(([key, value]) => [key, Number(value)]));
  } finally {
    await sql.end();
  }
}
