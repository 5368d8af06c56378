import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { encodeJson } from '@command-center/sidecar/decode/testing/encodeJson';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import { jsonType, protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSidecar } from '../processes/sidecar.ts';
import { readResponse, readStatus } from './answers.ts';
import { takeDatabaseAway } from './database.ts';
import { exchange, type HttpAnswer } from './http.ts';
import { attributes, logsOf, metricOf, metricsOf, numberPoint, spansOf } from './requests.ts';
import { storedRows } from './rows.ts';
import { openStage, type Stage } from './stage.ts';

const MEBIBYTE = 2 ** 20;
/** Of a response: what exporters read of one; and of a message in it. */
const MAX_RESPONSE_BYTES = 64 * 1_024;
const MAX_MESSAGE_BYTES = 1_024;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    COMMAND_CENTER_OTLP_MAX_BODY_BYTES: String(8 * MEBIBYTE),
    COMMAND_CENTER_OTLP_TOKEN: 'a-token',
  });
});
afterAll(() => stage.close());

const tree = logsOf('errors', [{ body: 'poison' }]);
const formats = [
  { type: protobufType, isJson: false, body: encodeProtobuf('logs', tree) },
  { type: jsonType, isJson: true, body: encodeJson('logs', tree) },
] as const;
type Format = (typeof formats)[number];

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function ask(
  { type, body: sound }: Format,
  { path = '/v1/logs', method = 'POST', headers, body = sound }: Sent,
): Promise<HttpAnswer> {
  const all = { 'content-type': type, authorization: 'Bearer a-token', ...headers };
  return exchange(stage.http, { path, method, headers: all, body: [body] });
}

function expectStatus(answer: HttpAnswer, { type, isJson }: Format, httpStatus: number, grpcCode: number): void {
  expect([answer.status, answer.headers['content-type']]).toEqual([httpStatus, type]);
  const status = readStatus(answer.body, isJson);
  expect(status.grpcCode).toBe(grpcCode);
  expect(status.message).not.toBe('');
  expect(Buffer.byteLength(status.message)).toBeLessThan(MAX_MESSAGE_BYTES + 1);
  expect(answer.body.length).toBeLessThan(MAX_RESPONSE_BYTES);
}

