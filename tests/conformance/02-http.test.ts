import http from 'node:http';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeJson } from '@command-center/sidecar/decode/testing/encodeJson';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import { jsonType, protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readResponse, readStatus } from './answers.ts';
import { exchange, type HttpAnswer, type HttpRequest } from './http.ts';
import { logsOf, metricOf, metricsOf, numberPoint, spansOf } from './requests.ts';
import { intake, storedLogs, storedMinutes, storedRows, storedSpans } from './rows.ts';
import { openStage, type Stage } from './stage.ts';

const MEBIBYTE = 2 ** 20;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ COMMAND_CENTER_OTLP_MAX_BODY_BYTES: String(MEBIBYTE) });
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const logTree = logsOf('http', [{}]);
const logsProtobuf = encodeProtobuf('logs', logTree);
const logsJson = encodeJson('logs', logTree);

const ask = (request: HttpRequest): Promise<HttpAnswer> => exchange(stage.http, request);
const sendLogs = (headers: http.OutgoingHttpHeaders, ...body: (string | Uint8Array)[]): Promise<HttpAnswer> =>
  ask({ path: '/v1/logs', headers: { 'content-type': protobufType, ...headers }, body });

describe('paths and methods (OTLP 1.11, "OTLP/HTTP Request")', () => {
  it('takes POST on the three paths', async () => {
    const metrics = metricsOf('http', [metricOf('kaiku_ws_messages_total', [numberPoint()])]);
    const requests = [
      ['/v1/metrics', encodeProtobuf('metrics', metrics)],
      ['/v1/logs', logsProtobuf],
      ['/v1/traces', encodeProtobuf('traces', spansOf('http', [{}]))],
    ] as const;
    for (const [path, body] of requests) {
      const answer = await ask({ path, headers: { 'content-type': protobufType }, body: [body] });
      expect([path, answer.status]).toEqual([path, 200]);
    }
    expect(await storedMinutes(stage.sql)).toHaveLength(1);
    expect(await storedLogs(stage.sql)).toHaveLength(1);
    expect(await storedSpans(stage.sql)).toHaveLength(1);
  });

  it.each([
    ...['/', '/v1', '/v1/', '/v1/logs/', '//v1/logs', '/V1/logs', '/v1/Logs', '/v1/log', '/v2/logs', '/v1/logs/x'],
    ...['/v1/logs%2F', '/v1/%6cogs', '/./v1/logs', '/v1development/profiles'],
  ])('%s is 404 and never a redirect: clients turn a redirected POST into a GET', async (path) => {
    const answer = await ask({ path, headers: { 'content-type': protobufType }, body: [logsProtobuf] });
    expect(answer.status).toBe(404);
    expect(answer.headers.location).toBeUndefined();
    expect(readStatus(answer.body).message).toContain('/v1/logs');
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])('%s is 405 with Allow', async (method) => {
    const answer = await ask({ path: '/v1/logs', method, headers: { 'content-type': protobufType } });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
  });
});

