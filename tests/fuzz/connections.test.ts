import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { HTTP_REQUEST_TIMEOUT_MS, MAX_HTTP_CONNECTIONS } from '@command-center/sidecar/limits';
import type { Door } from '@command-center/sidecar/receive/door';
import { startHttpDoor } from '@command-center/sidecar/receive/httpDoor';
import { paddedRequest } from '@command-center/sidecar/receive/testing/grpcClient';
import { logsProtobuf, postTo, protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import {
  type RecordingExporter,
  recordingExporter,
  recordingOptions,
} from '@command-center/sidecar/receive/testing/recordingExporter';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isFull } from './mode.ts';

const MAX_BODY_BYTES = 64 * 2 ** 20;
const IDLE = 1_000;
const SLOW = 200;
/** Node looks for requests that are overdue twice a minute. */
const CHECK_MS = 30_000;

let exporter: RecordingExporter;
let door: Door;
let sockets: Socket[];
beforeEach(async () => {
  exporter = recordingExporter(MAX_BODY_BYTES);
  door = await startHttpDoor(recordingOptions({ otlpMaxBodyBytes: MAX_BODY_BYTES }).options, exporter);
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(() => expect(exporter.reservedBytes).toBe(0), { timeout: 5_000 });
  await door.stop(0);
});

async function open(): Promise<Socket> {
  const socket = connect({ host: door.host, port: door.port });
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

/** A request that has begun and does not end. */
async function begin(sentBytes: number): Promise<Socket> {
  const socket = await open();
  socket.write(
    `POST /v1/logs HTTP/1.1\r\nhost: sidecar\r\ncontent-type: ${protobufType}\r\ncontent-length: 1000000\r\n\r\n`,
  );
  socket.write(Buffer.alloc(sentBytes));
  return socket;
}

const send = (body: Buffer): Promise<Response> => postTo(door, '/v1/logs', protobufType, body);

async function expectServed(): Promise<void> {
  const startMs = performance.now();
  expect((await send(logsProtobuf)).status).toBe(httpOk);
  expect(performance.now() - startMs).toBeLessThan(5_000);
}

describe('connections of the HTTP door', () => {
  it(`${IDLE} idle ones keep nobody out and hold no bytes`, { timeout: 60_000 }, async () => {
    for (let opened = 0; opened < IDLE; opened += 100) await Promise.all(Array.from({ length: 100 }, open));
    expect(exporter.reservedBytes).toBe(0);
    await expectServed();
  });

  it(`are ${MAX_HTTP_CONNECTIONS} at most: one more is closed, and taken once another has gone`, {
    timeout: 60_000,
  }, async () => {
    for (let opened = 0; opened < MAX_HTTP_CONNECTIONS; opened += 128)
      await Promise.all(Array.from({ length: 128 }, open));
    await vi.waitFor(async () => {
      const refused = await open();
      await once(refused, 'close', { signal: AbortSignal.timeout(1_000) });
    });
    for (const socket of sockets.splice(0, 10)) socket.destroy();
    await vi.waitFor(expectServed, { timeout: 10_000 });
  });

  it(`${SLOW} senders that stop in the middle of their bodies keep nobody out`, { timeout: 60_000 }, async () => {
    await Promise.all(Array.from({ length: SLOW }, () => begin(1_000)));
    await vi.waitFor(() => expect(exporter.reservedBytes).toBeGreaterThan(0));
    await expectServed();
    expect(exporter.reservedBytes).toBeLessThan(MAX_BODY_BYTES);
  });

  it(`what senders hold that leave in mid-body is given back`, { timeout: 60_000 }, async () => {
    await Promise.all(Array.from({ length: SLOW }, () => begin(300_000)));
    await vi.waitFor(() => expect(exporter.reservedBytes).toBeGreaterThan(0));
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(() => expect(exporter.reservedBytes).toBe(0), { timeout: 10_000 });
    await expectServed();
  });

  if (isFull)
    it('a body that drips in, a byte a second, is cut off when its time is over', {
      timeout: HTTP_REQUEST_TIMEOUT_MS + 2 * CHECK_MS,
    }, async () => {
      const socket = await begin(1);
      const drip = setInterval(() => socket.write('x'), 1_000);
      const startMs = performance.now();
      await once(socket, 'close').finally(() => clearInterval(drip));
      const livedMs = performance.now() - startMs;
      expect(livedMs).toBeGreaterThan(HTTP_REQUEST_TIMEOUT_MS - 1_000);
      expect(livedMs).toBeLessThan(HTTP_REQUEST_TIMEOUT_MS + CHECK_MS + 10_000);
    });
});

describe('a request of the largest size (64 MiB)', () => {
  it('is taken when nothing else is in flight, one byte more is not', { timeout: 120_000 }, async () => {
    expect((await send(paddedRequest(MAX_BODY_BYTES))).status).toBe(httpOk);
    expect((await send(paddedRequest(MAX_BODY_BYTES + 1))).status).toBe(reasons.too_large.httpStatus);
  });

  it('is refused with a hint beside another one, which is not disturbed', { timeout: 120_000 }, async () => {
    let finish: (() => void) | undefined;
    exporter.answer = () =>
      new Promise((resolve) => {
        finish = () => resolve({ outcome: 'stored', rejected: 0, message: '' });
      });
    const first = send(Buffer.concat([logsProtobuf, paddedRequest(MAX_BODY_BYTES / 2)]));
    await vi.waitFor(() => expect(finish).toBeDefined(), { timeout: 30_000 });
    const second = await send(paddedRequest(MAX_BODY_BYTES));
    expect(second.status).toBe(reasons.overloaded.httpStatus);
    expect(second.headers.get('retry-after')).toMatch(/^([1-9]|10)$/);
    finish?.();
    expect((await first).status).toBe(httpOk);
  });
});
