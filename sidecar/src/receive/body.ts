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
  return new Promise((resolve) => new BodyReader(request, encoding, limit, reservation, resolve).start());
}

class BodyReader {
  readonly #request: IncomingMessage;
  readonly #makeDecoder: MakeDecoder | undefined;
  readonly #limit: number;
  readonly #reservation: Reservation;
  readonly #resolve: (body: Body) => void;
  readonly #chunks: Buffer[] = [];
  /** Compressed bytes that may be inflated in one go once all are there; undefined = piece by piece. */
  #whole: Buffer[] | undefined;
  #decoder: Transform | undefined;
  #hasDecoder = false;
  #receivedBytes = 0;
  #bytes = 0;

  constructor(
    request: IncomingMessage,
    encoding: string,
    limit: number,
    reservation: Reservation,
    resolve: (body: Body) => void,
  ) {
    this.#request = request;
    this.#makeDecoder = decoders[encoding];
    this.#limit = limit;
    this.#reservation = reservation;
    this.#resolve = resolve;
    this.#whole = this.#makeDecoder === gunzip ? [] : undefined;
  }

  start(): void {
    const { onData, onEnd, onClose } = this;
    this.#request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  }

  readonly onData = (chunk: Buffer): void => {
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#limit) this.#refuse('too_large');
    else if (this.#whole === undefined) this.#pass(chunk);
    else if (!this.#reservation.grow(this.#receivedBytes, this.#limit)) this.#refuse('overloaded');
    else {
      this.#whole.push(chunk);
      if (this.#receivedBytes > WHOLE_GZIP_BYTES) this.#passWhole();
    }
  };

  readonly onEnd = (): void => {
    const inflated =
      this.#whole === undefined
        ? undefined
        : inflateWhole(Buffer.concat(this.#whole, this.#receivedBytes), this.#limit, this.#reservation);
    if (inflated !== undefined) {
      this.#finish({ outcome: 'complete', bytes: inflated });
      return;
    }
    this.#passWhole();
    if (this.#decoder === undefined) this.#complete();
    else this.#decoder.end();
  };

  readonly onClose = (): void => {
    if (!this.#request.complete) this.#finish({ outcome: 'gone' });
  };

  #finish(body: Body): void {
    this.#request.off('data', this.onData).off('end', this.onEnd).off('close', this.onClose);
    this.#decoder?.removeAllListeners('data').removeAllListeners('end').destroy();
    this.#chunks.length = 0;
    this.#request.resume();
    this.#resolve(body);
  }

  #refuse(reason: ReasonCode): void {
    this.#finish({ outcome: 'refused', reason, decompressedBytes: this.#bytes });
  }

  #keep(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limit) this.#refuse('too_large');
    else if (!this.#reservation.grow(this.#bytes, this.#limit)) this.#refuse('overloaded');
    else this.#chunks.push(chunk);
  }

  #complete(): void {
    if (this.#reservation.settle(this.#bytes))
      this.#finish({ outcome: 'complete', bytes: Buffer.concat(this.#chunks, this.#bytes) });
    else this.#refuse('overloaded');
  }

  /** To the decompressor, which is made when the first byte is known. */
  #pass(chunk: Buffer): void {
    if (!this.#hasDecoder) {
      this.#hasDecoder = true;
      this.#decoder = this.#makeDecoder?.(chunk[0] ?? 0)
        ?.on('data', (piece: Buffer) => this.#keep(piece))
        .on('drain', () => this.#request.resume())
        .on('end', () => this.#complete())
        // Stays after the end: a destroyed decompressor may still report.
        .on('error', () => this.#refuse('undecodable'));
    }
    if (this.#decoder === undefined) this.#keep(chunk);
    else if (!this.#decoder.write(chunk)) this.#request.pause();
  }

  #passWhole(): void {
    const held = this.#whole ?? [];
    this.#whole = undefined;
    for (const chunk of held) this.#pass(chunk);
  }
}

/** A gzip member has a header of 10 bytes and a trailer of 8, whose last four are the size of what comes of it (RFC 1952). */
const GZIP_FRAME_BYTES = 18;

/**
 * Inflates a small body in one go: pieces are handed over between threads, each at a cost. The size that the body itself claims is
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
