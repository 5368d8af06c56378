import { deflateSync, gzipSync } from 'node:zlib';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import { call, frame, healthRequest, paths, rawCall } from '@command-center/sidecar/receive/testing/grpcClient';
import { jsonType, protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import { Metadata, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exchange } from './http.ts';
import { logsOf } from './requests.ts';
import { intake, storedRows } from './rows.ts';
import { accepted, sendGrpc, sendHttp, signals } from './send.ts';
import { openStage, type Stage } from './stage.ts';

const TOKEN = 'a-token-of-the-door';
const MAX_BODY_BYTES = 64 * 1_024;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    COMMAND_CENTER_OTLP_TOKEN: TOKEN,
    COMMAND_CENTER_OTLP_MAX_BODY_BYTES: String(MAX_BODY_BYTES),
    COMMAND_CENTER_ALLOWED_ORIGINS: 'https://console.example.com',
  });
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const logs = Buffer.from(encodeProtobuf('logs', logsOf('auth', [{}])));
const refused = { grpcCode: status.UNAUTHENTICATED, retryAfterSeconds: undefined, rejected: 0 };

describe('the bearer token (RFC 6750; OTLP 1.11, "Failures")', () => {
  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('%s: the scheme has no case', async (scheme) => {
    const headers = { authorization: `${scheme} ${TOKEN}` };
    expect(await sendGrpc(stage, 'logs', logs, headers)).toMatchObject(accepted);
    expect(await sendHttp(stage, 'logs', logs, protobufType, headers)).toMatchObject(accepted);
    expect(await storedRows(stage.sql)).toBe(1);
  });

  it.each([
    ['none at all', undefined],
    ['an empty one', 'Bearer '],
    ['the scheme alone', 'Bearer'],
    ['the token without its scheme', TOKEN],
    ['another scheme', `Basic ${TOKEN}`],
    ['one character less', `Bearer ${TOKEN.slice(0, -1)}`],
    ['one character more', `Bearer ${TOKEN}x`],
    ['another case', `Bearer ${TOKEN.toUpperCase()}`],
    ['twice', `Bearer ${TOKEN} ${TOKEN}`],
    ['a token of one character', 'Bearer x'],
    ['one of the same length', `Bearer ${'x'.repeat(TOKEN.length)}`],
    ['one of 1,000 characters', `Bearer ${'x'.repeat(1_000)}`],
    ['one of 6,000 characters that begins well', `Bearer ${TOKEN}${'x'.repeat(6_000)}`],
  ])('%s is UNAUTHENTICATED and 401 with WWW-Authenticate', async (_what, authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    expect(await sendGrpc(stage, 'logs', logs, headers)).toMatchObject(refused);
    expect(await sendHttp(stage, 'logs', logs, protobufType, headers)).toMatchObject({ ...refused, httpStatus: 401 });
    const { headers: answered } = await exchange(stage.http, {
      path: '/v1/logs',
      headers: { 'content-type': jsonType, ...headers },
      body: ['{}'],
    });
    expect(answered['www-authenticate']).toBe('Bearer');
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it.each(signals)('%s need it', async (signal) => {
    expect(await sendGrpc(stage, signal, Buffer.alloc(0))).toMatchObject(refused);
    expect(await sendHttp(stage, signal, '', protobufType)).toMatchObject(refused);
  });

  it('refusals are counted', async () => {
    await sendGrpc(stage, 'traces', Buffer.alloc(0));
    await sendHttp(stage, 'traces', '{}', jsonType);
    await expect
      .poll(async () => (await intake(stage.sql, 'traces'))['refused unauthenticated'], { timeout: 15_000 })
      .toBeGreaterThanOrEqual(2);
  });

  it('no token set = no token asked for', async () => {
    const open = await openStage();
    expect(await sendGrpc(open, 'logs', logs)).toMatchObject(accepted);
    expect(await sendHttp(open, 'logs', logs, protobufType, { authorization: 'Basic x' })).toMatchObject(accepted);
    await open.close();
  });
});

describe('before decompression: a stranger costs neither memory nor time', () => {
  const bomb = Buffer.alloc(64 * 1_024 * 1_024);

  it.each([
    ['what does not inflate', 'gzip', Buffer.from('no gzip')],
    ['a bomb', 'gzip', gzipSync(bomb)],
    ['a deflated bomb', 'deflate', deflateSync(bomb)],
    ['an unknown compression', 'snappy', Buffer.from('x')],
    ['more than the limit', 'identity', Buffer.alloc(MAX_BODY_BYTES + 1)],
  ])('%s: the token is asked for first', async (_what, encoding, body) => {
    const [host = '', port] = stage.grpc.split(':');
    const { code } = await rawCall(
      { host, port: Number(port) },
      paths.logs,
      frame(body, encoding !== 'identity'),
      encoding,
    );
    expect(code).toBe(status.UNAUTHENTICATED);
    const headers = { 'content-encoding': encoding };
    expect(await sendHttp(stage, 'logs', body, protobufType, headers)).toMatchObject({ httpStatus: 401 });
    expect(await sendHttp(stage, 'logs', body, 'text/plain', headers)).toMatchObject({ httpStatus: 401 });
  });

  it('with the token each of them gets its own answer', async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-encoding': 'gzip' };
    expect(await sendHttp(stage, 'logs', gzipSync(bomb), protobufType, headers)).toMatchObject({ httpStatus: 413 });
    expect(await sendHttp(stage, 'logs', 'no gzip', protobufType, headers)).toMatchObject({ httpStatus: 400 });
  });
});

describe('what needs no token', () => {
  it('health: a load balancer has none', async () => {
    const outcome = await call(stage.client, '/grpc.health.v1.Health/Check', healthRequest(''), new Metadata());
    expect(outcome.code).toBe(status.OK);
  });
});

describe('CORS (Fetch standard) is off: no page of another site may send', () => {
  const origin = 'https://console.example.com';
  const corsHeaders = (headers: Readonly<Record<string, unknown>>): string[] =>
    Object.keys(headers).filter((name) => name.startsWith('access-control-'));

  it('a preflight is 405 and allows nothing, also to the origins of the console', async () => {
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    };
    const answer = await exchange(stage.http, { method: 'OPTIONS', path: '/v1/logs', headers });
    expect([answer.status, corsHeaders(answer.headers)]).toEqual([405, []]);
  });

  it('an answer to a foreign page is not readable there', async () => {
    const headers = { origin, 'content-type': jsonType, authorization: `Bearer ${TOKEN}` };
    const answer = await exchange(stage.http, { path: '/v1/logs', headers, body: ['{}'] });
    expect([answer.status, corsHeaders(answer.headers)]).toEqual([200, []]);
  });

  it('what a page may send without asking first is refused for its type', async () => {
    const headers = { origin, 'content-type': 'text/plain', authorization: `Bearer ${TOKEN}` };
    expect((await exchange(stage.http, { path: '/v1/logs', headers, body: ['{}'] })).status).toBe(415);
  });
});
