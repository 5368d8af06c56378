import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '@command-center/infra/demo/random';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { BareSpan } from '@command-center/sidecar/decode/testing/trees';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../processes/api.ts';
import { type CollectorProcess, startCollector } from '../processes/collector.ts';
import { missing } from './programs.ts';
import { openStage, type Stage } from './stage.ts';
import { storedMetric, storedRows, storedSeries } from './tables.ts';

const reason = missing('otelcol');
const LOG_SERVICE = 'file-app';
const SPAN_SERVICE = 'span-app';
const TOKEN = 'a-token-that-the-agent-shows';
const MEBIBYTE = 2 ** 20;

let stage: Stage;
let folder: string;
let agent: CollectorProcess;

beforeAll(async () => {
  if (reason !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'command-center-agent-'));
  stage = await openStage({ COMMAND_CENTER_OTLP_TOKEN: TOKEN });
  agent = await startCollector({
    file: 'agent.yaml',
    flags: ['--feature-gates=stanza.synchronousLogEmitter'],
    changes: ['exporters::otlp_http::retry_on_failure: {initial_interval: 50ms, max_interval: 500ms}'],
    environment: {
      UPSTREAM_HTTP: stage.sidecar().http,
      UPSTREAM_TOKEN: TOKEN,
      AGENT_LOG_FILES: join(folder, '*.jsonl'),
      AGENT_LOG_SERVICE: LOG_SERVICE,
      AGENT_PROCESSES: '^otelcol$',
      AGENT_INTERVAL: '1s',
    },
  });
});
afterAll(async () => {
  await agent?.close();
  await stage?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe('host_metrics: a process of the host is the service of its name', () => {
  it('memory, CPU and uptime of the agent itself are stored, and nothing that the contract does not keep', async ({
    skip,
  }) => {
    if (reason !== undefined) skip(reason);
    const names = ['process.cpu.utilization', 'process.memory.usage', 'process.uptime'];
    const series = await eventually(
      () => storedSeries(stage.sql, 'otelcol'),
      (rows) => names.every((name) => rows.some(({ metric }) => metric === name)),
    );
    const of = (name: string) => series.find(({ metric }) => metric === name);
    expect(of('process.memory.usage')?.max).toBeGreaterThan(20 * MEBIBYTE);
    expect(of('process.memory.usage')?.max).toBeLessThan(2_048 * MEBIBYTE);
    expect(of('process.uptime')?.max).toBeLessThan(300);
    expect(of('process.cpu.utilization')?.max).toBeGreaterThanOrEqual(0);
    for (const { labels } of series.filter(({ metric }) => names.includes(metric)))
      expect(Object.keys(labels)).toEqual(['service.name']);
  });
});

describe('span_metrics: requests, errors and durations from spans alone', () => {
  const SERVED = 57;
  const FAILED = 9;
  const DURATION_MS = 30;

  /** Server spans, each with a client span below it that must not be counted as a request. */
  const spans = (): Uint8Array<ArrayBuffer> => {
    const now = BigInt(Date.now()) * 1_000_000n;
    const items = Array.from({ length: SERVED }, (_, index): BareSpan[] => {
      const traceId = Buffer.alloc(16, 9);
      traceId.writeUInt32BE(index + 1, 0);
      const times = { startTimeUnixNano: now, endTimeUnixNano: now + BigInt(DURATION_MS) * 1_000_000n };
      const status = index < FAILED ? 503n : 200n;
      const server: BareSpan = {
        ...times,
        traceId,
        spanId: Buffer.alloc(8, 1),
        parentSpanId: new Uint8Array(),
        name: 'GET /api/v1/guilds/{id}',
        kind: 2,
        attributes: [
          { key: 'http.request.method', value: 'GET' },
          { key: 'http.route', value: '/api/v1/guilds/{id}' },
          { key: 'http.response.status_code', value: status },
        ],
        statusCode: index < FAILED ? 2 : 0,
        flags: 1,
      };
      const client = {
        ...server,
        spanId: Buffer.alloc(8, 2),
        parentSpanId: server.spanId,
        kind: 3,
        name: 'SELECT',
        statusCode: 0,
        attributes: [],
      };
      return [server, client];
    }).flat();
    const scope = { name: 'test', version: '1', attributes: [], items };
    const tree = [{ attributes: [{ key: 'service.name', value: SPAN_SERVICE }], scopes: [scope] }];
    return Uint8Array.from(encodeProtobuf('traces', tree));
  };

  it('counts are those of the server spans, exactly, and the spans themselves arrive once', {
    timeout: 40_000,
  }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const headers = { 'content-type': 'application/x-protobuf' };
    const { status } = await fetch(`${agent.http}/v1/traces`, { method: 'POST', headers, body: spans() });
    expect(status).toBe(200);
    const metric = (name: string) => storedMetric(stage.sql, SPAN_SERVICE, name);
    await eventually(
      () => metric('kaiku_http_requests_total'),
      (row) => (row?.sum ?? 0) >= SERVED,
    );
    // Two more flushes of the connector: running totals that come again add nothing.
    const uptime = async (): Promise<number> => (await storedMetric(stage.sql, 'otelcol', 'process.uptime'))?.max ?? 0;
    const seenAt = await uptime();
    await eventually(uptime, (seconds) => seconds > seenAt + 2);
    expect(await metric('kaiku_http_requests_total')).toMatchObject({ sum: SERVED });
    expect(await metric('kaiku_http_errors_total')).toMatchObject({ sum: FAILED });
    const duration = await metric('http.server.request.duration');
    expect(duration?.count).toBe(SERVED);
    expect(duration?.sum).toBeCloseTo((SERVED * DURATION_MS) / 1_000, 6);
    // Client spans are not kept; those of servers are.
    expect(await storedRows(stage.sql, 'telemetry_trace_index', SPAN_SERVICE)).toBe(SERVED);
  });
});

describe('file_log: lines of a file, read on over kills of the agent', () => {
  const LINES = 6_400;
  const LINES_A_WRITE = 8;
  const WRITE_EVERY_MS = 5;
  const KILLS = 6;
  const KEPT_LEVELS = ['warn', 'error'];

  it('each WARN and ERROR line is a row, once, with its own time and message', { timeout: 90_000 }, async ({
    skip,
  }) => {
    if (reason !== undefined) skip(reason);
    const startMs = Date.now();
    const levels = ['info', 'warn', 'error', 'debug'];
    const lines = Array.from({ length: LINES }, (_, index) => ({
      // Several lines share a millisecond and their words; only their place in the file tells them apart.
      time: new Date(startMs + Math.floor(index / 8)).toISOString(),
      level: levels[index % 4] ?? 'info',
      message: 'the session store does not answer',
    }));
    const kept = lines.filter(({ level }) => KEPT_LEVELS.includes(level)).length;
    const random = seededRandom(Number(process.env.AGENT_SEED ?? 1));
    const rows = (): Promise<number> => storedRows(stage.sql, 'telemetry_log_events', LOG_SERVICE);
    const write = async (): Promise<void> => {
      for (let from = 0; from < LINES; from += LINES_A_WRITE) {
        const own = lines.slice(from, from + LINES_A_WRITE);
        await appendFile(join(folder, 'app.jsonl'), own.map((line) => `${JSON.stringify(line)}\n`).join(''));
        await delay(WRITE_EVERY_MS);
      }
    };
    const writing = write();
    // Somewhere between reading a line, queueing it, sending it and saving its place.
    for (let kill = 0; kill < KILLS; kill += 1) {
      await delay(random.integer(100, 400));
      await agent.kill9();
      agent = await agent.again();
    }
    await writing;
    await eventually(rows, (count) => count >= kept, 30_000);
    await agent.stop();
    expect(await rows()).toBe(kept);
    const [row] = await stage.sql<{ ts: Date; level: string; message: string }[]>`
      SELECT ts, level, message FROM telemetry_log_events WHERE service = ${LOG_SERVICE} ORDER BY ts LIMIT 1`;
    expect(row).toMatchObject({ ts: new Date(startMs), message: 'the session store does not answer' });
    process.stdout.write(`file_log: ${LINES} lines, ${kept} kept, ${KILLS} kills\n`);
  });
});
