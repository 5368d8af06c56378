import http from 'node:http';
import https from 'node:https';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { decodeJson } from '../decode/json.ts';
import { decodeProtobuf } from '../decode/protobuf.ts';
import type { Signal } from '../decode/records.ts';
import {
  CERTIFICATE_CHECK_MS,
  HTTP_HEADERS_TIMEOUT_MS,
  HTTP_KEEP_ALIVE_MS,
  HTTP_REQUEST_TIMEOUT_MS,
  MAX_HTTP_CONNECTIONS,
} from '../limits.ts';
import { type BearerCheck, createBearerCheck } from './bearer.ts';
import { isReadableEncoding, readBody } from './body.ts';
import { type Certificates, openCertificates } from './certificates.ts';
import { type Answer, type Door, type DoorOptions, type Refusal, receive, refuse } from './door.ts';
import { createEncodingWarning } from './encodings.ts';
import type { Exporter } from './export.ts';
import { answerUnread } from './httpUnread.ts';
import { Reservation } from './reservation.ts';
import { statusJson, statusProtobuf, successJson, successProtobuf } from './responses.ts';

type Format = 'protobuf' | 'json';

/** Compared by equality by exporters, so never with parameters. */
const mediaTypes: Readonly<Record<Format, string>> = { protobuf: 'application/x-protobuf', json: 'application/json' };

const signals: Readonly<Record<string, Signal>> = {
  '/v1/metrics': 'metrics',
  '/v1/logs': 'logs',
  '/v1/traces': 'traces',
};

type Timeouts = Pick<
  http.ServerOptions,
  'keepAliveTimeout' | 'headersTimeout' | 'requestTimeout' | 'connectionsCheckingInterval'
>;

const ownTimeouts: Timeouts = {
  keepAliveTimeout: HTTP_KEEP_ALIVE_MS,
  headersTimeout: HTTP_HEADERS_TIMEOUT_MS,
  requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
};

/** What every request of the door needs. */
interface Context {
  readonly options: DoorOptions;
  readonly exporter: Exporter;
  readonly isAuthorized: BearerCheck;
  readonly warnOfEncoding: (encoding: string) => void;
  isStopping: boolean;
}

/**
 * Opens the OTLP/HTTP door (OTLP 1.11, "OTLP/HTTP"): POST of protobuf or JSON to the three paths, and nothing else.
 * @throws what `listen` reports (`EADDRINUSE`, with the port), or a certificate that cannot be read.
 */
export async function startHttpDoor(
  options: DoorOptions,
  exporter: Exporter,
  certificateCheckMs = CERTIFICATE_CHECK_MS,
  timeouts = ownTimeouts,
): Promise<Door> {
  const { settings, log } = options;
  const context: Context = {
    options,
    exporter,
    isAuthorized: createBearerCheck(settings.otlpToken, settings.otlpTokenPrevious),
    warnOfEncoding: createEncodingWarning(log, 'http'),
    isStopping: false,
  };
  const certificates = await openCertificates(settings, log, certificateCheckMs);
  const server = createServer(certificates, timeouts, (request, response) => {
    answerRequest(context, request, response).catch((error: unknown) => {
      log('http request failed', { error: error instanceof Error ? error.name : 'not an Error' });
      response.destroy();
    });
  });
  try {
    await listen(server, settings.otlpHost, settings.otlpHttpPort);
  } catch (error) {
    certificates?.close();
    throw error;
  }
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a host and a port');
  return {
    host: bound.address,
    port: bound.port,
    stop: async (graceMs) => {
      context.isStopping = true;
      certificates?.close();
      await closeServer(server, graceMs);
    },
  };
}

function createServer(
  certificates: Certificates | undefined,
  timeouts: Timeouts,
  onRequest: http.RequestListener,
): http.Server {
  const server =
    certificates === undefined
      ? http.createServer(timeouts, onRequest)
      : createSecureServer(certificates, timeouts, onRequest);
  server.maxConnections = MAX_HTTP_CONNECTIONS;
  answerUnread(server);
  return server;
}

