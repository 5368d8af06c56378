import { services } from '@command-center/contract/services';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { createProbes, type ProbeTargets } from '@command-center/sidecar/lead/probes/round';
import { createTestCertificate } from '@command-center/sidecar/receive/testing/certificate';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { noRedis, type Redis, startRedis } from '../processes/redis.ts';
import { type S3Server, s3Credentials, startS3 } from '../processes/s3.ts';
import { answering, dripping, silent, startTarget, type Target } from './targets.ts';

/** The deadline of 2 s, and what a machine with other work adds. */
const DEADLINE_MS = 2_000;
const NOT_BEFORE_MS = 1_900;
const AT_MOST_MS = 3_500;

const nowhere: ProbeTargets = { http: undefined, postgres: undefined, valkey: undefined, s3: undefined };
const close: (() => Promise<void>)[] = [];
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const each of close.reverse()) await each();
});
beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3Credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3Credentials.secretAccessKey);
});

/** One round; of each probe that was made its words, after `ok` or `failed`. */
async function probe(targets: Partial<ProbeTargets>): Promise<Record<string, string>> {
  const probes = createProbes(services, { ...nowhere, ...targets }, () => undefined);
  const { results } = await probes.run();
  return Object.fromEntries(
    [...results].map(([kind, { isAnswering, words }]) => [kind, `${isAnswering ? 'ok' : 'failed'}: ${words}`]),
  );
}

async function target(...args: Parameters<typeof startTarget>): Promise<Target> {
  const started = await startTarget(...args);
  close.push(() => started.close());
  return started;
}

/** All four probes at one address. */
function everythingAt(port: number, isTls = false): ProbeTargets {
  const s = isTls ? 's' : '';
  return {
    http: `http${s}://127.0.0.1:${port}/`,
    postgres: `postgres://user:word@127.0.0.1:${port}/database${isTls ? '?sslmode=require' : ''}`,
    valkey: `redis${s}://:word@127.0.0.1:${port}`,
    s3: { bucket: 'bucket', endpoint: `http${s}://127.0.0.1:${port}`, region: 'us-east-1' },
  };
}

const allFail = (words: string) => ({
  http: `failed: ${words}`,
  postgres: `failed: ${words}`,
  valkey: `failed: ${words}`,
  s3: `failed: ${words}`,
});

describe('a probe of HTTP is a GET that 2xx answers', () => {
  test.each([
    ['200 OK', 'ok: GET answers 200'],
    ['204 No Content', 'ok: GET answers 204'],
    ['302 Found', 'failed: GET answers 302, a redirect, which is not followed'],
    ['404 Not Found', 'failed: GET answers 404'],
    ['500 Internal Server Error', 'failed: GET answers 500'],
    ['503 Service Unavailable', 'failed: GET answers 503'],
  ])('%s', async (status, words) => {
    const server = await target(answering(`HTTP/1.1 ${status}\r\nlocation: /\r\ncontent-length: 0\r\n\r\n`));
    expect(await probe({ http: `http://127.0.0.1:${server.port}/livez` })).toEqual({ http: words });
    expect(server.came()).toBe(1);
  });

  test('a body that never ends is not waited for', async () => {
    const server = await target(dripping('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n'));
    const startedMs = performance.now();
    expect(await probe({ http: `http://127.0.0.1:${server.port}/` })).toEqual({ http: 'ok: GET answers 200' });
    expect(performance.now() - startedMs).toBeLessThan(NOT_BEFORE_MS);
    await expect.poll(() => server.open()).toBe(0);
  });
});

test('services of the contract file are probed at addresses of their own, each once', async () => {
  const [search, mail] = await Promise.all([
    target(answering('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')),
    target(answering('HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n')),
  ]);
  const urls = [search, mail, mail].map(({ port }) => `http://127.0.0.1:${port}/livez`);
  const own = urls.map((url, index) => ({
    id: `own_${index}`,
    name: 'Own',
    healthyWhen: '',
    conditions: [{ type: 'probe', probe: 'http', setting: 'probeHttpUrl', isOptional: false, url } as const],
  }));
  const { results } = await createProbes(own, nowhere, () => undefined).run();
  expect([...results]).toEqual([
    [urls[0], { isAnswering: true, words: 'GET answers 200' }],
    [urls[1], { isAnswering: false, words: 'GET answers 500' }],
  ]);
  expect([search.came(), mail.came()]).toEqual([1, 1]);
});

describe('a probe of Valkey is PING', () => {
  let open: Redis;
  let locked: Redis;
  beforeEach(({ skip }) => skip(noRedis !== undefined, noRedis));
  beforeAll(async () => {
    if (noRedis !== undefined) return;
    open = await startRedis();
    locked = await startRedis({ password: 'pass', user: { name: 'watcher', password: 'p@ss' } });
    close.push(open.close, locked.close);
  });

  test.each(['redis', 'valkey'])('by %s://, with a number of a database', async (scheme) => {
    expect(await probe({ valkey: `${scheme}://127.0.0.1:${open.port}/3` })).toEqual({ valkey: 'ok: PING answers' });
  });

  test.each([
    [':pass@', 'ok: PING answers'],
    ['watcher:p%40ss@', 'ok: PING answers'],
    ['', 'failed: PING is refused: authentication required'],
    [':no@', 'failed: AUTH is refused: wrong user or password'],
  ])('as %s', async (user, words) => {
    expect(await probe({ valkey: `valkey://${user}127.0.0.1:${locked.port}` })).toEqual({ valkey: words });
  });

  test('in a database that is not there, and with a password where none is', async () => {
    expect(await probe({ valkey: `valkey://127.0.0.1:${open.port}/99` })).toEqual({
      valkey: 'failed: SELECT is refused: there is no such database',
    });
    expect(await probe({ valkey: `valkey://:no@127.0.0.1:${open.port}` })).toEqual({
      valkey: 'failed: AUTH is refused: no password is set there',
    });
  });
});

