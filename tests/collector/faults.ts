import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Signal } from '@command-center/sidecar/decode/records';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';

/** What a sender meets in place of the sidecar's own answer. */
export interface Fault {
  /** HTTP status or gRPC code; `cut` = the connection breaks (HTTP). */
  readonly status: number | 'cut';
  /** Retry-After, or the seconds of RetryInfo. */
  readonly hint?: string;
  /** The sidecar got the request and stored it; its success is what gets lost. */
  readonly isStored?: boolean;
}

export interface Attempt {
  readonly signal: Signal;
  readonly atMs: number;
  /** Unpacked. */
  readonly body: Buffer;
  readonly fault: Fault | undefined;
}

/** What the next request of the signal meets; undefined = it passes. */
export type Plan = (signal: Signal) => Fault | undefined;

export const passAll: Plan = () => undefined;

/** One fault a request, in order, whatever its signal; afterwards all pass. */
export function inOrder(faults: readonly Fault[]): Plan {
  const left = [...faults];
  return () => left.shift();
}

/** Stands between a sender and the sidecar, and fails as it is told to. */
export interface FaultyDoor {
  /** `127.0.0.1:4317` */
  readonly address: string;
  readonly attempts: readonly Attempt[];
  meet(plan: Plan): void;
  close(): Promise<void>;
}

const UNAVAILABLE = 14;
const BAD_GATEWAY = 502;
const FORWARD_TIMEOUT_MS = 20_000;
const signals: Readonly<Record<string, Signal>> = {
  '/v1/metrics': 'metrics',
  '/v1/logs': 'logs',
  '/v1/traces': 'traces',
};

/** In front of an OTLP/HTTP door. `target`: its address with scheme; undefined = every request must meet a fault. */
export async function faultyHttp(target: string | undefined, firstPlan: Plan = passAll): Promise<FaultyDoor> {
  let plan = firstPlan;
  const attempts: Attempt[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const signal = signals[request.url ?? ''];
    if (signal === undefined) throw new Error(`no signal is sent to ${request.url}`);
    const fault = plan(signal);
    attempts.push({ signal, atMs: performance.now(), body, fault });
    const answer =
      fault === undefined || fault.isStored === true
        ? await forward(target, request, sent).catch(() => undefined)
        : undefined;
    if (fault === undefined || (fault.isStored === true && answer?.status !== 200)) {
      response.writeHead(answer?.status ?? BAD_GATEWAY, answer?.headers);
      response.end(answer?.body);
    } else if (fault.status === 'cut') request.socket.destroy();
    else response.writeHead(fault.status, fault.hint === undefined ? {} : { 'retry-after': fault.hint }).end();
  };
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: addressOf(server.address()),
    attempts,
    meet: (next) => {
      plan = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Forwarded {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

async function forward(target: string | undefined, from: IncomingMessage, body: Buffer): Promise<Forwarded> {
  if (target === undefined) throw new Error('a request without a fault, and no sidecar behind');
  const { host: _host, connection: _connection, 'transfer-encoding': _encoding, ...headers } = from.headers;
  const request = httpRequest(`${target}${from.url}`, {
    method: 'POST',
    headers: { ...headers, 'content-length': body.length },
    timeout: FORWARD_TIMEOUT_MS,
    agent: false,
  });
  request.on('timeout', () => request.destroy()).end(body);
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('no answer');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? BAD_GATEWAY, headers: response.headers, body: Buffer.concat(chunks) };
}

const exportPaths: Readonly<Record<Signal, string>> = {
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
};
const unbounded = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
const asIs = (bytes: Buffer): Buffer => bytes;

/** In front of an OTLP/gRPC door. `target`: `host:port`; undefined = every call must meet a fault. */
export async function faultyGrpc(target: string | undefined, firstPlan: Plan = passAll): Promise<FaultyDoor> {
  let plan = firstPlan;
  const attempts: Attempt[] = [];
  const client = new Client(target ?? '127.0.0.1:1', credentials.createInsecure(), {
    ...unbounded,
    'grpc.default_compression_algorithm': 2,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
  });
  const pass = (
    path: string,
    body: Buffer,
    done: (error: Partial<ServiceError> | null, answer?: Buffer) => void,
  ): void => {
    client.makeUnaryRequest(
      path,
      asIs,
      asIs,
      body,
      new Metadata(),
      { deadline: Date.now() + FORWARD_TIMEOUT_MS },
      done,
    );
  };
  const server = new Server(unbounded);
  for (const [signal, path] of Object.entries(exportPaths) as [Signal, string][]) {
    server.addService(definition(path), {
      export: (
        { request: body }: { request: Buffer },
        done: (error: Partial<ServiceError> | null, answer?: Buffer) => void,
      ) => {
        const fault = plan(signal);
        attempts.push({ signal, atMs: performance.now(), body, fault });
        if (fault === undefined) {
          if (target === undefined) done({ code: UNAVAILABLE });
          else pass(path, body, done);
        } else if (fault.isStored === true) pass(path, body, (error) => done(error ?? statusOf(fault)));
        else done(statusOf(fault));
      },
    });
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    attempts,
    meet: (next) => {
      plan = next;
    },
    close: async () => {
      server.forceShutdown();
      client.close();
    },
  };
}

function definition(path: string): ServiceDefinition {
  return {
    export: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
}

/** A status with google.rpc.RetryInfo{retry_delay: seconds} in its details where there is a hint. */
function statusOf({ status, hint }: Fault): Partial<ServiceError> {
  const code = status === 'cut' ? UNAVAILABLE : status;
  const metadata = new Metadata();
  if (hint !== undefined) {
    const writer = protobuf.Writer.create().uint32(0x08).int32(code).uint32(0x1a).fork();
    writer.uint32(0x0a).string('type.googleapis.com/google.rpc.RetryInfo').uint32(0x12).fork();
    writer.uint32(0x0a).fork().uint32(0x08).int64(Number(hint)).ldelim().ldelim().ldelim();
    metadata.set('grpc-status-details-bin', Buffer.from(writer.finish()));
  }
  return { code, details: 'told to', metadata };
}

function addressOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  if (address === null || typeof address === 'string') throw new Error('no address');
  return `${address.address}:${address.port}`;
}
