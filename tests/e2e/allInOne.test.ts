import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AllInOne, failedAllInOne, startAllInOne } from '../processes/allInOne.ts';
import { api, eventually } from '../processes/api.ts';
import { childrenOf, commandLineOf } from '../processes/descendants.ts';
import { type Client, encodings, openClient } from './client.ts';

const TOKEN = 'a-token-for-tests-of-at-least-32-characters';
/** interfaces.md §5 */
const STOP_LIMIT_MS = 5_000;
/** More than one batch takes at once, and a page of the API holds. */
const REQUESTS = 100;
const ERROR = { severityNumber: 17, body: 'the session store does not answer' };

let folder: string;
let running: AllInOne | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-center-kept-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(environment: Readonly<Record<string, string>> = {}): Promise<AllInOne> {
  running = await startAllInOne({
    COMMAND_CENTER_DATA_DIR: folder,
    COMMAND_CENTER_ADMIN_TOKEN: TOKEN,
    ...environment,
  });
  return running;
}

function clientOf(product: AllInOne): Client {
  const protobuf = encodings.find(({ name }) => name === 'HTTP/protobuf');
  if (protobuf === undefined) throw new Error('no such encoding');
  return openClient(protobuf, product, 'orders');
}

const isLinux = process.platform === 'linux';

function sidecarOf(product: AllInOne): number {
  const isSidecar = (pid: number): boolean => commandLineOf(pid).some((word) => word.endsWith('sidecar/src/run.ts'));
  return childrenOf(product.pid).find(isSidecar) ?? Number.NaN;
}

describe('npm start', () => {
  it('serves within 30 s: console, API, both doors; the login link works once', async () => {
    const product = await start();
    expect(product.startMs).toBeLessThan(30_000);
    expect((await fetch(`${product.console}/command-center`)).status).toBe(200);
    expect((await fetch(`${product.console}/healthz`)).status).toBe(200);
    const token = new URL(product.loginLink).hash.replace('#token=', '');
    const login = (): Promise<Response> =>
      fetch(`${product.console}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: product.console },
        body: JSON.stringify({ token }),
      });
    const first = await login();
    expect(first.ok).toBe(true);
    expect(first.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Strict|SameSite=Strict.*HttpOnly/i);
    expect((await login()).ok).toBe(false);
  });

  it('keeps its secrets from others and its data over a restart', async () => {
    const first = await start();
    const client = clientOf(first);
    client.logger.emit(ERROR);
    await client.close();
    expect(await first.stop()).toMatchObject({ code: 0 });
    for (const name of (await readdir(folder)).filter((file) => /secret|password/.test(file)))
      expect([name, (await stat(join(folder, name))).mode & 0o077]).toEqual([name, 0]);
    const second = await start();
    const { items } = await api(second.console, TOKEN).logs();
    expect(items.map(({ message }) => message)).toEqual([ERROR.body]);
  });

  it('a second start on the same folder is one line that names folder, process and remedy', async () => {
    const product = await start();
    const { code, stderr } = await failedAllInOne({ COMMAND_CENTER_DATA_DIR: folder });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(`COMMAND_CENTER_DATA_DIR.*${folder}.*${product.pid}`),
    ]);
    expect((await fetch(`${product.console}/healthz`)).status).toBe(200);
  });
});

describe('a wrong start is a line for each wrong variable and nothing else', () => {
  let blocker: Server;
  let port: number;
  beforeAll(async () => {
    blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const address = blocker.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterAll(() => void blocker.close());

  it('values out of range', async () => {
    const { code, stderr } = await failedAllInOne({ COMMAND_CENTER_PORT: 'x', COMMAND_CENTER_OTLP_GRPC_PORT: '65536' });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringContaining('COMMAND_CENTER_PORT="x"'),
      expect.stringContaining('COMMAND_CENTER_OTLP_GRPC_PORT="65536"'),
    ]);
  });

  it.each(['COMMAND_CENTER_OTLP_GRPC_PORT', 'COMMAND_CENTER_OTLP_HTTP_PORT', 'COMMAND_CENTER_PORT'])(
    '%s is taken: the line names variable, port and process',
    async (variable) => {
      const { code, stderr } = await failedAllInOne({ [variable]: String(port) });
      expect(code).toBe(1);
      const line = stderr.split('\n').find((each) => each.startsWith(variable)) ?? '';
      expect(line).toContain(`port ${port}`);
      if (isLinux) expect(line).toContain(`process ${process.pid}`);
    },
  );

  it('a database that does not answer', async () => {
    const { code, stderr } = await failedAllInOne({
      COMMAND_CENTER_DATABASE_URL: `postgres://nobody:hidden@127.0.0.1:1/none`,
    });
    expect(code).toBe(1);
    expect(stderr).toContain('COMMAND_CENTER_DATABASE_URL');
    expect(stderr).not.toContain('hidden');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

/** One request with one ERROR record; resolves with whether it was acknowledged. */
async function sendLog(product: AllInOne, body: string): Promise<boolean> {
  const record = { timeUnixNano: `${Date.now()}000000`, severityNumber: 17, body: { stringValue: body } };
  const request = { resourceLogs: [{ resource: {}, scopeLogs: [{ scope: {}, logRecords: [record] }] }] };
  const answer = await fetch(`${product.http}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  }).catch(() => undefined);
  return answer?.status === 200;
}

describe('SIGTERM and Ctrl-C reach the whole process group', () => {
  it.for(['SIGTERM', 'SIGINT'] as const)(
    '%s ends everything within 5 s, and all that was acknowledged is stored',
    async (signal, { skip }) => {
      skip(!isLinux, 'the processes of the group are found in /proc');
      const product = await start();
      const children = childrenOf(product.pid);
      expect(children.length).toBeGreaterThanOrEqual(2);
      const sent = Array.from({ length: REQUESTS }, (_, index) => {
        const body = `${signal} number ${index}`;
        return sendLog(product, body).then((isAcknowledged) => ({ body, isAcknowledged }));
      });
      await Promise.race(sent);
      const startedAt = performance.now();
      const ended = await product.signalGroup(signal);
      expect(performance.now() - startedAt).toBeLessThan(STOP_LIMIT_MS);
      expect(ended).toMatchObject({ code: 0, signal: null });
      expect(ended.stderr).not.toContain('starting it again');
      expect(children.map(commandLineOf)).toEqual(children.map(() => []));
      const acknowledged = (await Promise.all(sent)).filter(({ isAcknowledged }) => isAcknowledged);
      expect(acknowledged.length).toBeGreaterThan(0);
      const again = await start();
      const { items } = await api(again.console, TOKEN).logs({ search: `${signal} number`, limit: '100' });
      const stored = items.map(({ message }) => message);
      expect(stored).toEqual(expect.arrayContaining(acknowledged.map(({ body }) => body)));
      expect(new Set(stored).size).toBe(stored.length);
    },
  );
});

describe('a sidecar that dies', () => {
  it('is started again on its ports, and what the sender tries again arrives once', async ({ skip }) => {
    skip(!isLinux, 'the sidecar is found in /proc');
    const product = await start();
    const sidecar = sidecarOf(product);
    process.kill(sidecar, 'SIGKILL');
    const client = clientOf(product);
    client.logger.emit({ ...ERROR, body: 'after the end of the first sidecar' });
    await client.close();
    const { items } = await eventually(
      () => api(product.console, TOKEN).logs({ search: 'after the end of the first' }),
      (answer) => answer.items.length > 0,
    );
    expect(items).toHaveLength(1);
    expect(sidecarOf(product)).not.toBe(sidecar);
  });
});
