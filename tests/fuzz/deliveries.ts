import zlib from 'node:zlib';
import type { ReasonCode } from '@command-center/contract/reasons';
import { readSettings } from '@command-center/contract/settings/settings';
import type { Random } from '@command-center/infra/demo/random';
import { createCurator } from '@command-center/sidecar/curate/curator';
import { mangleBytes } from './bytes.ts';
import type { Format, Input } from './inputs.ts';
import { decodeInput } from './pipeline.ts';

/** How an input travels over HTTP, and what must be answered by what it says and what it is. */
export interface Delivery {
  readonly input: Input;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly sent: Buffer;
  readonly isChunked: boolean;
  readonly expected: Expected;
}

export type Expected =
  | { readonly outcome: 'refused'; readonly reason: ReasonCode }
  /** `records`: decoded, spoiled ones included. */
  | { readonly outcome: 'stored'; readonly records: number; readonly spoiled: number };

const mediaTypes: Readonly<Record<Format, string>> = { protobuf: 'application/x-protobuf', json: 'application/json' };

const codecs = {
  identity: { compress: (body: Buffer) => body, decompress: (body: Buffer) => body },
  gzip: {
    compress: (body: Buffer) => zlib.gzipSync(body, { level: 1 }),
    decompress: (body: Buffer) => zlib.gunzipSync(body),
  },
  deflate: { compress: (body: Buffer) => zlib.deflateSync(body, { level: 1 }), decompress: inflated },
  zlib: { compress: (body: Buffer) => zlib.deflateSync(body, { level: 1 }), decompress: inflated },
  zstd: {
    compress: (body: Buffer) => zlib.zstdCompressSync(body),
    decompress: (body: Buffer) => zlib.zstdDecompressSync(body),
  },
} as const;
type Codec = keyof typeof codecs;
const names: readonly [Codec, ...Codec[]] = ['identity', 'identity', 'gzip', 'gzip', 'deflate', 'zlib', 'zstd'];

/** RFC 1950 as HTTP means it, or RFC 1951 as some send it; no byte at all is no stream of either. */
function inflated(body: Buffer): Buffer {
  return ((body[0] ?? 0) & 15) === 8 ? zlib.inflateSync(body) : zlib.inflateRawSync(body);
}

export function deliveryOf(random: Random, input: Input): Delivery {
  const codec = random.pick(names);
  const packed = mangledStream(random, codec, codecs[codec].compress(input.body));
  // A header that says something else than the body is.
  const said = random.chance(0.02) ? random.pick([...names, 'gzip', 'snappy', 'br', 'gzip, gzip'] as const) : codec;
  const own = mediaTypes[input.format];
  const contentType = random.chance(0.02)
    ? random.pick(['text/plain', 'application/x-www-form-urlencoded', `${own}+x`, 'application/grpc'] as const)
    : random.pick([own, own, own.toUpperCase(), `${own}; charset=utf-8`] as const);
  return {
    input,
    contentType,
    contentEncoding: said,
    sent: packed,
    isChunked: random.chance(0.2) && packed.length > 1,
    expected: expectedOf(input, contentType, said, packed),
  };
}

/** What follows the first frame of zstd is read by Node's stream and not by its one call: there the oracle has no say. */
function mangledStream(random: Random, codec: Codec, packed: Buffer): Buffer {
  if (random.chance(0.9)) return packed;
  if (random.chance(0.2) || codec === 'zstd') return packed.subarray(0, random.integer(0, packed.length));
  if (random.chance(0.2)) return Buffer.concat([packed, packed]);
  return mangleBytes(random, packed);
}

function expectedOf(input: Input, contentType: string, encoding: string, sent: Buffer): Expected {
  const type = contentType.split(';', 1)[0]?.toLowerCase();
  if (type !== mediaTypes[input.format]) return { outcome: 'refused', reason: 'unsupported_media_type' };
  if (!(encoding in codecs)) return { outcome: 'refused', reason: 'unsupported_encoding' };
  return expectedOfBody(input, unpacked(encoding as Codec, sent));
}

/** undefined: cannot be unpacked. Zero bytes are an empty request in every compression. */
export function unpacked(encoding: Codec, sent: Buffer): Buffer | undefined {
  if (sent.length === 0) return sent;
  try {
    return codecs[encoding].decompress(sent);
  } catch {
    return undefined;
  }
}

/** Tells what of a request is read at all. */
const oracle = createCurator({ settings: readSettings({}), nowMs: Date.now });

export function expectedOfBody(input: Input, body: Buffer | undefined): Expected {
  const decoded = body === undefined ? undefined : decodeInput({ ...input, body }, oracle);
  if (decoded === undefined) return { outcome: 'refused', reason: 'undecodable' };
  const { records, spoiled } = decoded.request;
  return { outcome: 'stored', records: records.length + spoiled.length, spoiled: spoiled.length };
}