describe.each(formats)('an error in $type has a google.rpc.Status for a body (OTLP 1.11, "Failures")', (format) => {
  it.each([
    ['undecodable', 400, 3, { body: 'x' }],
    ['without the token', 401, 16, { headers: { authorization: 'Bearer another' } }],
    ['at another path', 404, 12, { path: '/v1/profiles' }],
    ['by another method', 405, 12, { method: 'PUT' }],
    ['too large', 413, 8, { body: new Uint8Array(8 * MEBIBYTE + 1) }],
    ['compressed otherwise', 415, 12, { headers: { 'content-encoding': 'snappy' } }],
  ] as const)('%s: %d', async (_what, httpStatus, grpcCode, sent) => {
    expectStatus(await ask(format, sent), format, httpStatus, grpcCode);
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it('refused by Postgres for its data: 500', async () => {
    await stage.sql`ALTER TABLE telemetry_log_events ADD CONSTRAINT no_poison CHECK (message <> 'poison')`;
    expectStatus(await ask(format, {}), format, 500, 13);
    await stage.sql`ALTER TABLE telemetry_log_events DROP CONSTRAINT no_poison`;
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it('while the database is away: 503', async () => {
    const bringBack = await takeDatabaseAway(stage);
    const answer = await ask(format, {});
    await bringBack();
    expectStatus(answer, format, 503, 14);
    await expect.poll(() => storedRows(stage.sql).catch(() => -1)).toBe(0);
  });
});

describe('what is not even a request', () => {
  const answerTo = async (text: string): Promise<string> => {
    const { hostname, port } = new URL(stage.http);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part)).on('error', () => undefined);
    await once(socket, 'close');
    return Buffer.concat(parts).toString();
  };

  const authorized = `POST /v1/logs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a-token\r\ncontent-type: ${jsonType}\r\n`;

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['headers of 100 KB', `POST /v1/logs HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['chunks without a size', `${authorized}transfer-encoding: chunked\r\n\r\nxyz\r\n`],
    ['two lengths', 'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx'],
  ])('%s: 400 with a google.rpc.Status', async (_what, text) => {
    const answer = await answerTo(text);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
    expect(readStatus(Buffer.from(body), true).grpcCode).toBe(3);
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it('never answers the request before it in its place', async () => {
    const first = `${authorized}content-length: 2\r\n\r\n{}`;
    expect((await answerTo(`${first}hello\r\n\r\n`)).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
  });

  it('is not answered a second time where its head was refused already', async () => {
    const strange = authorized.replace('a-token', 'another');
    const answer = await answerTo(`${strange}transfer-encoding: chunked\r\n\r\nxyz\r\n`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401']);
  });

  it('a body that ends too early is no request: nothing of it is stored', async () => {
    const { hostname, port } = new URL(stage.http);
    const [, { body }] = formats;
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined).write(`${authorized}content-length: ${body.length + 1}\r\n\r\n`);
    socket.end(body);
    await once(socket.resume(), 'close');
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('a response stays under 64 KiB and its message under 1 KiB, whatever was sent', () => {
  /** Of every reason a few, in names and places as long as the limit allows. */
  const long = 'ü'.repeat(100_000);
  const points = Array.from({ length: 2_000 }, (_, index) =>
    numberPoint({ value: index % 3 === 0 ? Number.NaN : 1, timeUnixNano: index % 2 === 0 ? 1n : 0n }),
  );
  const metrics = metricsOf(long, [
    metricOf(long, points),
    metricOf('kaiku_ws_messages_total', points, { unit: long }),
    metricOf('kaiku_ws_messages_total', points),
    metricOf('process.uptime', points, { temporality: 'unspecified' }),
    metricOf('kaiku_ws_messages_total', points, { temporality: 'unspecified' }),
  ]);

  it.each(formats)('partial success in $type', async (format) => {
    const body = format.isJson ? encodeJson('metrics', metrics) : encodeProtobuf('metrics', metrics);
    const answer = await ask(format, { path: '/v1/metrics', body });
    expect(answer.status).toBe(200);
    const { rejected, message } = readResponse(answer.body, format.isJson);
    expect(rejected).toBeGreaterThan(2_000);
    expect(Buffer.byteLength(message)).toBeLessThan(MAX_MESSAGE_BYTES);
    expect(answer.body.length).toBeLessThan(MAX_RESPONSE_BYTES);
  });

  it('the place of what JSON cannot be, deep and far in', async () => {
    const [, json] = formats;
    const deep = `${'{"arrayValue":{"values":['.repeat(20)}{"intValue":"x"}${']}}'.repeat(20)}`;
    const record = `{"body":${deep}}`;
    const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${'{},'.repeat(9_999)}${record}]}]}]}`;
    const answer = await ask(json, { body });
    expectStatus(answer, json, 400, 3);
    expect(readStatus(answer.body, true).message).toContain('logRecords[9999]');
  });

  it('does not repeat what was sent', async () => {
    const [, json] = formats;
    const secret = 'SECRET'.repeat(20_000);
    for (const body of [
      `{"resourceLogs":"${secret}"}`,
      `{"${secret}":`,
      `{"resourceLogs":[{"resource":{"attributes":[{"key":{"${secret}":1}}]}}]}`,
    ])
      expect((await ask(json, { body })).body.toString()).not.toContain('SECRET');
    const spans = encodeProtobuf(
      'traces',
      spansOf(secret, [{ traceId: new Uint8Array(), attributes: attributes({ secret }) }]),
    );
    const [protobuf] = formats;
    const answer = await ask(protobuf, { path: '/v1/traces', body: spans });
    expect(readResponse(answer.body)).toMatchObject({ rejected: 1 });
    expect(answer.body.toString()).not.toContain('SECRET');
  });
});

describe('a bomb', () => {
  it('costs less than the limit and 16 MiB: decompression stops at the limit', async ({ skip }) => {
    if (process.platform !== 'linux') skip('there is no /proc to read the memory of a process from');
    const limit = 8 * MEBIBYTE;
    const database = await freshDatabase();
    const sidecar = await startSidecar(database.url, { COMMAND_CENTER_OTLP_MAX_BODY_BYTES: String(limit) });
    const send = async (encoding: string, body: Uint8Array): Promise<number> => {
      const headers = { 'content-type': jsonType, 'content-encoding': encoding };
      return (await exchange(sidecar.http, { path: '/v1/logs', headers, body: [body] })).status;
    };
    const spaces = Buffer.alloc(128 * MEBIBYTE, ' ');
    const compressors = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync };
    const fitting = gzipSync('{}'.padStart(limit, ' '));
    for (const [encoding, compress] of Object.entries(compressors)) {
      const bomb = compress(spaces);
      // What reading at the limit needs once is not the bomb's.
      expect(await send('gzip', fitting)).toBe(200);
      const before = await residentBytes(sidecar.pid, 'VmRSS');
      await forgetPeak(sidecar.pid);
      expect([encoding, await send(encoding, bomb)]).toEqual([encoding, 413]);
      const cost = (await residentBytes(sidecar.pid, 'VmHWM')) - before;
      expect([encoding, cost < limit + 16 * MEBIBYTE, cost]).toEqual([encoding, true, expect.any(Number)]);
    }
    await sidecar.stop();
    await database.drop();
  });
});

/** proc(5): VmRSS = resident now, VmHWM = the most since the process began or its peak was forgotten. */
async function residentBytes(pid: number, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1_024;
}

function forgetPeak(pid: number): Promise<void> {
  return writeFile(`/proc/${pid}/clear_refs`, '5');
}
