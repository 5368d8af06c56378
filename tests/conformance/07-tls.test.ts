import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import { CERTIFICATE_CHECK_MS } from '@command-center/sidecar/limits';
import { createTestCertificate, type TestCertificate } from '@command-center/sidecar/receive/testing/certificate';
import { protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { failedStart, startSidecar } from '../processes/sidecar.ts';
import { logsOf } from './requests.ts';
import { storedLogs, storedRows } from './rows.ts';
import { sendGrpc, sendHttp } from './send.ts';
import { openStage, type Stage } from './stage.ts';

const server = createTestCertificate('the door');
const renewed = createTestCertificate('the door, renewed');
const sender = createTestCertificate('a sender');
const stranger = createTestCertificate('a stranger');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-conformance-'));
});
afterAll(() => rm(folder, { recursive: true }));

const fileOf = (name: string): string => join(folder, name);
const environment = (): Record<string, string> => ({
  COMMAND_CENTER_OTLP_TLS_CERT: fileOf('cert.pem'),
  COMMAND_CENTER_OTLP_TLS_KEY: fileOf('key.pem'),
});

async function writeCertificate({ cert, key }: TestCertificate): Promise<void> {
  await writeFile(fileOf('cert.pem'), cert);
  await writeFile(fileOf('key.pem'), key);
}

beforeEach(() => writeCertificate(server));

const logs = (service: string): Buffer => Buffer.from(encodeProtobuf('logs', logsOf(service, [{}])));

/** gRPC code of one call over TLS that trusts `trusted`. */
async function grpcCode(
  { grpc }: Stage,
  service: string,
  trusted: TestCertificate,
  own?: TestCertificate,
): Promise<number> {
  const key = own === undefined ? null : Buffer.from(own.key);
  const cert = own === undefined ? null : Buffer.from(own.cert);
  const client = new Client(grpc, credentials.createSsl(Buffer.from(trusted.cert), key, cert));
  const { grpcCode: code } = await sendGrpc({ client }, 'logs', logs(service));
  client.close();
  return code;
}

/** HTTP status, or why there was none. */
function httpStatus(
  stage: Stage,
  service: string,
  trusted: TestCertificate,
  own?: TestCertificate,
): Promise<number | string> {
  const { hostname, port } = new URL(stage.http);
  return new Promise((resolve) => {
    const headers = { 'content-type': protobufType };
    const request = https.request(
      { hostname, port, path: '/v1/logs', method: 'POST', agent: false, ca: trusted.cert, headers, ...own },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    request.on('error', () => resolve('no connection'));
    request.end(logs(service));
  });
}

describe('TLS', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage(environment());
  });
  afterEach(() => stage.close());

  it('both doors speak it, and what they are sent is stored', async () => {
    expect(await grpcCode(stage, 'over gRPC', server)).toBe(status.OK);
    expect(await httpStatus(stage, 'over HTTP', server)).toBe(200);
    const services = (await storedLogs(stage.sql)).map(({ service }) => service);
    expect(services.sort()).toEqual(['over HTTP', 'over gRPC']);
  });

  it('the process says so where it says where it listens', async () => {
    const sidecar = await startSidecar(stage.databaseUrl, environment());
    await sidecar.stop();
    expect(new URL(sidecar.http).protocol).toBe('https:');
  });

  it('neither takes anything in the clear', async () => {
    const plain = { client: stage.client, http: stage.http.replace('https:', 'http:') };
    expect((await sendGrpc(plain, 'logs', logs('plain'))).grpcCode).toBe(status.UNAVAILABLE);
    await expect(sendHttp(plain, 'logs', logs('plain'), protobufType)).rejects.toThrow();
    expect(await storedRows(stage.sql)).toBe(0);
  });

  it('a sender that trusts another authority does not send', async () => {
    expect(await grpcCode(stage, 'distrust', stranger)).toBe(status.UNAVAILABLE);
    expect(await httpStatus(stage, 'distrust', stranger)).toBe('no connection');
    expect(await storedRows(stage.sql)).toBe(0);
  });
});

describe('mTLS', () => {
  it('takes senders with a certificate of the client authority, and no others', async () => {
    await writeFile(fileOf('ca.pem'), sender.cert);
    const stage = await openStage({ ...environment(), COMMAND_CENTER_OTLP_TLS_CLIENT_CA: fileOf('ca.pem') });
    for (const other of [undefined, stranger]) {
      expect(await grpcCode(stage, 'a stranger', server, other)).toBe(status.UNAVAILABLE);
      expect(await httpStatus(stage, 'a stranger', server, other)).toBe('no connection');
    }
    expect(await grpcCode(stage, 'over gRPC', server, sender)).toBe(status.OK);
    expect(await httpStatus(stage, 'over HTTP', server, sender)).toBe(200);
    const services = (await storedLogs(stage.sql)).map(({ service }) => service);
    expect(services.sort()).toEqual(['over HTTP', 'over gRPC']);
    await stage.close();
  });
});

describe('a renewed certificate', () => {
  afterEach(() => vi.useRealTimers());

  it('is served without a restart; a half-written one is not, and a connection that is open stays', async () => {
    // The doors look at their files every minute.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stage = await openStage(environment());
    const doors = [new URL(`https://${stage.grpc}`), new URL(stage.http)];
    const open = await Promise.all(doors.map(connected));
    expect(open.map(commonName)).toEqual(['the door', 'the door']);
    const reloads = (event: string): number => stage.logged.filter((line) => line.event === event).length;

    await writeFile(fileOf('cert.pem'), renewed.cert.slice(0, 200));
    vi.advanceTimersByTime(CERTIFICATE_CHECK_MS);
    await expect.poll(() => reloads('certificates not reloaded')).toBe(2);
    expect(await grpcCode(stage, 'old over gRPC', server)).toBe(status.OK);
    expect(await httpStatus(stage, 'old over HTTP', server)).toBe(200);

    await writeCertificate(renewed);
    vi.advanceTimersByTime(CERTIFICATE_CHECK_MS);
    await expect.poll(() => reloads('certificates reloaded')).toBe(2);
    const later = await Promise.all(doors.map(connected));
    expect(later.map(commonName)).toEqual(['the door, renewed', 'the door, renewed']);
    expect(await grpcCode(stage, 'new over gRPC', renewed)).toBe(status.OK);
    expect(await httpStatus(stage, 'new over HTTP', renewed)).toBe(200);
    expect(await storedLogs(stage.sql)).toHaveLength(4);
    for (const socket of open) expect(socket.destroyed).toBe(false);
    for (const socket of [...open, ...later]) socket.destroy();
    await stage.close();
  });

  it('is refused at the start where it does not belong to its key, by the name of its variable', async () => {
    await writeFile(fileOf('key.pem'), stranger.key);
    const database = await freshDatabase();
    const { code, stderr } = await failedStart({ ...environment(), COMMAND_CENTER_DATABASE_URL: database.url });
    expect(code).not.toBe(0);
    expect(stderr).toContain('COMMAND_CENTER_OTLP_TLS_CERT');
    await database.drop();
  });
});

/** What is looked at is the certificate, so none is trusted beforehand. */
function connected({ hostname, port }: URL): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = {
      host: hostname,
      port: Number(port),
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
    };
    const socket = connect(options, () => resolve(socket));
    socket.on('error', reject);
  });
}

function commonName(socket: TLSSocket): string {
  return String(socket.getPeerCertificate().subject.CN);
}