describe('media types (RFC 9110, 8.3.1)', () => {
  it.each([
    ...[protobufType, 'APPLICATION/X-PROTOBUF', 'application/x-protobuf; charset=utf-8', 'application/x-protobuf;v=1'],
    ...[jsonType, 'Application/Json', 'application/json;charset=UTF-8', 'application/json ; charset=utf-8; x=y'],
  ])('%s is read, and the bare type is answered', async (type) => {
    const isJson = type.toLowerCase().startsWith(jsonType);
    const good = await sendLogs({ 'content-type': type }, isJson ? logsJson : logsProtobuf);
    expect([good.status, good.headers['content-type']]).toEqual([200, isJson ? jsonType : protobufType]);
    expect(await storedLogs(stage.sql)).toHaveLength(1);
    // Also where the collector would look for partial success, and in an error.
    const bad = await sendLogs({ 'content-type': type }, 'x');
    expect([bad.status, bad.headers['content-type']]).toEqual([400, isJson ? jsonType : protobufType]);
  });

  it.each([
    ...['text/plain', 'application/protobuf', 'application/grpc', 'application/x-www-form-urlencoded'],
    ...['application/jsonx', 'x/application/json', '', 'application/json, application/x-protobuf'],
  ])('"%s" is 415', async (type) => {
    const answer = await sendLogs({ 'content-type': type }, logsJson);
    expect(answer.status).toBe(415);
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it('none at all is 415', async () => {
    expect((await ask({ path: '/v1/logs', body: [logsJson] })).status).toBe(415);
  });
});

describe('vector charset', () => {
  it('Application/JSON; charset=UTF-8 is answered with application/json, or the collector ignores partial success', async () => {
    const tree = logsOf('charset', [{}, { timeUnixNano: 1n }]);
    const answer = await sendLogs({ 'content-type': 'Application/JSON; charset=UTF-8' }, encodeJson('logs', tree));
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
    expect(readResponse(answer.body, true).rejected).toBe(1);
    expect(await storedLogs(stage.sql)).toHaveLength(1);
  });
});

describe('Content-Encoding (RFC 9110, 8.4)', () => {
  it.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['zlib', deflateSync],
    ['zstd', zstdCompressSync],
    ['identity', (bytes: Uint8Array) => bytes],
    [undefined, (bytes: Uint8Array) => bytes],
  ] as const)('%s is read, in both formats (%o)', async (encoding, compress) => {
    const headers = encoding === undefined ? {} : { 'content-encoding': encoding };
    const answers = [
      await sendLogs(headers, compress(logsProtobuf)),
      await sendLogs({ ...headers, 'content-type': jsonType }, compress(Buffer.from(logsJson))),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    // The same record twice, in two formats.
    expect(await intake(stage.sql, 'logs')).toMatchObject({ received: 2, stored: 1, 'noted duplicate': 1 });
  });

  it.each(['snappy', 'x-snappy-framed', 'lz4', 'br', 'compress', 'gzip, gzip', 'none', 'constructor'])(
    '%s is 415, and the log says which setting mends it',
    async (encoding) => {
      const answer = await sendLogs({ 'content-encoding': encoding }, gzipSync(logsProtobuf));
      expect(answer.status).toBe(415);
      expect(readStatus(answer.body).message).toContain('compression: gzip');
      expect(await storedRows(stage.sql)).toBe(0);
      const name = encoding.includes(',') ? 'unnamed' : encoding;
      const said = stage.logged.filter(({ fields }) => fields.door === 'http' && fields.encoding === name);
      expect(said).toHaveLength(1);
    },
  );

  it.each(['gzip', 'deflate', 'zstd'])('a body that is no %s is 400', async (encoding) => {
    for (const body of [Buffer.from('not compressed'), gzipSync(logsProtobuf).subarray(0, -9)]) {
      const answer = await sendLogs({ 'content-encoding': encoding }, body);
      expect([encoding, answer.status]).toEqual([encoding, 400]);
    }
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('bodies', () => {
  it('are read sized and chunked, in one part or byte by byte', async () => {
    const bytes = Buffer.from(logsProtobuf);
    const sized = await sendLogs({ 'content-length': bytes.length }, bytes);
    const chunked = await sendLogs({ 'transfer-encoding': 'chunked' }, bytes);
    const crumbs = await sendLogs({}, ...Array.from(bytes, (byte) => Uint8Array.of(byte)));
    const zipped = Array.from(gzipSync(bytes), (byte) => Uint8Array.of(byte));
    const zippedCrumbs = await sendLogs({ 'content-encoding': 'gzip' }, ...zipped);
    for (const { status } of [sized, chunked, crumbs, zippedCrumbs]) expect(status).toBe(200);
    expect(await intake(stage.sql, 'logs')).toMatchObject({ received: 4, stored: 1, 'noted duplicate': 3 });
  });

  it('keep their connection for 120 s: Go clients hold idle ones for 90', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const answers: HttpAnswer[] = [];
    for (const body of [logsProtobuf, Buffer.from('x'), logsProtobuf])
      answers.push(await ask({ path: '/v1/logs', headers: { 'content-type': protobufType }, body: [body], agent }));
    agent.destroy();
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 200]);
    // An error keeps the connection too.
    expect(new Set(answers.map(({ localPort }) => localPort)).size).toBe(1);
    for (const { headers } of answers) expect(headers['keep-alive']).toBe('timeout=120');
  });
});

describe('the limit', () => {
  /** JSON of exactly so many bytes: spaces before an empty object. */
  const jsonOf = (bytes: number): Buffer => Buffer.from('{}'.padStart(bytes, ' '));
  const json = { 'content-type': jsonType };

  it.each([
    ['sized', {}, (bytes: Buffer) => [bytes]],
    ['chunked', { 'transfer-encoding': 'chunked' }, (bytes: Buffer) => [bytes.subarray(0, 1000), bytes.subarray(1000)]],
    ['gzip', { 'content-encoding': 'gzip' }, (bytes: Buffer) => [gzipSync(bytes)]],
    ['deflate', { 'content-encoding': 'deflate' }, (bytes: Buffer) => [deflateSync(bytes)]],
    ['zstd', { 'content-encoding': 'zstd' }, (bytes: Buffer) => [zstdCompressSync(bytes)]],
  ] as const)('%s: 200 at it, 413 one byte past it', async (_name, headers, partsOf) => {
    const send = (bytes: number): Promise<HttpAnswer> => sendLogs({ ...json, ...headers }, ...partsOf(jsonOf(bytes)));
    expect((await send(MEBIBYTE)).status).toBe(200);
    const over = await send(MEBIBYTE + 1);
    expect(over.status).toBe(413);
    // Waiting cures nothing: a hint would make senders try for ever.
    expect(over.headers['retry-after']).toBeUndefined();
    expect(readStatus(over.body, true).message).toContain('COMMAND_CENTER_OTLP_MAX_BODY_BYTES');
  });
});
