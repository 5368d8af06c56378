import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';
import {
  experimental,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { decodeProtobuf } from '../decode/protobuf.ts';
import type { Signal } from '../decode/records.ts';
import { CERTIFICATE_CHECK_MS, MAX_GRPC_STREAMS } from '../limits.ts';
import { createBearerCheck } from './bearer.ts';
import { type Certificates, openCertificates } from './certificates.ts';
import { type Door, type DoorOptions, type Refusal, receive, refuse } from './door.ts';
import { createEncodingWarning } from './encodings.ts';
import type { Exporter } from './export.ts';
import { createGuard } from './grpcGuard.ts';
import { createHealth, healthService } from './grpcHealth.ts';
import { watchOwnAnswers } from './grpcOwnAnswers.ts';
import { grpcStatusOf } from './grpcStatus.ts';
import { Reservation } from './reservation.ts';
import { successProtobuf } from './responses.ts';

/** The services of opentelemetry-proto's collector/*_service.proto that are kept here; the profiles service is not, and so UNIMPLEMENTED. */
const services: Readonly<Record<Signal, string>> = {
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
};
const signals: readonly Signal[] = ['metrics', 'logs', 'traces'];
const signalOfPath: ReadonlyMap<string, Signal> = new Map(signals.map((signal) => [pathOf(signal), signal]));

/**
 * Opens the OTLP/gRPC door (OTLP 1.11, "OTLP/gRPC") with the three Export methods and grpc.health.v1.
 * @throws what `listen` reports (`EADDRINUSE`, with the port), or a certificate that cannot be read.
 */
export async function startGrpcDoor(
  options: DoorOptions,
  exporter: Exporter,
  certificateCheckMs = CERTIFICATE_CHECK_MS,
): Promise<Door> {
  const { settings, log, onRefused, availability } = options;
  const certificates = await openCertificates(settings, log, certificateCheckMs);
  const guard = createGuard({
    signalOf: (path) => signalOfPath.get(path),
    isAuthorized: createBearerCheck(settings.otlpToken, settings.otlpTokenPrevious),
    availability,
    onRefused: (signal, { reason }) => onRefused(signal, reason),
  });
  const server = new Server({
    interceptors: [guard],
    // Enforced on the message as sent and again while it is inflated.
    'grpc.max_receive_message_length': settings.otlpMaxBodyBytes,
    'grpc.max_concurrent_streams': MAX_GRPC_STREAMS,
    'grpc.enable_channelz': 0,
  });
  for (const signal of signals)
    server.addService(exportService(signal), { Export: createExport(options, exporter, signal) });
  const health = createHealth(Object.values(services), availability);
  server.addService(healthService, health.handlers);
  const { otlpHost: host } = settings;
  const port = await bind(server, host, settings.otlpGrpcPort, credentialsOf(certificates)).catch((error: unknown) => {
    certificates?.close();
    throw error;
  });
  const stopWatching = watchOwnAnswers(port, createOwnAnswerCounter(options));
  return {
    host,
    port,
    stop: async (graceMs) => {
      certificates?.close();
      health.stop();
      await shutDown(server, addressOf(host, port), graceMs);
      stopWatching();
    },
  };
}

/** Messages pass as the bytes they are: decoding in a deserializer would answer bad protobuf with INTERNAL in place of INVALID_ARGUMENT. */
function exportService(signal: Signal): ServiceDefinition {
  const asIs = (bytes: Buffer): Buffer => bytes;
  return {
    Export: {
      path: pathOf(signal),
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
}

function pathOf(signal: Signal): string {
  return `/${services[signal]}/Export`;
}

function createExport(options: DoorOptions, exporter: Exporter, signal: Signal) {
  return (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const bytes = call.request;
    const send = (refusal: Refusal): void => {
      options.onRefused(signal, refusal.reason);
      callback(grpcStatusOf(refusal));
    };
    const reservation = new Reservation(exporter);
    if (!reservation.settle(bytes.length)) {
      send(refuse('overloaded'));
      return;
    }
    receive(options, exporter, signal, bytes, decodeProtobuf, reservation)
      .finally(() => reservation.release())
      .then((answer) => (answer.outcome === 'refused' ? send(answer) : callback(null, successProtobuf(answer))))
      .catch((error: unknown) =>
        options.log('grpc call failed', { signal, error: error instanceof Error ? error.name : 'not an Error' }),
      );
  };
}

function createOwnAnswerCounter({ onRefused, log }: DoorOptions): Parameters<typeof watchOwnAnswers>[1] {
  const warnOfEncoding = createEncodingWarning(log, 'grpc');
  return ({ path, reason, encoding }) => {
    const signal = signalOfPath.get(path);
    if (signal === undefined) return;
    onRefused(signal, reason);
    if (reason === 'unsupported_encoding') warnOfEncoding(encoding);
  };
}

function credentialsOf(certificates: Certificates | undefined): ServerCredentials {
  if (certificates === undefined) return ServerCredentials.createInsecure();
  const identity = () => {
    const { cert, key } = certificates.current();
    return { certificate: cert, privateKey: key };
  };
  const authorities = () => {
    const { clientCa } = certificates.current();
    return clientCa === undefined ? null : { caCertificate: clientCa };
  };
  // Listeners live as long as the server, and the certificates are closed with it.
  const provider: experimental.CertificateProvider = {
    addIdentityCertificateListener: (listener) => {
      process.nextTick(() => listener(identity()));
      certificates.onChange(() => listener(identity()));
    },
    addCaCertificateListener: (listener) => {
      process.nextTick(() => listener(authorities()));
      certificates.onChange(() => listener(authorities()));
    },
    removeIdentityCertificateListener: () => undefined,
    removeCaCertificateListener: () => undefined,
  };
  const isMutual = certificates.current().clientCa !== undefined;
  // The first argument is the server's own certificate, whatever the declaration calls it (grpc-js 1.14).
  return experimental.createCertificateProviderServerCredentials(provider, isMutual ? provider : null, isMutual);
}

async function bind(server: Server, host: string, port: number, credentials: ServerCredentials): Promise<number> {
  await tryListen(host, port);
  return new Promise((resolve, reject) => {
    server.bindAsync(addressOf(host, port), credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
}

function addressOf(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** grpc-js turns listen errors into a sentence of its own and prints it; listening plainly first throws the original one. */
async function tryListen(host: string, port: number): Promise<void> {
  const probe = createServer();
  probe.listen({ host, port });
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}

/**
 * GOAWAY to every connection; calls in flight have `graceMs`, then their connections are destroyed. `forceShutdown` would not do that: it forgets
 * the connections of a server without channelz (grpc-js 1.14).
 */
function shutDown(server: Server, address: string, graceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.drain(address, graceMs);
    server.tryShutdown((error) => (error === undefined ? resolve() : reject(error)));
  });
}
