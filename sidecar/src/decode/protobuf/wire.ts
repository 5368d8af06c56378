import protobuf from 'protobufjs/minimal.js';
import { MAX_REQUEST_VALUES } from '../../limits.ts';
import { tooMany } from '../decodeError.ts';
import { internedText } from './intern.ts';

/**
 * A protobuf message being read: protobufjs' minimal Reader, and two views of its bytes for what the Reader cannot give exactly (64-bit
 * integers) or only slower. `reader.len` is always the end of the message being read, so that nothing reads past it.
 */
export interface Wire {
  readonly reader: protobuf.Reader;
  readonly buffer: Buffer;
  readonly raw: Uint8Array;
  readonly view: DataView;
  /** The last varint read by `uint64Number`: its low 28 bits and the 36 above them. */
  low: number;
  high: number;
  readonly counted: Counted;
}

/** Attributes, list items, resources and scopes read so far of one request, whatever part of it a wire is. */
export interface Counted {
  values: number;
}

/** `counted`: of the request that the bytes are a part of. */
export function openWire(bytes: Uint8Array, counted: Counted = { values: 0 }): Wire {
  const { buffer, byteOffset, byteLength } = bytes;
  const asBuffer = Buffer.from(buffer, byteOffset, byteLength);
  return {
    reader: protobuf.Reader.create(asBuffer),
    buffer: asBuffer,
    raw: new Uint8Array(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
    low: 0,
    high: 0,
    counted,
  };
}

/** 64 bits in groups of 7. Source: the protobuf encoding guide. */
const MAX_VARINT_BYTES = 10;
/** Four groups: what fits a 32-bit integer without its sign. */
const LOW_BITS = 28;

/** What the bytes did that protobuf does not allow; the decoder turns it into a DecodeError. */
class WireError extends Error {
  override readonly name = 'WireError';
}

/** Narrows the wire to the length-delimited message that starts here; returns the end of the outer one, for `leave`. */
export function enter(wire: Wire): number {
  const { reader } = wire;
  const size = reader.size();
  const outer = reader.len;
  if (size > outer - reader.pos) throw new WireError('a message that ends inside its parent');
  reader.len = reader.pos + size;
  return outer;
}

export function leave(wire: Wire, outer: number): void {
  wire.reader.len = outer;
}

/** Counts an attribute, list item, resource or scope: a few bytes of wire are many of memory, or much work. */
export function countValue(wire: Wire): void {
  wire.counted.values += 1;
  if (wire.counted.values > MAX_REQUEST_VALUES) throw tooMany(MAX_REQUEST_VALUES, 'attributes and list items');
}

/** A set of field numbers (1 to 31) for `skipUnknown`. */
export function fieldSet(...fields: readonly number[]): number {
  return fields.reduce((set, field) => set | (1 << field), 0);
}

/** Skips a field that is not read. One of `known`, here with another wire type than its own, is an error. */
export function skipUnknown(wire: Wire, tag: number, known: number): void {
  const field = tag >>> 3;
  if (field < 32 && (known & (1 << field)) !== 0) throw new WireError(`another wire type for field ${field}`);
  wire.reader.skipType(tag & 7, 0, field);
}

/** Invalid UTF-8 is replaced by U+FFFD. */
export function text(wire: Wire): string {
  const { reader } = wire;
  const start = advance(reader, reader.size());
  return internedText(wire.buffer, start, reader.pos);
}

/** Reads what was passed over at [start, end) with the wire of its request; the wire comes back as it was. */
export function readAt<T>(wire: Wire, start: number, end: number, read: (wire: Wire) => T): T {
  const { reader } = wire;
  const { pos, len } = reader;
  reader.pos = start;
  reader.len = end;
  try {
    return read(wire);
  } finally {
    reader.pos = pos;
    reader.len = len;
  }
}

/** The bytes where they stand, not copied: whoever keeps them longer than the request turns them into something smaller. */
export function bytes(wire: Wire): Uint8Array {
  const { reader } = wire;
  const start = advance(reader, reader.size());
  return wire.raw.subarray(start, reader.pos);
}

export function double(wire: Wire): number {
  return wire.view.getFloat64(advance(wire.reader, 8), true);
}

/** Unsigned, the nearest double. */
export function fixed64Number(wire: Wire): number {
  const at = advance(wire.reader, 8);
  return wire.view.getUint32(at + 4, true) * 0x1_0000_0000 + wire.view.getUint32(at, true);
}

/** Signed, the nearest double. */
export function sfixed64Number(wire: Wire): number {
  const at = advance(wire.reader, 8);
  return wire.view.getInt32(at + 4, true) * 0x1_0000_0000 + wire.view.getUint32(at, true);
}

/** A varint of an int64, exact. */
export function int64(wire: Wire): bigint {
  const approximate = uint64Number(wire);
  if (approximate <= Number.MAX_SAFE_INTEGER) return BigInt(approximate);
  return BigInt.asIntN(64, (BigInt(wire.high) << BigInt(LOW_BITS)) | BigInt(wire.low));
}

/** A varint of a uint64, the nearest double. Its exact parts stay in `wire.high` and `wire.low`. */
export function uint64Number(wire: Wire): number {
  const { reader, buffer } = wire;
  let low = 0;
  for (let shift = 0; shift < LOW_BITS; shift += 7) {
    const byte = buffer[advance(reader, 1)] ?? 0;
    low |= (byte & 127) << shift;
    if (byte < 128) {
      wire.low = low;
      wire.high = 0;
      return low;
    }
  }
  wire.low = low;
  wire.high = highOf(wire);
  return wire.high * 2 ** LOW_BITS + low;
}

/** The bits of a varint above the low 28, as a double holds them exactly; what exceeds 64 bits is cut off, as protobuf does. */
function highOf({ reader, buffer }: Wire): number {
  let high = 0;
  for (let index = 0; index < MAX_VARINT_BYTES - 4; index++) {
    const byte = buffer[advance(reader, 1)] ?? 0;
    high += (byte & 127) * 2 ** (7 * index);
    if (byte < 128) return high % 2 ** (64 - LOW_BITS);
  }
  throw new WireError('a varint of at most 10 bytes');
}

/** Where the length-delimited field whose length stands at `at` ends; the wire does not move. */
export function fieldLength(wire: Wire, at: number): number {
  const { reader, raw } = wire;
  const first = raw[at] ?? 0;
  // Nearly every attribute is shorter than 128 bytes.
  if (first < 128 && at + 1 + first <= reader.len) return at + 1 + first;
  const before = reader.pos;
  reader.pos = at;
  const size = reader.size();
  const end = reader.pos + size;
  reader.pos = before;
  if (end > reader.len) throw new WireError('more bytes than the message has');
  return end;
}

export function advance(reader: protobuf.Reader, size: number): number {
  const start = reader.pos;
  if (size > reader.len - start) throw new WireError('more bytes than the message has');
  reader.pos = start + size;
  return start;
}
