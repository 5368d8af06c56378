import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { httpOk } from '@command-center/contract/reasons';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCertificates } from './certificates.ts';
import type { Door } from './door.ts';
import { startGrpcDoor } from './grpcDoor.ts';
import { startHttpDoor } from './httpDoor.ts';
import { createTestCertificate } from './testing/certificate.ts';
import { recordingExporter, recordingOptions } from './testing/recordingExporter.ts';

const server = createTestCertificate('the door');
const sender = createTestCertificate('a sender');
const stranger = createTestCertificate('a stranger');

describe('TLS and mTLS of the doors', () => {
  let folder: string;
  let tls: { otlpTlsCert: string; otlpTlsKey: string };
  let clientCa: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cc-certificates-'));
    tls = { otlpTlsCert: join(folder, 'cert.pem'), otlpTlsKey: join(folder, 'key.pem') };
    clientCa = join(folder, 'ca.pem');
    await writeFile(tls.otlpTlsCert, server.cert);
    await writeFile(tls.otlpTlsKey, server.key);
    await writeFile(clientCa, sender.cert);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('serves both protocols over TLS', async () => {
    const { options } = recordingOptions(tls);
    const grpc = await startGrpcDoor(options, recordingExporter());
    const http = await startHttpDoor(options, recordingExporter());
    expect(await grpcCode(grpc)).toBe(status.OK);
    expect(await httpStatus(http)).toBe(httpOk);
    await Promise.all([grpc.stop(0), http.stop(0)]);
  });

  it('takes only senders with a certificate of the client authority where one is set', async () => {
    const { options } = recordingOptions({ ...tls, otlpTlsClientCa: clientCa });
    const grpc = await startGrpcDoor(options, recordingExporter());
    const http = await startHttpDoor(options, recordingExporter());
    expect(await grpcCode(grpc, sender)).toBe(status.OK);
    expect(await httpStatus(http, sender)).toBe(httpOk);
    for (const other of [stranger, undefined]) {
      expect(await grpcCode(grpc, other)).toBe(status.UNAVAILABLE);
      expect(await httpStatus(http, other)).toBe('refused');
    }
    await Promise.all([grpc.stop(0), http.stop(0)]);
  });

  it('reads renewed files without a restart, and keeps the old ones while the new are unusable', async () => {
    const { options, logged } = recordingOptions(tls);
    const certificates = await openCertificates(options.settings, options.log, 20);
    let changes = 0;
    certificates?.onChange(() => changes++);
    await writeFile(tls.otlpTlsCert, 'half a certif');
    await expect.poll(() => logged.some((line) => line.startsWith('certificates not reloaded'))).toBe(true);
    expect(changes).toBe(0);
    expect(certificates?.current().cert.toString()).toBe(server.cert);
    await writeFile(tls.otlpTlsKey, stranger.key);
    await writeFile(tls.otlpTlsCert, stranger.cert);
    await expect.poll(() => changes).toBe(1);
    expect(certificates?.current().cert.toString()).toBe(stranger.cert);
    certificates?.close();
  });

  it('serves the renewed certificate on both doors', async () => {
    const { options } = recordingOptions(tls);
    const checkMs = 20;
    const grpc = await startGrpcDoor(options, recordingExporter(), checkMs);
    const http = await startHttpDoor(options, recordingExporter(), checkMs);
    expect(await grpcCode(grpc)).toBe(status.OK);
    await writeFile(tls.otlpTlsKey, stranger.key);
    await writeFile(tls.otlpTlsCert, stranger.cert);
    for (const door of [grpc, http]) await expect.poll(() => commonName(door)).toBe('a stranger');
    await Promise.all([grpc.stop(0), http.stop(0)]);
  });

  it('refuses to start with files that are missing or do not belong together, naming the variable', async () => {
    const missing = recordingOptions({ ...tls, otlpTlsKey: join(folder, 'none.pem') });
    await expect(startHttpDoor(missing.options, recordingExporter())).rejects.toThrow('COMMAND_CENTER_OTLP_TLS_KEY');
    await writeFile(tls.otlpTlsKey, stranger.key);
    const { options } = recordingOptions(tls);
    await expect(startGrpcDoor(options, recordingExporter())).rejects.toThrow('COMMAND_CENTER_OTLP_TLS_CERT');
  });
});

function grpcCode(door: Door, certificate?: { cert: string; key: string }): Promise<number> {
  const key = certificate && Buffer.from(certificate.key);
  const cert = certificate && Buffer.from(certificate.cert);
  const client = new Client(
    `${door.host}:${door.port}`,
    credentials.createSsl(Buffer.from(server.cert), key ?? null, cert ?? null),
  );
  const asIs = (bytes: Buffer) => bytes;
  const path = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      asIs,
      asIs,
      Buffer.alloc(0),
      new Metadata(),
      { deadline: Date.now() + 5_000 },
      (error) => {
        client.close();
        resolve(error?.code ?? status.OK);
      },
    );
  });
}

function httpStatus(door: Door, certificate?: { cert: string; key: string }): Promise<number | undefined | 'refused'> {
  return new Promise((resolve) => {
    const where = { host: door.host, port: door.port, path: '/v1/logs', method: 'POST', agent: false };
    const request = https.request(
      { ...where, ca: server.cert, ...certificate, headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    request.on('error', () => resolve('refused'));
    request.end('{}');
  });
}

function commonName(door: Door): Promise<string> {
  return new Promise((resolve, reject) => {
    // What is looked at is the certificate itself, so none is trusted beforehand.
    const socket = connect(
      { host: door.host, port: door.port, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] },
      () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}
