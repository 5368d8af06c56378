import { FLAG_INEXACT, SKETCH_VERSION } from './codec.ts';
import { minOrdinal, openOrdinal } from './grid.ts';
import { boundedSpans, emptySpans, type SpanList } from './spans.ts';

/**
 * The sum of many sketches, straight from their bytes: what `mergeMany` makes of their lists, without an object a span. A day's chart of one metric
 * merges tens of thousands.
 * @throws Error on bytes that `encodeSketch` cannot have written.
 */
export function mergeEncoded(parts: readonly Uint8Array[]): SpanList {
  if (parts.length === 0) return emptySpans;
  const table = new SpanTable(slotsFor(parts));
  let isInexact = false;
  for (const part of parts) if (addSketch(table, part)) isInexact = true;
  return boundedSpans(table.spans(), isInexact);
}

/** Spans are told apart by one number that orders as they do: by first ordinal, then by width. No width reaches this. */
const WIDTHS = 8_192;
const LEAST_SLOTS = 32;
/** To begin with: what 256 spans need. */
const MOST_SLOTS = 512;
const FREE = -1;

/** A power of two. A span takes three bytes or more; a large table for a small sum costs more to clear than the sum. */
function slotsFor(parts: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  let slots = LEAST_SLOTS;
  while (slots < MOST_SLOTS && slots * 3 < bytes * 2) slots *= 2;
  return slots;
}

/** Counts by span, in open addressing. */
class SpanTable {
  /** As many as a power of two, at least twice the spans. */
  #keys: Int32Array;
  #counts: Float64Array;
  #size = 0;

  constructor(slots: number) {
    this.#keys = new Int32Array(slots).fill(FREE);
    this.#counts = new Float64Array(slots);
  }

  add(first: number, width: number, count: number): void {
    const key = (first - minOrdinal) * WIDTHS + width;
    const slot = this.#slotOf(key);
    if (this.#keys[slot] === key) {
      this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
      return;
    }
    this.#keys[slot] = key;
    this.#counts[slot] = count;
    this.#size += 1;
    if (this.#size * 2 > this.#keys.length) this.#grow();
  }

  /** In order. */
  spans() {
    const keys = this.#keys.filter((key) => key !== FREE).sort();
    return Array.from(keys, (key) => ({
      first: Math.floor(key / WIDTHS) + minOrdinal,
      width: key % WIDTHS,
      count: this.#counts[this.#slotOf(key)] ?? 0,
    }));
  }

  /** Where the key is, or would be. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> 16;
    for (slot &= mask; ; slot = (slot + 1) & mask) {
      const found = this.#keys[slot];
      if (found === key || found === FREE) return slot;
    }
  }

  #grow(): void {
    const keys = this.#keys;
    const counts = this.#counts;
    this.#keys = new Int32Array(keys.length * 2).fill(FREE);
    this.#counts = new Float64Array(keys.length * 2);
    keys.forEach((key, at) => {
      if (key === FREE) return;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#counts[slot] = counts[at] ?? 0;
    });
  }
}

/** Adds a sketch's spans (codec.ts); whether it is inexact. */
function addSketch(table: SpanTable, bytes: Uint8Array): boolean {
  const flags = bytes[1];
  if (bytes[0] !== SKETCH_VERSION || flags === undefined || flags > FLAG_INEXACT)
    throw new Error('sketch: unknown version or flags');
  const cursor = { bytes, at: 2 };
  let first = 0;
  for (let isFirst = true; cursor.at < bytes.length; isFirst = false) {
    const coded = readNumber(cursor);
    first = isFirst ? (coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2) : first + coded;
    const width = readNumber(cursor);
    const count = readNumber(cursor);
    if (width < 1 || count < 1 || first < minOrdinal || first + width - 1 > openOrdinal)
      throw new Error('sketch: a span is off the grid or empty');
    table.add(first, width, count);
  }
  return flags === FLAG_INEXACT;
}

/** A varint; nearly all are of one or two bytes. */
function readNumber(cursor: { readonly bytes: Uint8Array; at: number }): number {
  const { bytes } = cursor;
  const one = bytes[cursor.at++] ?? 0x100;
  if (one < 0x80) return one;
  let value = one & 0x7f;
  let last = one;
  for (let scale = 0x80; last >= 0x80; scale *= 0x80) {
    last = bytes[cursor.at++] ?? 0x100;
    if (last > 0xff || scale > 2 ** 49) throw new Error('sketch: ends within a number, or one is too large');
    value += (last & 0x7f) * scale;
  }
  return value;
}
