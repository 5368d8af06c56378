import { MAX_PROBES } from '../../limits.ts';

/**
 * Values by the bytes they were read from. A hit is compared byte by byte, so that a collision costs a step and never gives a wrong value.
 * The bytes lie in one buffer, values that came one after another point at each other: senders repeat themselves in the same order, and then
 * a look-up is one comparison, without a hash.
 */

export interface BytesEntry {
  /** What the bytes were read for: equal bytes below another parent are another entry. */
  readonly parent: object;
  readonly hash: number;
  readonly at: number;
  readonly length: number;
  next: BytesEntry | undefined;
}

const FIRST_BYTES = 256 * 1_024;
const FIRST_SLOTS = 4_096;

export class BytesTable<E extends BytesEntry> {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #bytes = new Uint8Array(FIRST_BYTES);
  #words = new Int32Array(this.#bytes.buffer);
  #used = 0;
  #slots: (E | undefined)[] = new Array<E | undefined>(FIRST_SLOTS).fill(undefined);
  #size = 0;

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** Whether the bytes [start, start + entry.length) of `view` are the entry's. */
  holds(entry: BytesEntry, view: DataView, start: number): boolean {
    const { length } = entry;
    const words = this.#words;
    const from = entry.at >> 2;
    const whole = length >> 2;
    for (let word = 0; word < whole; word += 1)
      if (words[from + word] !== view.getInt32(start + word * 4, true)) return false;
    for (let byte = whole * 4; byte < length; byte += 1)
      if (this.#bytes[entry.at + byte] !== view.getUint8(start + byte)) return false;
    return true;
  }

  find(parent: object, hash: number, view: DataView, start: number, length: number): E | undefined {
    const mask = this.#slots.length - 1;
    for (let probe = 0; probe < MAX_PROBES; probe += 1) {
      const entry = this.#slots[(hash + probe) & mask];
      if (entry === undefined) return undefined;
      if (entry.hash === hash && entry.parent === parent && entry.length === length && this.holds(entry, view, start))
        return entry;
    }
    return undefined;
  }

  /** Keeps the bytes and gives their place; undefined where the table is full: start a new one. */
  keep(view: DataView, start: number, length: number): number | undefined {
    const at = this.#used;
    const end = at + ((length + 3) & ~3);
    if (this.#size >= this.#maxEntries || end > this.#maxBytes) return undefined;
    if (end > this.#bytes.length) this.#growBytes(end);
    this.#bytes.set(new Uint8Array(view.buffer, view.byteOffset + start, length), at);
    this.#used = end;
    return at;
  }

  add(entry: E): void {
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#growSlots();
    this.#insert(entry);
  }

  /** The kept bytes of an entry. */
  bytesOf({ at, length }: BytesEntry): Uint8Array {
    return this.#bytes.subarray(at, at + length);
  }

  #insert(entry: E): void {
    const mask = this.#slots.length - 1;
    // One that finds no place near its own is not remembered.
    for (let probe = 0; probe < MAX_PROBES; probe += 1) {
      const slot = (entry.hash + probe) & mask;
      if (this.#slots[slot] !== undefined) continue;
      this.#slots[slot] = entry;
      return;
    }
  }

  #growSlots(): void {
    const before = this.#slots;
    this.#slots = new Array<E | undefined>(before.length * 2).fill(undefined);
    for (const entry of before) if (entry !== undefined) this.#insert(entry);
  }

  #growBytes(needed: number): void {
    const grown = new Uint8Array(Math.min(Math.max(this.#bytes.length * 2, needed), this.#maxBytes));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#words = new Int32Array(grown.buffer);
  }
}

/** Of the bytes [start, start + length), a word at a time. */
export function hashOf(view: DataView, start: number, length: number): number {
  let hash = length;
  const end = start + length;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = Math.imul(hash ^ view.getInt32(at, true), 0x85ebca6b) ^ (hash >>> 15);
  for (; at < end; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) | 0;
}
