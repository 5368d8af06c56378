/** Compact bytes for stream state: varints for what is small, 8 bytes for what is not. Little-endian. */

const INITIAL_BYTES = 1_024;

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Value of a lower-case hex digit. Digests were a third of a block's cost when read by Number.parseInt. */
function digitAt(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return code < 0x61 ? code - 0x30 : code - 0x57;
}

export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** 0 to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  signedVarint(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** Counters are mostly whole and small: 0 and a varint; anything else is 1 and a double. */
  number(value: number): void {
    const isShort = Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
    this.byte(isShort ? 0 : 1);
    if (isShort) this.varint(value);
    else this.double(value);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Nanoseconds since the epoch. */
  time(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigUint64(this.#length, value, true);
    this.#length += 8;
  }

  /**
   * The same from `values[at]`, whole milliseconds, and `values[at + 1]`, the nanoseconds within, without a bigint. These three take numbers from
   * where they lie: a double handed over is an object, and a state is written of many.
   */
  timeAt(values: Float64Array, at: number): void {
    this.#reserve(8);
    const ms = values[at] ?? 0;
    // ms * 10^6 + ns in two halves, each exact in a double.
    const high = Math.floor(ms / 0x1_0000);
    const shifted = high * 1_000_000;
    const rest = (shifted % 0x1_0000) * 0x1_0000 + (ms - high * 0x1_0000) * 1_000_000 + (values[at + 1] ?? 0);
    const carry = Math.floor(rest / 0x1_0000_0000);
    this.#view.setUint32(this.#length, rest - carry * 0x1_0000_0000, true);
    this.#view.setUint32(this.#length + 4, Math.floor(shifted / 0x1_0000) + carry, true);
    this.#length += 8;
  }

  /** `number` of `values[at]`. */
  numberAt(values: Float64Array, at: number): void {
    const value = values[at] ?? 0;
    const isShort = Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
    this.byte(isShort ? 0 : 1);
    if (isShort) this.varintsAt(values, at, at + 1);
    else {
      this.#reserve(8);
      this.#view.setFloat64(this.#length, value, true);
      this.#length += 8;
    }
  }

  /** A varint for each of `values[from]` to `values[to - 1]`. */
  varintsAt(values: Float64Array, from: number, to: number): void {
    this.#reserve((to - from) * 8);
    const bytes = this.#bytes;
    let length = this.#length;
    for (let at = from; at < to; at += 1) {
      let rest = values[at] ?? 0;
      while (rest >= 0x80) {
        bytes[length++] = (rest % 0x80) | 0x80;
        rest = Math.floor(rest / 0x80);
      }
      bytes[length++] = rest;
    }
    this.#length = length;
  }

  hex(digits: string): void {
    this.#reserve(digits.length / 2);
    for (let at = 0; at < digits.length; at += 2)
      this.#bytes[this.#length++] = digitAt(digits, at) * 16 + digitAt(digits, at + 1);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  bytes(values: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    for (let at = from; at < to; at += 1) this.#bytes[this.#length++] = values[at] ?? 0;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** The bytes from one length to another where they lie, until more are written. */
  view(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** Begins anew, in the same room unless that is larger than `maxBytes`. */
  clear(maxBytes: number): void {
    this.#length = 0;
    if (this.#bytes.length <= maxBytes) return;
    this.#bytes = new Uint8Array(INITIAL_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** @throws Error on bytes that end early or hold a number that is too large: they were not written by `ByteWriter`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw new Error('stream state: a number is too large');
  }

  signedVarint(): number {
    const coded = this.varint();
    return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
  }

  number(): number {
    return this.byte() === 0 ? this.varint() : this.double();
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  time(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  hex(bytes: number): string {
    const at = this.#take(bytes);
    let digits = '';
    for (let index = at; index < at + bytes; index += 1) digits += hexOf[this.#bytes[index] ?? 0] ?? '';
    return digits;
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#bytes.length) throw new Error('stream state: ends within a value');
    this.#at += bytes;
    return at;
  }
}

/** Ends with an error of the reader where the bytes hold fewer. */
export function times<T>(count: number, read: () => T): T[] {
  const values: T[] = [];
  for (let index = 0; index < count; index += 1) values.push(read());
  return values;
}
