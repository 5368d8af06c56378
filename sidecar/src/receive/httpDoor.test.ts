import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { httpOk, reasons } from '@command-center/contract/reasons';
import protobuf from 'protobufjs/minimal.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Door } from './door.ts';
import { startHttpDoor } from './httpDoor.ts';
import { jsonType, logsProtobuf, postTo, protobufType } from './testing/httpSender.ts';
import {
  type Recording,
  type RecordingExporter,
  recordingExporter,
  recordingOptions,
} from './testing/recordingExporter.ts';

const MEBIBYTE = 2 ** 20;

describe('OTLP/HTTP door (OTLP 1.11)', () => {
  let exporter: RecordingExporter;
  let recording: Recording;
  let door: Door;
  let base: string;

  beforeEach(async () => {
    exporter = recordingExporter();
    recording = recordingOptions();
    door = await startHttpDoor(recording.options, exporter);
    base = `http://${door.host}:${door.port}`;
  });
  afterEach(async () => {
    await door.stop(0);
    expect(exporter.reservedBytes).toBe(0);
  });

  const post = (path: string, type: string, body: string | Buffer, headers?: Record<string, string>) =>
    postTo(door, path, type, body, headers);

  it('takes an empty request of each signal and encoding as a success', async () => {
    for (const path of ['/v1/metrics', '/v1/logs', '/v1/traces']) {
      const binary = await post(path, protobufType, '');
      expect([binary.status, binary.headers.get('content-length')]).toEqual([httpOk, '0']);
      for (const body of ['', '{}', '{"resourceLogs":[]}']) {
        const json = await post(path, jsonType, body);
        expect(await json.text()).toBe('{}');
      }
    }
    expect(exporter.requests).toHaveLength(12);
  });

  it('ignores case and parameters of the media type, and answers with the bare one', async () => {
    const json = await post('/v1/logs', 'Application/JSON; charset=UTF-8', '{}');
    expect([json.status, json.headers.get('content-type')]).toEqual([httpOk, 'application/json']);
    const binary = await post('/v1/logs', 'application/X-Protobuf;x=y', logsProtobuf);
    expect(binary.headers.get('content-type')).toBe('application/x-protobuf');
  });

  it('answers 404 for other paths, also those of health checks', async () => {
    for (const path of ['/', '/healthz', '/v1/metrics/', '/V1/metrics', '/v1/profiles', '//v1/metrics']) {
      const response = await post(path, jsonType, '{}');
      expect([path, response.status]).toEqual([path, reasons.not_found.httpStatus]);
      expect(await response.json()).toMatchObject({ code: reasons.not_found.grpcCode });
    }
  });

  it('answers 405 for other methods, with Allow', async () => {
    for (const method of ['GET', 'PUT', 'OPTIONS', 'HEAD']) {
      const response = await fetch(`${base}/v1/logs`, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([reasons.method_not_allowed.httpStatus, 'POST']);
    }
  });

  it('answers 415 for other types and compressions, and says loudly which compression loses data', async () => {
    expect((await post('/v1/logs', 'text/plain', '{}')).status).toBe(reasons.unsupported_media_type.httpStatus);
    for (const encoding of ['snappy', 'lz4', 'snappy', 'gzip, gzip']) {
      const response = await post('/v1/logs', protobufType, logsProtobuf, { 'content-encoding': encoding });
      expect(response.status).toBe(reasons.unsupported_encoding.httpStatus);
    }
    expect(recording.logged.filter((line) => line.includes('snappy"'))).toHaveLength(1);
    expect(recording.refused.map(([, reason]) => reason)).toEqual([
      'unsupported_media_type',
      ...new Array(4).fill('unsupported_encoding'),
    ]);
  });

  it('reads gzip, deflate (zlib and raw), zlib, zstd and identity, sized and chunked', async () => {
    const bodies: [string, Buffer][] = [
      ['gzip', gzipSync(logsProtobuf)],
      ['GZip ', gzipSync(logsProtobuf)],
      ['deflate', deflateSync(logsProtobuf)],
      ['deflate', deflateRawSync(logsProtobuf)],
      ['zlib', deflateSync(logsProtobuf)],
      ['zstd', zstdCompressSync(logsProtobuf)],
      ['identity', logsProtobuf],
    ];
    for (const [encoding, body] of bodies) {
      const response = await post('/v1/logs', protobufType, body, { 'content-encoding': encoding });
      expect([encoding, response.status]).toEqual([encoding, httpOk]);
    }
    const chunked = new ReadableStream({
      start(controller) {
        for (const byte of gzipSync(logsProtobuf)) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    await fetch(`${base}/v1/logs`, {
      method: 'POST',
      body: chunked,
      duplex: 'half',
      headers: { 'content-type': protobufType, 'content-encoding': 'gzip' },
    });
    expect(exporter.requests).toHaveLength(bodies.length + 1);
    for (const request of exporter.requests) expect(request).toEqual(exporter.requests[0]);
  });

  it('answers what cannot be decoded with 400 and a google.rpc.Status in the encoding of the request', async () => {
    const truncated = await post('/v1/logs', protobufType, logsProtobuf.subarray(0, -3));
    expect(truncated.status).toBe(reasons.undecodable.httpStatus);
    const status = readStatus(Buffer.from(await truncated.arrayBuffer()));
    expect(status.code).toBe(reasons.undecodable.grpcCode);
    expect(status.message).toContain('request, byte 2');
    expect(status.message).not.toContain('boom');

    const named = await post(
      '/v1/traces',
      jsonType,
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_SERVER"}]}]}]}',
    );
    expect(named.status).toBe(reasons.undecodable.httpStatus);
    const body = await named.json();
    expect(body).toMatchObject({ code: reasons.undecodable.grpcCode });
    expect(JSON.stringify(body)).toContain('resourceSpans[0].scopeSpans[0].spans[0].kind');
    expect(JSON.stringify(body)).not.toContain('SPAN_KIND_SERVER');

    for (const encoding of ['gzip', 'deflate', 'zstd']) {
      const corrupt = await post('/v1/logs', protobufType, Buffer.from('not compressed'), {
        'content-encoding': encoding,
      });
      expect([encoding, corrupt.status]).toEqual([encoding, reasons.undecodable.httpStatus]);
    }
    const halfGzip = await post('/v1/logs', protobufType, gzipSync(logsProtobuf).subarray(0, -9), {
      'content-encoding': 'gzip',
    });
    expect(halfGzip.status).toBe(reasons.undecodable.httpStatus);
  });

  it('answers nonsense of 5 MB with 413, and with 400 where it fits', async () => {
    const nonsense = Buffer.alloc(5 * MEBIBYTE, 'nonsense ');
    expect((await post('/v1/metrics', jsonType, nonsense)).status).toBe(reasons.too_large.httpStatus);
    expect((await post('/v1/metrics', jsonType, nonsense.subarray(0, MEBIBYTE))).status).toBe(
      reasons.undecodable.httpStatus,
    );
    expect((await post('/v1/metrics', protobufType, nonsense.subarray(0, MEBIBYTE))).status).toBe(
      reasons.undecodable.httpStatus,
    );
  });

  it('answers 413 one byte past the limit, sized, chunked or compressed, and not at it', async () => {
    // A space in front of {} is JSON still.
    const fitting = Buffer.alloc(MEBIBYTE, ' ');
    fitting.write('{}');
    const tooLarge = Buffer.concat([fitting, Buffer.from(' ')]);
    const gzip = { 'content-encoding': 'gzip' };
    expect((await post('/v1/logs', jsonType, fitting)).status).toBe(httpOk);
    expect((await post('/v1/logs', jsonType, gzipSync(fitting), gzip)).status).toBe(httpOk);
    expect((await post('/v1/logs', jsonType, tooLarge)).status).toBe(reasons.too_large.httpStatus);
    expect((await post('/v1/logs', jsonType, gzipSync(tooLarge), gzip)).status).toBe(reasons.too_large.httpStatus);
    expect(exporter.peakBytes).toBe(MEBIBYTE);
  });

  it('reports what was rejected as partial success, in each encoding, and a warning alone with count 0', async () => {
    exporter.answer = () => ({ outcome: 'stored', rejected: 4, message: 'four points are older than 30 days' });
    const json = await post('/v1/metrics', jsonType, '{}');
    expect(await json.json()).toEqual({
      partialSuccess: { rejectedDataPoints: '4', errorMessage: 'four points are older than 30 days' },
    });
    expect(await (await post('/v1/logs', jsonType, '{}')).text()).toContain('"rejectedLogRecords":"4"');
    expect(await (await post('/v1/traces', jsonType, '{}')).text()).toContain('"rejectedSpans":"4"');
    exporter.answer = () => ({ outcome: 'stored', rejected: 0, message: 'a warning' });
    const binary = Buffer.from(await (await post('/v1/metrics', protobufType, '')).arrayBuffer());
    expect([...binary]).toEqual([0x0a, 11, 0x12, 9, ...Buffer.from('a warning')]);
  });

  it('answers retryable refusals with 503 and whole seconds of Retry-After, others without', async () => {
    exporter.answer = () => ({
      outcome: 'refused',
      reason: 'database_unavailable',
      message: 'away',
      retryAfterSeconds: 600,
    });
    const away = await post('/v1/metrics', protobufType, '');
    expect([away.status, away.headers.get('retry-after')]).toEqual([reasons.database_unavailable.httpStatus, '10']);
    expect(readStatus(Buffer.from(await away.arrayBuffer())).code).toBe(reasons.database_unavailable.grpcCode);
    exporter.answer = () => ({ outcome: 'refused', reason: 'refused_by_database', message: 'no' });
    const refused = await post('/v1/metrics', jsonType, '{}');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([
      reasons.refused_by_database.httpStatus,
      null,
    ]);
    exporter.answer = () => {
      throw new Error('a secret of the sender');
    };
    const broken = await post('/v1/metrics', jsonType, '{}');
    expect(broken.status).toBe(reasons.internal.httpStatus);
    expect(await broken.text()).not.toContain('secret');
    expect(recording.logged.join()).not.toContain('secret');
    expect(recording.refused).toEqual([
      ['metrics', 'database_unavailable'],
      ['metrics', 'refused_by_database'],
      ['metrics', 'internal'],
    ]);
  });

  it('keeps a message under 1 KiB of well-formed text', async () => {
    exporter.answer = () => ({ outcome: 'stored', rejected: 1, message: `\ud800${'é'.repeat(4000)}` });
    const text = await (await post('/v1/logs', jsonType, '{}')).text();
    const { errorMessage } = JSON.parse(text).partialSuccess;
    expect(Buffer.byteLength(errorMessage)).toBeLessThanOrEqual(1024);
    expect(errorMessage).toMatch(/^\ufffdé+…$/);
  });
});

function readStatus(bytes: Buffer): { code: number; message: string } {
  const reader = protobuf.Reader.create(bytes);
  const status = { code: 0, message: '' };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x08) status.code = reader.int32();
    else if (tag === 0x12) status.message = reader.string();
    else reader.skipType(tag & 7);
  }
  return status;
}
