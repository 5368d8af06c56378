import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Door } from './door.ts';
import { startHttpDoor } from './httpDoor.ts';
import { jsonType, logsProtobuf, postTo, protobufType } from './testing/httpSender.ts';
import {
  type RecordingExporter,
  recordingExporter,
  recordingOptions,
  stored,
  takenPort,
} from './testing/recordingExporter.ts';

const MEBIBYTE = 2 ** 20;

describe('what the HTTP door holds in memory, and how it stops', () => {
  let exporter: RecordingExporter;
  let door: Door;
  let base: string;

  beforeEach(async () => {
    exporter = recordingExporter();
    door = await startHttpDoor(recordingOptions().options, exporter);
    base = `http://${door.host}:${door.port}`;
  });
  afterEach(async () => {
    await door.stop(0);
    expect(exporter.reservedBytes).toBe(0);
  });

  const post = (path: string, type: string, body: string | Buffer, headers?: Record<string, string>) =>
    postTo(door, path, type, body, headers);

  it('refuses with a retry hint what memory has no room for, and admits a largest request alone', async () => {
    exporter.reserve(256 * MEBIBYTE);
    const full = await post('/v1/logs', protobufType, logsProtobuf);
    expect([full.status, full.headers.get('retry-after')]).toEqual([reasons.overloaded.httpStatus, '1']);
    exporter.release(256 * MEBIBYTE);
    expect((await post('/v1/logs', protobufType, logsProtobuf)).status).toBe(httpOk);
  });

  it('releases what a sender reserved that leaves in the middle of its body', async () => {
    const request = http.request(`${base}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': jsonType, 'content-length': 1000 },
    });
    request.on('error', () => undefined);
    request.write('{"resourceLogs":[');
    await expect.poll(() => exporter.reservedBytes).toBeGreaterThan(0);
    request.destroy();
    await expect.poll(() => exporter.reservedBytes).toBe(0);
    expect(exporter.requests).toHaveLength(0);
  });

  it('cuts the connection of what does not arrive in time: senders take 408 for final, and try again where a connection breaks', async () => {
    const { options } = recordingOptions();
    const timeouts = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 };
    const impatient = await startHttpDoor(options, exporter, undefined, timeouts);
    for (const sent of ['POST /v1/logs HTT', 'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{']) {
      const socket = connect(impatient.port, impatient.host, () => socket.write(sent));
      const parts: Buffer[] = [];
      socket.on('data', (part: Buffer) => parts.push(part)).on('error', () => undefined);
      await once(socket, 'close');
      expect(Buffer.concat(parts).toString()).not.toContain('408');
    }
    expect(exporter.requests).toHaveLength(0);
    await impatient.stop(0);
  });

  it('finishes the request in flight when it stops, and takes no other', async () => {
    const { promise: storing, resolve: store } = Promise.withResolvers<void>();
    exporter.answer = async () => {
      await storing;
      return stored;
    };
    const inFlight = post('/v1/logs', protobufType, logsProtobuf);
    await expect.poll(() => exporter.requests.length).toBe(1);
    const stopped = door.stop(5_000);
    await expect(post('/v1/logs', protobufType, logsProtobuf)).rejects.toThrow();
    store();
    expect((await inFlight).status).toBe(httpOk);
    await stopped;
  });

  it('cuts what outlasts its grace', async () => {
    exporter.answer = () => new Promise(() => undefined);
    const cut = post('/v1/logs', protobufType, logsProtobuf).catch(() => 'cut');
    await expect.poll(() => exporter.requests.length).toBe(1);
    await door.stop(10);
    expect(await cut).toBe('cut');
    exporter.release(exporter.reservedBytes);
  });

  it('rejects with the original error where its port is taken', async () => {
    const taken = await takenPort();
    const { options } = recordingOptions({ otlpHttpPort: taken.port });
    await expect(startHttpDoor(options, exporter)).rejects.toMatchObject({ code: 'EADDRINUSE', port: taken.port });
    await taken.close();
  });
});

describe('the token of the HTTP door (RFC 6750)', () => {
  it('is asked for before the body is read, and compared without the case of the scheme', async () => {
    const exporter = recordingExporter();
    const { options, refused } = recordingOptions({ otlpToken: 'a-token-of-the-door' });
    const door = await startHttpDoor(options, exporter);
    const post = (authorization?: string) =>
      fetch(`http://${door.host}:${door.port}/v1/logs`, {
        method: 'POST',
        body: gzipSync(Buffer.alloc(100_000)),
        headers: {
          'content-type': 'application/json',
          'content-encoding': 'gzip',
          ...(authorization === undefined ? {} : { authorization }),
        },
      });
    for (const wrong of [undefined, 'Bearer a-token-of-the-doo', 'Bearer', 'Basic a-token-of-the-door']) {
      const response = await post(wrong);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        reasons.unauthenticated.httpStatus,
        'Bearer',
      ]);
    }
    expect(exporter.peakBytes).toBe(0);
    expect((await post('bEARER a-token-of-the-door')).status).toBe(reasons.undecodable.httpStatus);
    expect(refused.map(([, reason]) => reason)).toEqual([...new Array(4).fill('unauthenticated'), 'undecodable']);
    await door.stop(0);
  });
});
