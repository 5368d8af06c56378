import type { Signal } from '@command-center/sidecar/decode/records';
import { encodeJson } from '@command-center/sidecar/decode/testing/encodeJson';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { Trees } from '@command-center/sidecar/decode/testing/trees';
import { call, paths, retrySeconds } from '@command-center/sidecar/receive/testing/grpcClient';
import { jsonType, protobufType } from '@command-center/sidecar/receive/testing/httpSender';
import { Metadata } from '@grpc/grpc-js';
import { readResponse, readStatus } from './answers.ts';
import type { Stage } from './stage.ts';

/** The ways in. A rule about records holds for each of them. */
export const doors = ['gRPC', 'HTTP/protobuf', 'HTTP/JSON'] as const;
export type DoorName = (typeof doors)[number];

export const signals = ['metrics', 'logs', 'traces'] as const;

/** What a sender learns, whichever door it came through. */
export interface Answer {
  /** Of the call, or of the google.rpc.Status in an HTTP error's body; 0 = OK. */
  readonly grpcCode: number;
  /** undefined over gRPC. */
  readonly httpStatus: number | undefined;
  /** Of partial success; 0 also where there is none. */
  readonly rejected: number;
  /** Of partial success or of the error; '' = none. */
  readonly message: string;
  /** The hint, from RetryInfo or Retry-After. */
  readonly retryAfterSeconds: number | undefined;
}

/** What full success looks like; spread it with the door's own status. */
export const accepted = { grpcCode: 0, rejected: 0, message: '' } as const;

/** Sends a request through a door, as one attempt of an exporter. */
export async function send<S extends Signal>(
  stage: Pick<Stage, 'client' | 'http'>,
  door: DoorName,
  signal: S,
  tree: Trees[S],
): Promise<Answer> {
  if (door === 'gRPC') return sendGrpc(stage, signal, Buffer.from(encodeProtobuf(signal, tree)));
  if (door === 'HTTP/protobuf') return sendHttp(stage, signal, encodeProtobuf(signal, tree), protobufType);
  return sendHttp(stage, signal, encodeJson(signal, tree), jsonType);
}

/** `token`: sent as `authorization: Bearer …`. */
export async function sendGrpc(
  { client }: Pick<Stage, 'client'>,
  signal: Signal,
  bytes: Buffer,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const outcome = await call(client, paths[signal], bytes, Metadata.fromHttp2Headers(metadata));
  const response = readResponse(outcome.bytes ?? Buffer.alloc(0));
  return {
    grpcCode: outcome.code,
    httpStatus: undefined,
    rejected: response.rejected,
    message: outcome.details ?? response.message,
    retryAfterSeconds: retrySeconds(outcome),
  };
}

export async function sendHttp(
  { http }: Pick<Stage, 'http'>,
  signal: Signal,
  body: string | Uint8Array,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await post(http, `/v1/${signal}`, body, { 'content-type': type, ...headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  const hint = response.headers.get('retry-after');
  const { ok, status } = response;
  const isJson = response.headers.get('content-type') === jsonType;
  return {
    ...(ok ? { grpcCode: 0, ...readResponse(bytes, isJson) } : { rejected: 0, ...readStatus(bytes, isJson) }),
    httpStatus: status,
    retryAfterSeconds: hint === null ? undefined : Number(hint),
  };
}

/** A JSON request as an object, or as text where what JSON.stringify cannot write matters. */
export function sendJson(
  stage: Pick<Stage, 'http'>,
  signal: Signal,
  request: string | Readonly<Record<string, unknown>>,
): Promise<Answer> {
  return sendHttp(stage, signal, typeof request === 'string' ? request : JSON.stringify(request), jsonType);
}

/** A POST by hand; a redirect is an error. */
export function post(
  url: string,
  path: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(`${url}${path}`, { method: 'POST', redirect: 'error', headers, body: Buffer.from(body) });
}
