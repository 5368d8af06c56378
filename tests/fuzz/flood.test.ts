import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { grpcStatus, httpOk, reasons } from '@command-center/contract/reasons';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peakResidentBytes } from '../processes/resident.ts';
import { type GrpcConnection, openGrpc } from './grpcConnection.ts';
import { type HttpConnection, openConnection } from './httpConnection.ts';
import { manyLogs } from './manyLogs.ts';
import { isFull } from './mode.ts';
import { openSidecar, type SidecarStage } from './sidecarStage.ts';

const MEBIBYTE = 2 ** 20;
const LIMIT_BYTES = 64 * MEBIBYTE;
const MAX_BODY_BYTES = 16 * MEBIBYTE;
/** What the process may hold beside the bytes in flight: its own code and state, what decoding makes of those bytes, and gRPC messages being received. */
const BASE_BYTES = 640 * MEBIBYTE;
const HEAP_MIB = 320;
const FLOOD_MS = isFull ? 30_000 : 4_000;
const HTTP_FLOODERS = 24;
const GRPC_FLOODERS = 24;
const PAUSE_MS = 20;
const POLITE_EVERY_MS = 200;
/** A collector gives an attempt 5 s over gRPC and tries again for 300 s. */
const POLITE_PATIENCE_MS = 60_000;

let stage: SidecarStage;
let http: HttpConnection[];
let grpc: GrpcConnection[];
beforeAll(async () => {
  stage = await openSidecar({
    COMMAND_CENTER_MEMORY_LIMIT_BYTES: String(LIMIT_BYTES),
    COMMAND_CENTER_OTLP_MAX_BODY_BYTES: String(MAX_BODY_BYTES),
    // The heap's own end is the proof: past it the process dies.
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
  });
  http = await Promise.all(Array.from({ length: HTTP_FLOODERS }, () => openConnection(stage.sidecar.http)));
  grpc = await Promise.all(Array.from({ length: 4 }, () => openGrpc(stage.sidecar.grpc)));
});
afterAll(async () => {
  for (const connection of [...http, ...grpc]) connection.close();
  await stage.close();
});

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
/** What a collector's batch of 8,192 is: two MiB, a hundredth of that on the wire. */
const bodies = Array.from({ length: 4 }, (_, index) =>
  gzipSync(manyLogs('flood', 8_192, 200, Date.now() - 60_000 * (index + 1)), { level: 1 }),
);
const framedBodies = bodies.map((body) => {
  const head = Buffer.alloc(5, 1);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
});

/** A message that waits too long for its turn to be read is sent away as well. */
const retryable: readonly number[] = [reasons.overloaded.grpcCode, reasons.deadline_exceeded.grpcCode];

const told = { stored: 0, refused: 0 };

async function floodHttp(connection: HttpConnection, lane: number, untilMs: number): Promise<void> {
  const body = bodies[lane % bodies.length] ?? Buffer.alloc(0);
  while (Date.now() < untilMs) {
    const answer = await connection.send({ path: '/v1/logs', headers, body, isChunked: false });
    expect([httpOk, reasons.overloaded.httpStatus]).toContain(answer.status);
    if (answer.status === httpOk) told.stored++;
    else {
      told.refused++;
      expect(answer.headers.get('retry-after')).toMatch(/^([1-9]|10)$/);
      await delay(PAUSE_MS);
    }
  }
}

async function floodGrpc(connection: GrpcConnection, lane: number, untilMs: number): Promise<void> {
  const framed = framedBodies[lane % framedBodies.length] ?? Buffer.alloc(0);
  while (Date.now() < untilMs) {
    const answer = await connection.call('logs', framed, 'gzip');
    expect([grpcStatus.ok, ...retryable]).toContain(answer.status);
    expect(answer.hasDetails).toBe(answer.status !== grpcStatus.ok);
    if (answer.status === grpcStatus.ok) told.stored++;
    else {
      told.refused++;
      await delay(PAUSE_MS);
    }
  }
}

/** How long it took until each small request was stored, with a new attempt a second after each refusal. */
async function sendPolitely(untilMs: number): Promise<number[]> {
  const connection = await openConnection(stage.sidecar.http);
  const waits: number[] = [];
  for (let number = 0; Date.now() < untilMs; number++) {
    const body = gzipSync(manyLogs('polite', 10, 50, Date.now() - number));
    const startMs = performance.now();
    for (;;) {
      const { status } = await connection.send({ path: '/v1/logs', headers, body, isChunked: false });
      const waitedMs = performance.now() - startMs;
      if (status === httpOk) waits.push(waitedMs);
      if (status === httpOk || waitedMs > POLITE_PATIENCE_MS) break;
      await delay(1_000);
    }
    await delay(POLITE_EVERY_MS);
  }
  connection.close();
  expect(waits.length).toBeGreaterThan(0);
  return waits;
}

describe('a collector that floods (design §5, "Memory is bounded")', () => {
  it('is refused with a retry hint once the bytes in flight reach the limit; memory stays bounded and others are served', {
    timeout: 300_000,
  }, async () => {
    const untilMs = Date.now() + FLOOD_MS;
    const flooding = [
      ...http.map((connection, lane) => floodHttp(connection, lane, untilMs)),
      ...Array.from({ length: GRPC_FLOODERS }, (_, lane) => {
        const connection = grpc[lane % grpc.length];
        return connection === undefined ? Promise.resolve() : floodGrpc(connection, lane, untilMs);
      }),
    ];
    const [waits] = await Promise.all([sendPolitely(untilMs), ...flooding]);
    const peakMib = Math.round((await peakResidentBytes(stage.sidecar.pid)) / MEBIBYTE);
    const sorted = waits.toSorted((a, b) => a - b).map(Math.round);
    const polite = { served: waits.length, medianMs: sorted[sorted.length >> 1], maxMs: sorted.at(-1) };
    process.stdout.write(`${JSON.stringify({ ...told, peakMib, polite })}\n`);
    expect(told.stored).toBeGreaterThan(0);
    expect(told.refused).toBeGreaterThan(0);
    expect(peakMib * MEBIBYTE).toBeLessThan(LIMIT_BYTES + BASE_BYTES);
    expect(Math.max(...waits)).toBeLessThan(POLITE_PATIENCE_MS);
    const [row] = await stage.sql`SELECT count(*)::integer AS n FROM telemetry_log_events WHERE service = 'polite'`;
    expect(row).toEqual({ n: waits.length * 10 });
  });
});