test('a probe of Postgres is SELECT 1 as its user, in its database', async () => {
  const database = await freshDatabase();
  close.push(() => database.drop());
  expect(await probe({ postgres: database.url })).toEqual({ postgres: 'ok: SELECT 1 answers' });
  expect(await probe({ postgres: database.url.replace(/\/[^/]*$/, '/not_there') })).toEqual({
    postgres: 'failed: SELECT 1 is refused: its database does not exist',
  });
});

describe('a probe of S3 is HeadBucket', () => {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await startS3();
    close.push(s3.close);
  });

  test('of the bucket, by the endpoint', async () => {
    expect(await probe({ s3 })).toEqual({ s3: 'ok: HeadBucket answers' });
    expect(await probe({ s3: { ...s3, bucket: 'not-there' } })).toEqual({ s3: 'failed: HeadBucket answers 404' });
  });

  test('which is refused, not allowed, or has no region', async () => {
    const refusing = await target(answering('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'));
    expect(await probe({ s3: { ...s3, endpoint: `http://127.0.0.1:${refusing.port}` } })).toEqual({
      s3: 'failed: HeadBucket answers 403',
    });
    expect(await probe({ s3: { bucket: 'bucket', endpoint: undefined, region: undefined } })).toEqual({
      s3: 'failed: no region is set for it',
    });
  });
});

describe.concurrent('every probe has 2 s, whatever its target does', () => {
  const garbage = 'not a word of any protocol\r\n'.repeat(100);
  test.each([
    ['takes the connection and says nothing', false, silent],
    ['says nothing of TLS either', true, silent],
    ['says a byte a while', false, dripping('HTTP/1.1 200 OK\r\nx-never-ends: ', 'x')],
    ['says a byte of TLS a while', true, dripping('\x16\x03\x03\x40\x00', 'x')],
    ['says what is of no protocol, for ever', false, dripping(garbage, garbage)],
  ] as const)('one that %s', async (_, isTls, behaviour) => {
    const server = await target(behaviour);
    const probes = createProbes(services, everythingAt(server.port, isTls), () => undefined);
    // Libraries are loaded before the first deadline begins.
    await probes.run();
    const startedMs = performance.now();
    const { results } = await probes.run();
    expect(performance.now() - startedMs).toBeLessThan(AT_MOST_MS);
    expect([...results.values()].map(({ isAnswering }) => isAnswering)).toEqual([false, false, false, false]);
    // Nothing piles up: what was given up is closed before the next round.
    await expect.poll(() => server.open()).toBe(0);
  });

  test('is over no sooner, and says so', async () => {
    const server = await target(silent);
    const startedMs = performance.now();
    expect(await probe(everythingAt(server.port))).toEqual(allFail(`no answer within ${DEADLINE_MS / 1000} s`));
    expect(performance.now() - startedMs).toBeGreaterThan(NOT_BEFORE_MS);
  });
});

describe('a failed probe says why, and not where', () => {
  test('nobody listens', async () => {
    const gone = await startTarget(silent);
    await gone.close();
    expect(await probe(everythingAt(gone.port))).toEqual(allFail('connection refused'));
  });

  test('the connection ends at once', async () => {
    const server = await target((socket) => void socket.destroy());
    expect(await probe(everythingAt(server.port))).toEqual(allFail('the connection was closed'));
  });

  test('the name does not resolve', async () => {
    const s3 = { bucket: 'bucket', endpoint: 'http://not.there.invalid', region: 'us-east-1' };
    expect(
      await probe({
        http: 'http://not.there.invalid/',
        postgres: 'postgres://user:word@not.there.invalid/database',
        valkey: 'valkey://:word@not.there.invalid',
        s3,
      }),
    ).toEqual(allFail('its name does not resolve'));
  });

  test('nobody vouches for the certificate', async () => {
    const server = await target(silent, createTestCertificate('nobody knows it'));
    const { postgres: _, ...withTls } = everythingAt(server.port, true);
    const { postgres: __, ...words } = allFail('its certificate is not trusted');
    expect(await probe(withTls)).toEqual(words);
  });
});

test('an outage is logged once, and its end once', async ({ skip }) => {
  skip(noRedis !== undefined, noRedis);
  const log = vi.fn();
  const redis = await startRedis();
  close.push(redis.close);
  const probes = createProbes(services, { ...nowhere, valkey: `valkey://127.0.0.1:${redis.port}` }, log);
  await probes.run();
  expect(log).not.toHaveBeenCalled();
  await redis.stop();
  for (let rounds = 0; rounds < 3; rounds += 1) await probes.run();
  await redis.start();
  for (let rounds = 0; rounds < 3; rounds += 1) await probes.run();
  expect(log.mock.calls).toEqual([
    ['probe fails', { probe: 'valkey', reason: 'connection refused' }],
    ['probe answers again', { probe: 'valkey', after_s: expect.any(Number) }],
  ]);
});
