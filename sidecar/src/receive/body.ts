import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import type { ReasonCode } from '@command-center/contract/reasons';
import { INFLATE_CHUNK_BYTES, WHOLE_GZIP_BYTES, WHOLE_INFLATED_BYTES } from '../limits.ts';
import type { Reservation } from './reservation.ts';

/** `gone`: the sender left before its body was complete; there is no one to answer. */
export type Body =
  | { readonly outcome: 'complete'; readonly bytes: Buffer }
  | { readonly outcome: 'refused'; readonly reason: ReasonCode; readonly decompressedBytes: number }
  | { readonly outcome: 'gone' };

/** Makes the decompressor of a body once its first byte is known. */
type MakeDecoder = (firstByte: number) => Transform | undefined;

const chunkSize = { chunkSize: INFLATE_CHUNK_BYTES };

/** Senders mean zlib (RFC 1950) by deflate as HTTP does, or raw deflate (RFC 1951); 8 in the low bits of the first byte says zlib. */
const inflate: MakeDecoder = (firstByte) =>
  (firstByte & 0x0f) === 8 ? zlib.createInflate(chunkSize) : zlib.createInflateRaw(chunkSize);
const gunzip: MakeDecoder = () => zlib.createGunzip(chunkSize);

const decoders: Readonly<Record<string, MakeDecoder>> = {
  '': () => undefined,
  identity: () => undefined,
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  zlib: inflate,
  ...(typeof zlib.createZstdDecompress === 'function' ? { zstd: () => zlib.createZstdDecompress(chunkSize) } : {}),
};

/** Whether bodies of this Content-Encoding (trimmed, lower case; '' = none) can be read. */
export function isReadableEncoding(encoding: string): boolean {
  return Object.hasOwn(decoders, encoding);
}

/**
 * Reads a whole body, decompressed. Nothing is kept that `reservation` does not hold, and reading stops at `limit` bytes, sent or
 * decompressed, whichever comes first. What the sender still sends after a refusal is read and thrown away, so that it sees its answer.
 */
export function readBody(
  request: IncomingMessage,
  encoding: string,
  limit: number,
  reservation: Reservation,
): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    /** Compressed bytes that may be inflated in one go once all are there; undefined = piece by piece. */
    let whole: Buffer[] | undefined = isGzip(encoding) ? [] : undefined;
    let decoder: Transform | undefined;
    let hasDecoder = false;
    let receivedBytes = 0;
    let bytes = 0;

    const finish = (body: Body): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      decoder?.off('data', keep).off('end', complete).destroy();
      chunks.length = 0;
      request.resume();
      resolve(body);
    };
    const refuse = (reason: ReasonCode): void => finish({ outcome: 'refused', reason, decompressedBytes: bytes });
    const keep = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limit) refuse('too_large');
      else if (!reservation.grow(bytes, limit)) refuse('overloaded');
      else chunks.push(chunk);
    };
    const complete = (): void => {
      if (reservation.settle(bytes)) finish({ outcome: 'complete', bytes: Buffer.concat(chunks, bytes) });
      else refuse('overloaded');
    };
    const onData = (chunk: Buffer): void => {
      receivedBytes += chunk.length;
      if (receivedBytes > limit) refuse('too_large');
      else if (whole === undefined) pass(chunk);
      else if (!reservation.grow(receivedBytes, limit)) refuse('overloaded');
      else {
        whole.push(chunk);
        if (receivedBytes > WHOLE_GZIP_BYTES) passWhole();
      }
    };
    const pass = (chunk: Buffer): void => {
      if (!hasDecoder) decoder = startDecoder(decoders[encoding], chunk);
      hasDecoder = true;
      if (decoder === undefined) keep(chunk);
      else if (!decoder.write(chunk)) request.pause();
    };
    const passWhole = (): void => {
      const held = whole ?? [];
      whole = undefined;
      for (const chunk of held) pass(chunk);
    };
    const startDecoder = (make: MakeDecoder | undefined, chunk: Buffer): Transform | undefined =>
      make?.(chunk[0] ?? 0)
        ?.on('data', keep)
        .on('drain', () => request.resume())
        .on('end', complete)
        // Stays after `finish`: a destroyed decompressor may still report.
        .on('error', () => refuse('undecodable'));
    const onEnd = (): void => {
      const inflated =
        whole === undefined ? undefined : inflateWhole(Buffer.concat(whole, receivedBytes), limit, reservation);
      if (inflated !== undefined) {
        finish({ outcome: 'complete', bytes: inflated });
        return;
      }
      passWhole();
      if (decoder === undefined) complete();
      else decoder.end();
    };
    const onClose = (): void => {
      if (!request.complete) finish({ outcome: 'gone' });
    };
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

function isGzip(encoding: string): boolean {
  return decoders[encoding] === gunzip;
}

/** A gzip member has a header of 10 bytes and a trailer of 8, whose last four are the size of what comes of it (RFC 1952). */
const GZIP_FRAME_BYTES = 18;

/**
 * Inflates a small body in one go: in pieces, handed over between threads, it took three times the CPU. The size that the body itself claims is
 * reserved and not exceeded; undefined where it is no such body, or anything is wrong with it, which inflating it piece by piece will tell.
 */
function inflateWhole(body: Buffer, limit: number, reservation: Reservation): Buffer | undefined {
  if (body.length < GZIP_FRAME_BYTES) return undefined;
  const size = body.readUInt32LE(body.length - 4);
  if (size > Math.min(limit, WHOLE_INFLATED_BYTES) || !reservation.settle(Math.max(size, body.length)))
    return undefined;
  try {
    const inflated = zlib.gunzipSync(body, { chunkSize: Math.max(size + 1, 64), maxOutputLength: Math.max(size, 1) });
    return reservation.settle(inflated.length) ? inflated : undefined;
  } catch {
    return undefined;
  }
}
