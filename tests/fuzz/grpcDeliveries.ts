import zlib from 'node:zlib';
import { grpcStatus, reasons } from '@command-center/contract/reasons';
import type { Random } from '@command-center/infra/demo/random';
import { mangleBytes } from './bytes.ts';
import { type Expected, expectedOfBody } from './deliveries.ts';
import type { Input } from './inputs.ts';

/** How a protobuf input travels over gRPC, and what may be answered. */
export interface GrpcDelivery {
  readonly input: Input;
  readonly encoding: string;
  readonly framed: Buffer;
  readonly expected:
    | Extract<Expected, { outcome: 'stored' }>
    | { readonly outcome: 'refused'; readonly codes: readonly number[] };
}

/** What grpc-js answers where it gets no message that it could hand over. */
const notAMessage = [grpcStatus.internal, grpcStatus.unimplemented, grpcStatus.resourceExhausted, grpcStatus.cancelled];

const codecs = {
  gzip: {
    compress: (body: Buffer) => zlib.gzipSync(body, { level: 1 }),
    decompress: (body: Buffer) => zlib.gunzipSync(body),
  },
  deflate: {
    compress: (body: Buffer) => zlib.deflateSync(body, { level: 1 }),
    decompress: (body: Buffer) => zlib.inflateSync(body),
  },
} as const;

export function grpcDeliveryOf(random: Random, input: Input): GrpcDelivery {
  if (random.chance(0.02))
    return refused(input, random.pick(['snappy', 'zstd', 'br']), frame(input.body, 1), notAMessage);
  if (random.chance(0.02)) return refused(input, 'identity', lyingFrame(random, input.body), notAMessage);
  // Said to be compressed, by no compression: grpc-js takes it as it is.
  if (random.chance(0.01)) return of(input, 'identity', frame(input.body, 1), input.body);
  const encoding = random.pick(['identity', 'identity', 'gzip', 'gzip', 'deflate'] as const);
  if (encoding === 'identity') return of(input, encoding, frame(input.body, 0), input.body);
  const codec = codecs[encoding];
  const sound = codec.compress(input.body);
  const packed = random.chance(0.9) ? sound : mangleBytes(random, sound);
  const body = packed.length === 0 ? packed : unpacked(codec.decompress, packed);
  if (body === undefined || packed.length === 0) return refused(input, encoding, frame(packed, 1), notAMessage);
  return of(input, encoding, frame(packed, 1), body);
}

function of(input: Input, encoding: string, framed: Buffer, body: Buffer): GrpcDelivery {
  const expected = expectedOfBody(input, body);
  if (expected.outcome === 'stored') return { input, encoding, framed, expected };
  return refused(input, encoding, framed, [reasons[expected.reason].grpcCode]);
}

function refused(input: Input, encoding: string, framed: Buffer, codes: readonly number[]): GrpcDelivery {
  return { input, encoding, framed, expected: { outcome: 'refused', codes } };
}

function unpacked(decompress: (body: Buffer) => Buffer, packed: Buffer): Buffer | undefined {
  try {
    return decompress(packed);
  } catch {
    return undefined;
  }
}

function frame(message: Buffer, flag: number, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag);
  head.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([head, message]);
}

/** A frame that ends early, says 4 GiB, is cut in its head, or is not there; or two messages where one is due. */
function lyingFrame(random: Random, message: Buffer): Buffer {
  switch (random.pick(['short', 'huge', 'head', 'none', 'two'] as const)) {
    case 'short':
      return frame(message, 0, message.length + random.integer(1, 1_000));
    case 'huge':
      return frame(message, 0, 0xffff_ffff);
    case 'head':
      return frame(message, 0).subarray(0, random.integer(1, 4));
    case 'none':
      return Buffer.alloc(0);
    case 'two':
      return Buffer.concat([frame(message, 0), frame(message, 0)]);
  }
}
