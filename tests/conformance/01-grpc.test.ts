import { once } from 'node:events';
import http2 from 'node:http2';
import { deflateSync, gzipSync } from 'node:zlib';
import { readSettings } from '@command-center/contract/settings/settings';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import {
  call,
  frame,
  openStream,
  paddedRequest,
  paths,
  rawCall,
} from '@command-center/sidecar/receive/testing/grpcClient';
import { Client, compressionAlgorithms, credentials, status } from '@grpc/grpc-js';
import grpcPackage from '@grpc/grpc-js/package.json' with { type: 'json' };
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { holdCommits } from './database.ts';
import { logsOf, metricOf, metricsOf, numberPoint, spansOf } from './requests.ts';
import { intake, storedLogs, storedMinutes, storedRows, storedSpans } from './rows.ts';
import { accepted, sendGrpc, signals } from './send.ts';
import { openStage, type Stage } from './stage.ts';

const MEBIBYTE = 2 ** 20;

/** With the limits that an operator gets who sets none. */
let stage: Stage;
/** With a limit of 1 MiB. */
let small: Stage;
beforeAll(async () => {
  stage = await openStage();
  small = await openStage({ COMMAND_CENTER_OTLP_MAX_BODY_BYTES: String(MEBIBYTE) });
});
afterEach(() => stage.clear());
afterAll(async () => {
  await stage.close();
  await small.close();
});

/** One record of a signal. */
function requestOf(signal: (typeof signals)[number], service: string): Buffer {
  if (signal === 'metrics')
    return Buffer.from(
      encodeProtobuf('metrics', metricsOf(service, [metricOf('kaiku_ws_messages_total', [numberPoint()])])),
    );
  if (signal === 'logs') return Buffer.from(encodeProtobuf('logs', logsOf(service, [{}])));
  return Buffer.from(encodeProtobuf('traces', spansOf(service, [{}])));
}

function doorOf({ grpc }: Stage): { host: string; port: number } {
  const { hostname, port } = new URL(`http://${grpc}`);
  return { host: hostname, port: Number(port) };
}