function createSecureServer(
  certificates: Certificates,
  timeouts: Timeouts,
  onRequest: http.RequestListener,
): http.Server {
  const isMutual = certificates.current().clientCa !== undefined;
  const contextOptions = () => {
    const { cert, key, clientCa } = certificates.current();
    return { cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }) };
  };
  const server = https.createServer(
    { ...timeouts, ...contextOptions(), requestCert: isMutual, rejectUnauthorized: isMutual },
    onRequest,
  );
  certificates.onChange(() => server.setSecureContext(contextOptions()));
  return server;
}

function listen(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: http.Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
  });
}

async function answerRequest(
  context: Context,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const type = mediaTypeOf(request);
  const signal = signals[pathOf(request)];
  const format: Format = type === mediaTypes.protobuf ? 'protobuf' : 'json';
  if (signal === undefined) return sendRefusal(context, response, format, refuse('not_found'));
  const answer = objection(context, request, type) ?? (await receiveBody(context, request, signal, format));
  if (answer === undefined) return;
  if (answer.outcome === 'refused') {
    context.options.onRefused(signal, answer.reason);
    return sendRefusal(context, response, format, answer);
  }
  const body = format === 'protobuf' ? successProtobuf(answer) : successJson(signal, answer);
  send(context, response, httpOk, mediaTypes[format], body);
}

/** What can be said against a request before its body is read. */
function objection(context: Context, request: http.IncomingMessage, type: string): Refusal | undefined {
  if (request.method !== 'POST') return refuse('method_not_allowed');
  if (!context.isAuthorized(request.headers.authorization)) return refuse('unauthenticated');
  if (context.isStopping) return refuse('stopping');
  const unavailable = context.options.availability?.refusal();
  if (unavailable !== undefined) return refuse(unavailable);
  if (type !== mediaTypes.protobuf && type !== mediaTypes.json) return refuse('unsupported_media_type');
  const encoding = encodingOf(request);
  if (!isReadableEncoding(encoding)) {
    context.warnOfEncoding(encoding);
    return refuse('unsupported_encoding');
  }
  const announcedBytes = Number(request.headers['content-length'] ?? 0);
  return announcedBytes > context.options.settings.otlpMaxBodyBytes ? refuse('too_large') : undefined;
}

/** undefined: the sender has gone. */
async function receiveBody(
  context: Context,
  request: http.IncomingMessage,
  signal: Signal,
  format: Format,
): Promise<Answer | undefined> {
  const { options, exporter } = context;
  const reservation = new Reservation(exporter);
  try {
    const body = await readBody(request, encodingOf(request), options.settings.otlpMaxBodyBytes, reservation);
    if (body.outcome === 'gone') return undefined;
    if (body.outcome === 'refused') return refuse(body.reason);
    const decode = format === 'protobuf' ? decodeProtobuf : decodeJson;
    return await receive(options, exporter, signal, body.bytes, decode, reservation);
  } finally {
    reservation.release();
  }
}

function sendRefusal(context: Context, response: http.ServerResponse, format: Format, refusal: Refusal): void {
  if (refusal.reason === 'method_not_allowed') response.setHeader('allow', 'POST');
  if (refusal.reason === 'unauthenticated') response.setHeader('www-authenticate', 'Bearer');
  if (refusal.retryAfterSeconds !== undefined) response.setHeader('retry-after', refusal.retryAfterSeconds);
  const body = format === 'protobuf' ? statusProtobuf(refusal) : statusJson(refusal);
  send(context, response, reasons[refusal.reason].httpStatus, mediaTypes[format], body);
  // Nothing of the body is wanted any more; unread it would keep the connection from its next request.
  response.req.resume();
}

function send(context: Context, response: http.ServerResponse, status: number, type: string, body: Buffer): void {
  if (context.isStopping) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': type, 'content-length': body.length });
  response.end(body);
}

function pathOf(request: http.IncomingMessage): string {
  const url = request.url ?? '';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** Without its parameters and case (RFC 9110, 8.3.1). */
function mediaTypeOf(request: http.IncomingMessage): string {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  return type.trim().toLowerCase();
}

function encodingOf(request: http.IncomingMessage): string {
  return (request.headers['content-encoding'] ?? '').trim().toLowerCase();
}
