import http2 from 'node:http2';
import { deflateSync, gzipSync } from 'node:zlib';
import { Client, compressionAlgorithms, credentials, Metadata, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_GRPC_READING } from '../limits.ts';
import type { Door } from './door.ts';
import { startGrpcDoor } from './grpcDoor.ts';
import {
  call,
  frame,
  oneResource,
  openStream,
  paddedRequest,
  paths,
  rawCall,
  retrySeconds,
} from './testing/grpcClient.ts';
import {
  type Recording,
  type RecordingExporter,
  recordingExporter,
  recordingOptions,
  stored,
  takenPort,
} from './testing/recordingExporter.ts';

const MEBIBYTE = 2 ** 20;

describe('OTLP/gRPC door (OTLP 1.11)', () => {
  let exporter: RecordingExporter;
  let recording: Recording;
  let door: Door;
  let client: Client;

  beforeEach(async () => {
    exporter = recordingExporter();
    recording = recordingOptions();
    door = await startGrpcDoor(recording.options, exporter);
    client = new Client(`${door.host}:${door.port}`, credentials.createInsecure());
  });
  afterEach(async () => {
    client.close();
    await door.stop(0);
    expect(exporter.reservedBytes).toBe(0);
  });

  it('takes the Export method of each signal, an empty request too, and answers with no partial success', async () => {
    for (const path of [paths.metrics, paths.logs, paths.traces]) {
      expect(await call(client, path, Buffer.alloc(0))).toEqual({ code: status.OK, bytes: Buffer.alloc(0) });
    }
    expect(exporter.requests.map(({ signal }) => signal)).toEqual(['metrics', 'logs', 'traces']);
  });

  it('answers unknown methods, the profiles service too, with UNIMPLEMENTED', async () => {
    expect((await call(client, paths.profiles, oneResource)).code).toBe(status.UNIMPLEMENTED);
    expect((await call(client, '/x/Export', oneResource)).code).toBe(status.UNIMPLEMENTED);
  });

  it('answers bad protobuf with INVALID_ARGUMENT and without a retry hint', async () => {
    const outcome = await call(client, paths.metrics, oneResource.subarray(0, -2));
    expect(outcome.code).toBe(status.INVALID_ARGUMENT);
    expect(outcome.metadata?.get('grpc-status-details-bin')).toEqual([]);
    expect(outcome.details).not.toContain('chat');
    expect(recording.refused).toEqual([['metrics', 'undecodable']]);
  });

  it('reads gzip and deflate', async () => {
    for (const algorithm of [compressionAlgorithms.gzip, compressionAlgorithms.deflate]) {
      const compressing = new Client(`${door.host}:${door.port}`, credentials.createInsecure(), {
        'grpc.default_compression_algorithm': algorithm,
      });
      expect((await call(compressing, paths.metrics, oneResource)).code).toBe(status.OK);
      compressing.close();
    }
    expect(exporter.requests).toHaveLength(2);
  });

  it('answers other compressions with UNIMPLEMENTED, and says once which setting mends it', async () => {
    for (const encoding of ['zstd', 'snappy', 'zstd']) {
      expect((await rawCall(door, paths.metrics, frame(oneResource, true), encoding)).code).toBe(status.UNIMPLEMENTED);
    }
    expect(
      recording.logged.filter((line) => line.includes('"zstd"') && line.includes('compression: gzip')),
    ).toHaveLength(1);
    expect(recording.refused).toEqual(new Array(3).fill(['metrics', 'unsupported_encoding']));
  });

  it('answers over its limit with RESOURCE_EXHAUSTED, before and after inflating, without RetryInfo', async () => {
    const fitting = await call(client, paths.metrics, paddedRequest(MEBIBYTE));
    expect(fitting.code).toBe(status.OK);
    const tooLarge = await call(client, paths.metrics, paddedRequest(MEBIBYTE + 1));
    const bomb = await rawCall(door, paths.metrics, frame(gzipSync(Buffer.alloc(64 * MEBIBYTE)), true), 'gzip');
    for (const outcome of [tooLarge, bomb]) {
      expect(outcome.code).toBe(status.RESOURCE_EXHAUSTED);
      expect(outcome.metadata?.get('grpc-status-details-bin')).toEqual([]);
    }
    expect(recording.refused).toEqual(new Array(2).fill(['metrics', 'too_large']));
    expect(exporter.peakBytes).toBe(MEBIBYTE);
  });

  it('outlives messages that do not inflate', async () => {
    const corrupt = gzipSync(oneResource);
    corrupt.fill(0xff, 12, 20);
    for (const bytes of [corrupt, Buffer.from('no gzip at all'), deflateSync(oneResource)]) {
      expect((await rawCall(door, paths.metrics, frame(bytes, true), 'gzip')).code).toBe(status.INTERNAL);
    }
    expect(recording.refused).toEqual(new Array(3).fill(['metrics', 'undecodable']));
    expect((await call(client, paths.metrics, oneResource)).code).toBe(status.OK);
  });

  it('answers what waiting cures with UNAVAILABLE and google.rpc.RetryInfo', async () => {
    exporter.answer = () => ({
      outcome: 'refused',
      reason: 'database_unavailable',
      message: 'Postgres is away',
      retryAfterSeconds: 3,
    });
    const outcome = await call(client, paths.logs, Buffer.alloc(0));
    expect(outcome.code).toBe(status.UNAVAILABLE);
    expect(outcome.details).toBe('Postgres is away');
    expect(retrySeconds(outcome)).toBe(3);
    exporter.answer = () => stored;
    exporter.reserve(256 * MEBIBYTE);
    const full = await call(client, paths.metrics, oneResource);
    exporter.release(256 * MEBIBYTE);
    expect([full.code, retrySeconds(full)]).toEqual([status.UNAVAILABLE, 1]);
    expect(recording.refused).toEqual([
      ['logs', 'database_unavailable'],
      ['metrics', 'overloaded'],
    ]);
  });

  it('reports what was rejected as partial success', async () => {
    exporter.answer = () => ({ outcome: 'stored', rejected: 300, message: 'too old' });
    const { bytes } = await call(client, paths.traces, Buffer.alloc(0));
    expect([...(bytes ?? [])]).toEqual([0x0a, 12, 0x08, 0xac, 0x02, 0x12, 7, ...Buffer.from('too old')]);
  });

  it('carries thirty calls at once on one connection', async () => {
    const { promise: storing, resolve: store } = Promise.withResolvers<void>();
    exporter.answer = async () => {
      await storing;
      return stored;
    };
    const calls = Array.from({ length: 30 }, () => call(client, paths.metrics, paddedRequest(100_000)));
    await expect.poll(() => exporter.requests.length).toBe(30);
    store();
    for (const { code } of await Promise.all(calls)) expect(code).toBe(status.OK);
  });

  it('honours deadlines', async () => {
    exporter.answer = () => new Promise((resolve) => setTimeout(resolve, 400, stored));
    expect((await call(client, paths.metrics, oneResource, new Metadata(), 100)).code).toBe(status.DEADLINE_EXCEEDED);
    await expect.poll(() => exporter.reservedBytes).toBe(0);
  });

  it('does not let senders that stop in the middle of a message keep others out', async () => {
    const session = http2.connect(`http://${door.host}:${door.port}`);
    const stalled = Array.from({ length: MAX_GRPC_READING }, () => openStream(session, paths.metrics, 'identity'));
    for (const stream of stalled) stream.write(frame(oneResource, false).subarray(0, 7));
    const waiting = call(client, paths.metrics, oneResource);
    for (const stream of stalled) stream.close(http2.constants.NGHTTP2_CANCEL);
    expect((await waiting).code).toBe(status.OK);
    session.destroy();
  });

  it('sends GOAWAY when it stops, lets calls in flight finish, and cuts what outlasts its grace', async () => {
    const { promise: storing, resolve: store } = Promise.withResolvers<void>();
    exporter.answer = async () => {
      await storing;
      return stored;
    };
    const inFlight = call(client, paths.metrics, oneResource);
    await expect.poll(() => exporter.requests.length).toBe(1);
    const stopped = door.stop(5_000);
    expect((await call(client, paths.metrics, oneResource)).code).toBe(status.UNAVAILABLE);
    store();
    expect((await inFlight).code).toBe(status.OK);
    await stopped;

    exporter = recordingExporter();
    exporter.answer = () => new Promise(() => undefined);
    door = await startGrpcDoor(recording.options, exporter);
    const second = new Client(`${door.host}:${door.port}`, credentials.createInsecure());
    const cut = call(second, paths.metrics, oneResource);
    await expect.poll(() => exporter.requests.length).toBe(1);
    await door.stop(10);
    expect((await cut).code).not.toBe(status.OK);
    exporter.release(exporter.reservedBytes);
    second.close();
  });

  it('rejects with the original error where its port is taken', async () => {
    const taken = await takenPort();
    const { options } = recordingOptions({ otlpGrpcPort: taken.port });
    await expect(startGrpcDoor(options, exporter)).rejects.toMatchObject({ code: 'EADDRINUSE', port: taken.port });
    await taken.close();
  });
});