describe('the services (opentelemetry-proto, collector/*/v1/*_service.proto)', () => {
  it('takes the Export method of metrics, logs and traces on one port', async () => {
    for (const signal of signals)
      expect(await sendGrpc(stage, signal, requestOf(signal, 'one-port'))).toMatchObject(accepted);
    expect(await storedMinutes(stage.sql, 'one-port')).toMatchObject([{ name: 'kaiku_ws_messages_total', sum: 1 }]);
    expect(await storedLogs(stage.sql)).toMatchObject([{ service: 'one-port' }]);
    expect(await storedSpans(stage.sql)).toMatchObject([{ service: 'one-port' }]);
  });

  it.each([
    ['the profiles service', paths.profiles],
    ['another method of a known service', paths.logs.replace('Export', 'Import')],
    ['another version of a known service', paths.logs.replace('v1', 'v2')],
    ['an unknown service', '/example.Service/Export'],
  ])('answers %s with UNIMPLEMENTED', async (_what, path) => {
    expect((await call(stage.client, path, requestOf('logs', 'unknown'))).code).toBe(status.UNIMPLEMENTED);
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('compression of messages (gRPC, "Compression")', () => {
  it.each([
    ['identity', compressionAlgorithms.identity],
    ['deflate', compressionAlgorithms.deflate],
    ['gzip', compressionAlgorithms.gzip],
  ])('reads %s', async (_name, algorithm) => {
    const client = new Client(stage.grpc, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': algorithm,
    });
    expect(await sendGrpc({ client }, 'logs', requestOf('logs', 'compressed'))).toMatchObject(accepted);
    client.close();
    expect(await storedLogs(stage.sql)).toHaveLength(1);
  });

  it('answers snappy and zstd with UNIMPLEMENTED, stores nothing, and says once and loudly what mends it', async () => {
    for (const encoding of ['snappy', 'zstd', 'snappy', 'zstd']) {
      const { code } = await rawCall(doorOf(stage), paths.logs, frame(requestOf('logs', 'lost'), true), encoding);
      expect([encoding, code]).toEqual([encoding, status.UNIMPLEMENTED]);
    }
    expect(await storedRows(stage.sql)).toBe(0);
    // The collector drops what is answered so: nobody else would say it.
    const said = stage.logged.filter(({ event }) => event.startsWith('DATA IS LOST'));
    expect(said.map(({ fields }) => fields.encoding)).toEqual(['snappy', 'zstd']);
    for (const { fields } of said) expect(fields.remedy).toContain('compression: gzip');
    await expect
      .poll(() => intake(stage.sql, 'logs'), { timeout: 15_000 })
      .toMatchObject({ 'refused unsupported_encoding': 4 });
  });

  it('outlives messages that do not inflate', async () => {
    const corrupt = gzipSync(requestOf('logs', 'corrupt'));
    corrupt.fill(0xff, 12, 20);
    for (const bytes of [corrupt, Buffer.from('no gzip'), deflateSync(requestOf('logs', 'corrupt')), Buffer.alloc(0)]) {
      const { code, metadata } = await rawCall(doorOf(stage), paths.logs, frame(bytes, true), 'gzip');
      // The library's own answer, as gRPC's "Compression" asks for; it can never pass, so no sender may try again.
      expect(code).toBe(status.INTERNAL);
      expect(metadata?.get('grpc-status-details-bin')).toEqual([]);
    }
    expect(await storedRows(stage.sql)).toBe(0);
    expect(await sendGrpc(stage, 'logs', requestOf('logs', 'alive'))).toMatchObject(accepted);
    // Older ones end the process.
    const [major = 0, minor = 0, patch = 0] = grpcPackage.version.split('.').map(Number);
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(1_014_007);
  });
});

describe('bad protobuf', () => {
  it.each(signals)('of %s is INVALID_ARGUMENT, not INTERNAL, and nothing of it is stored', async (signal) => {
    const whole = requestOf(signal, 'bad-protobuf');
    for (const bytes of [
      whole.subarray(0, -3),
      Buffer.concat([whole, Buffer.from([0x0a, 0x7f])]),
      Buffer.from('<xml/>'),
    ]) {
      const answer = await sendGrpc(stage, signal, bytes);
      expect(answer).toMatchObject({ grpcCode: status.INVALID_ARGUMENT, retryAfterSeconds: undefined });
      // Evidence, and not what was sent.
      expect(answer.message).toMatch(/byte \d+/);
      expect(answer.message).not.toContain('bad-protobuf');
    }
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('vector grpc-over-limit', () => {
  const tooLarge = { code: status.RESOURCE_EXHAUSTED };
  const expectNeverAgain = (outcome: Awaited<ReturnType<typeof call>>): void => {
    expect(outcome).toMatchObject(tooLarge);
    // With RetryInfo senders would try what can never fit for ever.
    expect(outcome.metadata?.get('grpc-status-details-bin')).toEqual([]);
  };

  it('the limit is 64 MiB where none is set', async () => {
    expect(readSettings({}).otlpMaxBodyBytes).toBe(64 * MEBIBYTE);
    expect(await call(stage.client, paths.logs, paddedRequest(64 * MEBIBYTE))).toMatchObject({ code: status.OK });
    expectNeverAgain(await call(stage.client, paths.logs, paddedRequest(64 * MEBIBYTE + 1)));
  });

  it('a set limit holds before decompression: at it OK, one byte past it not', async () => {
    expect(await call(small.client, paths.metrics, paddedRequest(MEBIBYTE))).toMatchObject({ code: status.OK });
    expectNeverAgain(await call(small.client, paths.metrics, paddedRequest(MEBIBYTE + 1)));
  });

  it('and after it, for a message that grew by one byte and for a bomb', async () => {
    const compressing = new Client(small.grpc, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
    });
    expect(await call(compressing, paths.metrics, paddedRequest(MEBIBYTE))).toMatchObject({ code: status.OK });
    expectNeverAgain(await call(compressing, paths.metrics, paddedRequest(MEBIBYTE + 1)));
    compressing.close();
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
    ] as const) {
      const bomb = frame(compress(Buffer.alloc(64 * MEBIBYTE)), true);
      expectNeverAgain(await rawCall(doorOf(small), paths.metrics, bomb, encoding));
    }
    await expect.poll(() => intake(small.sql, 'metrics'), { timeout: 15_000 }).toEqual({ 'refused too_large': 4 });
  });
});

describe('one connection', () => {
  it('carries 30 calls at once: 10 consumers a signal', async () => {
    const hold = await holdCommits(stage);
    const tenOf = (signal: (typeof signals)[number]) =>
      Array.from({ length: 10 }, (_, index) => sendGrpc(stage, signal, requestOf(signal, `consumer-${index}`)));
    const answers = signals.flatMap(tenOf);
    await hold.untilReached();
    await hold.release();
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toHaveLength(10);
    expect(await storedMinutes(stage.sql)).toHaveLength(10);
    // One span, sent ten times by as many services: its ids and start say that it is one.
    expect(await storedSpans(stage.sql)).toHaveLength(1);
  });

  it('tolerates pings without a call', async () => {
    const session = http2.connect(`http://${stage.grpc}`);
    await once(session, 'connect');
    for (let ping = 0; ping < 100; ping++) {
      await new Promise<void>((resolve, reject) =>
        session.ping((error) => (error === null ? resolve() : reject(error))),
      );
    }
    const stream = openStream(session, paths.logs, 'identity');
    stream.end(frame(requestOf('logs', 'pings'), false));
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(200);
    await expect.poll(() => storedLogs(stage.sql), { timeout: 10_000 }).toHaveLength(1);
    session.destroy();
  });
});

describe('deadlines', () => {
  it('a call whose grpc-timeout is over is answered with DEADLINE_EXCEEDED while its commit still runs', async () => {
    const hold = await holdCommits(stage);
    const session = http2.connect(`http://${stage.grpc}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': paths.logs,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '300m',
    });
    stream.end(frame(requestOf('logs', 'deadline'), false));
    const [headers] = await once(stream, 'response');
    expect(Number(headers['grpc-status'])).toBe(status.DEADLINE_EXCEEDED);
    session.destroy();
    await hold.release();
    // The sender tries again: whatever became of the first try, the record is there once.
    expect(await sendGrpc(stage, 'logs', requestOf('logs', 'deadline'))).toMatchObject(accepted);
    expect(await storedLogs(stage.sql)).toHaveLength(1);
  });
});

describe('graceful stop', () => {
  it('sends GOAWAY, lets calls in flight finish, and takes no more', async () => {
    const stopping = await openStage();
    const hold = await holdCommits(stopping);
    const session = http2.connect(`http://${stopping.grpc}`);
    const goaway = once(session, 'goaway');
    const stream = openStream(session, paths.logs, 'identity');
    let trailers: http2.IncomingHttpHeaders = {};
    stream.on('trailers', (received) => {
      trailers = received;
    });
    const closed = once(stream, 'close');
    stream.end(frame(requestOf('logs', 'in-flight'), false)).resume();
    await hold.untilReached();
    const stopped = stopping.stop();
    const [errorCode] = await goaway;
    expect(errorCode).toBe(http2.constants.NGHTTP2_NO_ERROR);
    const late = new Client(stopping.grpc, credentials.createInsecure());
    // The grace of a stop goes on meanwhile, so that neither waits for the other.
    const lateAnswer = call(late, paths.logs, requestOf('logs', 'late'));
    await hold.release();
    await closed;
    expect(Number(trailers['grpc-status'])).toBe(status.OK);
    expect((await lateAnswer).code).toBe(status.UNAVAILABLE);
    late.close();
    await stopped;
    expect(await storedLogs(stopping.sql)).toMatchObject([{ service: 'in-flight' }]);
    session.destroy();
    await stopping.close();
  });
});
