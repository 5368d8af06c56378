import { FLAG_INEXACT, SKETCH_VERSION } from './codec.ts';
import { noFrames, type Sketches } from './frames.ts';
import { minOrdinal, openOrdinal } from './grid.ts';
import { boundedSpans, emptySpans, type Span, type SpanList } from './spans.ts';

/**
 * The sum of many sketches, straight from their bytes: what `mergeMany` makes of their lists, without an object a span. A day's chart of one metric
 * merges tens of thousands.
 * @throws Error on bytes that `encodeSketch` cannot have written.
 */
export function mergeEncoded(parts: readonly Uint8Array[]): SpanList {
  return mergeSketches({ framed: noFrames, loose: parts });
}

/** The same of sketches some of which lie one after another. */
export function mergeSketches({ framed, loose }: Sketches): SpanList {
  if (loose.length === 0 && framed.length === 0) return emptySpans;
  let isInexact = false;
  try {
    for (const part of loose) if (addSketch(part, 0, part.length)) isInexact = true;
    const lengths = new DataView(framed.buffer, framed.byteOffset, framed.byteLength);
    for (let at = 0; at < framed.length; ) {
      const end = at + 4 + lengths.getUint32(at);
      if (addSketch(framed, at + 4, end)) isInexact = true;
      at = end;
    }
    return boundedSpans(table.spans(), isInexact);
  } finally {
    table.clear();
  }
}

/** Spans are told apart by one number that orders as they do: by first ordinal, then by width. No width reaches this. */
const WIDTHS = 8_192;
/** To begin with: what 256 spans need. */
const SLOTS = 512;
const FREE = -1;
/** Up to here inserting one by one is the fastest way to sort. */
const FEW = 24;

/** Counts by span, in open addressing. */
class SpanTable {
  /** As many as a power of two, at least twice the spans. */
  #keys = new Int32Array(SLOTS).fill(FREE);
  #counts = new Float64Array(SLOTS);
  /** The slots that are taken, in the order in which they were. */
  #taken = new Int32Array(SLOTS / 2);
  #size = 0;

  add(first: number, width: number, count: number): void {
    const key = (first - minOrdinal) * WIDTHS + width;
    let slot = this.#slotOf(key);
    if (this.#keys[slot] === key) {
      this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
      return;
    }
    if (this.#size === this.#taken.length) {
      this.#grow();
      slot = this.#slotOf(key);
    }
    this.#take(slot, key, count);
  }

  /** In order. */
  spans(): Span[] {
    const keys = new Int32Array(this.#size);
    for (let at = 0; at < keys.length; at += 1) keys[at] = this.#keys[this.#taken[at] ?? 0] ?? FREE;
    sort(keys);
    const spans: Span[] = [];
    for (const key of keys) {
      const first = Math.floor(key / WIDTHS) + minOrdinal;
      spans.push({ first, width: key % WIDTHS, count: this.#counts[this.#slotOf(key)] ?? 0 });
    }
    return spans;
  }

  clear(): void {
    for (let at = 0; at < this.#size; at += 1) this.#keys[this.#taken[at] ?? 0] = FREE;
    this.#size = 0;
  }

  #take(slot: number, key: number, count: number): void {
    this.#keys[slot] = key;
    this.#counts[slot] = count;
    this.#taken[this.#size] = slot;
    this.#size += 1;
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
    const [keys, counts] = [this.#keys, this.#counts];
    this.#keys = new Int32Array(keys.length * 2).fill(FREE);
    this.#counts = new Float64Array(keys.length * 2);
    this.#taken = new Int32Array(keys.length);
    this.#size = 0;
    keys.forEach((key, at) => {
      if (key !== FREE) this.#take(this.#slotOf(key), key, counts[at] ?? 0);
    });
  }
}

/** One for all sums, for most are of ten spans: to make a table costs more than to fill it. Each sum leaves it empty. */
const table = new SpanTable();

function sort(keys: Int32Array): void {
  if (keys.length > FEW) {
    keys.sort();
    return;
  }
  for (let end = 1; end < keys.length; end += 1) {
    const key = keys[end] ?? 0;
    let at = end;
    for (; at > 0 && (keys[at - 1] ?? 0) > key; at -= 1) keys[at] = keys[at - 1] ?? 0;
    keys[at] = key;
  }
}

/** Adds the spans of the sketch (codec.ts) from `start` up to `end`; whether it is inexact. */
function addSketch(bytes: Uint8Array, start: number, end: number): boolean {
  const flags = end - start < 2 ? undefined : bytes[start + 1];
  if (bytes[start] !== SKETCH_VERSION || flags === undefined || flags > FLAG_INEXACT)
    throw new Error('sketch: unknown version or flags');
  const cursor = { bytes, at: start + 2 };
  let first = 0;
  for (let isFirst = true; cursor.at < end; isFirst = false) {
    const coded = readNumber(cursor);
    first = isFirst ? (coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2) : first + coded;
    const width = readNumber(cursor);
    const count = readNumber(cursor);
    if (width < 1 || count < 1 || first < minOrdinal || first + width - 1 > openOrdinal)
      throw new Error('sketch: a span is off the grid or empty');
    if (cursor.at > end) throw new Error('sketch: ends within a span');
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
