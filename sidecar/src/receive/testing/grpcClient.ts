import http2 from 'node:http2';
import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { encodeProtobuf } from '../../decode/testing/encodeProtobuf.ts';
import type { Door } from '../door.ts';

/** Of the Export methods; the profiles service is not served. */
export const paths = {
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  profiles: '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export',
};
/** A valid request without a record. */
export const oneResource = Buffer.from(
  encodeProtobuf('metrics', [{ attributes: [{ key: 'service.name', value: 'chat' }], scopes: [] }]),
);

type Outcome = { code: number; bytes?: Buffer; details?: string; metadata?: Metadata };

export function call(
  client: Client,
  path: string,
  bytes: Buffer,
  metadata = new Metadata(),
  timeoutMs = 10_000,
): Promise<Outcome> {
  const asIs = (message: Buffer) => message;
  return new Promise((resolve) => {
    const done = (error: ServiceError | null, answer?: Buffer) => {
      if (error !== null) resolve({ code: error.code, details: error.details, metadata: error.metadata });
      else resolve({ code: status.OK, bytes: answer ?? Buffer.alloc(0) });
    };
    client.makeUnaryRequest(path, asIs, asIs, bytes, metadata, { deadline: Date.now() + timeoutMs }, done);
  });
}

/** A call by hand, for what no client sends. */
export async function rawCall(
  door: Pick<Door, 'host' | 'port'>,
  path: string,
  framed: Buffer,
  encoding: string,
): Promise<Outcome> {
  const session = http2.connect(`http://${door.host}:${door.port}`);
  const stream = openStream(session, path, encoding);
  const headers = await new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
    stream.on('response', resolve).on('error', reject);
    stream.end(framed);
  });
  session.destroy();
  return { code: Number(headers['grpc-status']), metadata: Metadata.fromHttp2Headers(headers) };
}

export function openStream(session: http2.ClientHttp2Session, path: string, encoding: string): http2.ClientHttp2Stream {
  const headers = {
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-encoding': encoding,
  };
  return session.request(headers).on('error', () => undefined);
}

export function frame(bytes: Buffer, isCompressed: boolean): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(isCompressed ? 1 : 0, 0);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** A valid request of exactly `size` bytes: an unknown field 15 of the length that is left. */
export function paddedRequest(size: number): Buffer {
  const padding = size - protobuf.Writer.create().uint32(0x7a).uint32(size).finish().length;
  return Buffer.from(protobuf.Writer.create().uint32(0x7a).bytes(Buffer.alloc(padding)).finish());
}

export function healthRequest(service: string): Buffer {
  return Buffer.from(protobuf.Writer.create().uint32(0x0a).string(service).finish());
}

/** Walks google.rpc.Status -> Any -> RetryInfo -> Duration.seconds, as a sender does. */
export function retrySeconds({ metadata }: Outcome): number | undefined {
  const [details] = metadata?.get('grpc-status-details-bin') ?? [];
  if (!Buffer.isBuffer(details)) return undefined;
  const any = fieldOf(details, 0x1a);
  if (any === undefined || fieldOf(any, 0x0a)?.toString() !== 'type.googleapis.com/google.rpc.RetryInfo')
    return undefined;
  const retryInfo = fieldOf(any, 0x12);
  const duration = retryInfo && fieldOf(retryInfo, 0x0a);
  return duration?.[1];
}

function fieldOf(message: Buffer, wanted: number): Buffer | undefined {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === wanted) return Buffer.from(reader.bytes());
    reader.skipType(tag & 7);
  }
  return undefined;
}
