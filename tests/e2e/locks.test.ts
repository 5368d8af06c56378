import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { createTestCertificate, type TestCertificate } from '@command-center/sidecar/receive/testing/certificate';
import { call, paths } from '@command-center/sidecar/receive/testing/grpcClient';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failedStart, type SidecarProcess, startSidecar } from '../processes/sidecar.ts';

const everywhere = { COMMAND_CENTER_OTLP_HOST: '0.0.0.0' };
const token = 'a-token-of-the-door';

describe('a door on another address than loopback is never open by accident (interfaces.md §3)', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let folder: string;
  let sidecar: SidecarProcess | undefined;
  const server = createTestCertificate('the door');
  const sender = createTestCertificate('a sender');
  const stranger = createTestCertificate('a stranger');
  let tls: Record<string, string>;

  beforeAll(async () => {
    database = await freshDatabase();
    folder = await mkdtemp(join(tmpdir(), 'command-center-locks-'));
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    tls = {
      COMMAND_CENTER_OTLP_TLS_CERT: await file('cert.pem', server.cert),
      COMMAND_CENTER_OTLP_TLS_KEY: await file('key.pem', server.key),
      COMMAND_CENTER_OTLP_TLS_CLIENT_CA: await file('ca.pem', sender.cert),
    };
  });
  afterEach(async () => {
    await sidecar?.stop();
    sidecar = undefined;
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('refuses to start without a lock, and says which there are', async () => {
    const { code, stderr } = await failedStart({ COMMAND_CENTER_DATABASE_URL: database.url, ...everywhere });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^COMMAND_CENTER_OTLP_HOST="0\.0\.0\.0": .*COMMAND_CENTER_OTLP_TOKEN.*TLS_CLIENT_CA.*ALLOW_INSECURE=true/m,
    );
  });

  it('TLS alone is no lock: anyone may speak it', async () => {
    const { COMMAND_CENTER_OTLP_TLS_CLIENT_CA: _, ...own } = tls;
    const { code } = await failedStart({ COMMAND_CENTER_DATABASE_URL: database.url, ...everywhere, ...own });
    expect(code).toBe(1);
  });

  it('starts without a lock where that is said in so many words', async () => {
    sidecar = await startSidecar(database.url, { ...everywhere, COMMAND_CENTER_OTLP_ALLOW_INSECURE: 'true' });
    expect(await httpStatus(portOf(sidecar.http), 'http:')).toBe(200);
  });

  it('with a token: both doors want it, and while it is changed take the one before it as well', async () => {
    sidecar = await startSidecar(database.url, {
      ...everywhere,
      COMMAND_CENTER_OTLP_TOKEN: token,
      COMMAND_CENTER_OTLP_TOKEN_PREVIOUS: 'the-token-before-it',
    });
    const ports = { http: portOf(sidecar.http), grpc: portOf(`http://${sidecar.grpc}`) };
    const grpc = async (shown: string | undefined): Promise<number> => {
      const metadata = new Metadata();
      if (shown !== undefined) metadata.set('authorization', `Bearer ${shown}`);
      const client = new Client(`127.0.0.1:${ports.grpc}`, credentials.createInsecure());
      const { code } = await call(client, paths.logs, Buffer.alloc(0), metadata);
      client.close();
      return code;
    };
    const post = async (shown: string | undefined): Promise<number> => {
      const url = `http://127.0.0.1:${ports.http}/v1/logs`;
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      if (shown !== undefined) headers.authorization = `Bearer ${shown}`;
      return (await fetch(url, { method: 'POST', headers, body: '{}' })).status;
    };
    const { OK, UNAUTHENTICATED } = status;
    for (const [shown, code, answer] of [
      [token, OK, 200],
      ['the-token-before-it', OK, 200],
      ['another-token-than-these', UNAUTHENTICATED, 401],
      [undefined, UNAUTHENTICATED, 401],
    ] as const)
      expect([await grpc(shown), await post(shown)], String(shown)).toEqual([code, answer]);
  });

  it('with client certificates: both doors take their holders and no one else', async () => {
    sidecar = await startSidecar(database.url, { ...everywhere, ...tls });
    const ports = { http: portOf(sidecar.http), grpc: portOf(`http://${sidecar.grpc}`) };
    const grpc = async (certificate: TestCertificate | undefined): Promise<number> => {
      const [key, cert] = [certificate?.key, certificate?.cert].map((pem) => (pem ? Buffer.from(pem) : null));
      const secure = credentials.createSsl(Buffer.from(server.cert), key ?? null, cert ?? null);
      const client = new Client(`127.0.0.1:${ports.grpc}`, secure);
      const { code } = await call(client, paths.logs, Buffer.alloc(0));
      client.close();
      return code;
    };
    expect([await grpc(sender), await grpc(stranger), await grpc(undefined)]).toEqual([
      status.OK,
      status.UNAVAILABLE,
      status.UNAVAILABLE,
    ]);
    const http = (certificate: TestCertificate | undefined) =>
      httpStatus(ports.http, 'https:', { ca: server.cert, ...certificate });
    expect([await http(sender), await http(stranger), await http(undefined)]).toEqual([200, 'refused', 'refused']);
    // The sidecar's own server is no door: it takes nothing in.
    expect((await fetch(`${sidecar.own}/readyz`)).status).toBe(200);
  });
});

const portOf = (url: string): number => Number(new URL(url).port);

function httpStatus(
  port: number,
  protocol: 'http:' | 'https:',
  trust: https.RequestOptions = {},
): Promise<number | undefined | 'refused'> {
  const options = { host: '127.0.0.1', port, path: '/v1/logs', method: 'POST', agent: false, ...trust };
  const headers = { 'content-type': 'application/json' };
  if (protocol === 'http:')
    return fetch(`http://127.0.0.1:${port}/v1/logs`, { method: 'POST', headers, body: '{}' }).then(
      (answer) => answer.status,
    );
  return new Promise((resolve) => {
    const request = https.request({ ...options, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', () => resolve('refused'));
    request.end('{}');
  });
}
