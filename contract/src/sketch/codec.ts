import { minOrdinal, openOrdinal } from './grid.ts';
import { maxSpans, type Span, type SpanList } from './spans.ts';

/**
 * Bytes of a sketch: version, flags, then per span the distance of its first ordinal from the previous one's, its width and its count, as
 * varints (LEB128; the first distance is zigzag-coded, the others are >= 0). A contract between writer and reader (design §4).
 */

export const SKETCH_VERSION = 1;
export const FLAG_INEXACT = 1;

export function encodeSketch(list: SpanList): Uint8Array {
  const bytes: number[] = [SKETCH_VERSION, list.isInexact ? FLAG_INEXACT : 0];
  let previous = 0;
  list.spans.forEach((span, index) => {
    const distance = span.first - previous;
    writeVarint(bytes, index === 0 ? (distance < 0 ? -distance * 2 - 1 : distance * 2) : distance);
    writeVarint(bytes, span.width);
    // A reader takes no more than a double counts exactly; sums of absurd counts must not make a sketch that nobody can read.
    writeVarint(bytes, Math.min(span.count, Number.MAX_SAFE_INTEGER));
    previous = span.first;
  });
  return Uint8Array.from(bytes);
}

/** @throws Error on bytes that `encodeSketch` cannot have written. */
export function decodeSketch(bytes: Uint8Array): SpanList {
  if (bytes[0] !== SKETCH_VERSION) throw new Error(`sketch: version ${bytes[0]} is not ${SKETCH_VERSION}`);
  const flags = bytes[1];
  if (flags === undefined || flags > FLAG_INEXACT) throw new Error('sketch: unknown flags');
  const spans: Span[] = [];
  const cursor = { bytes, at: 2 };
  let previous: Span = { first: 0, width: 0, count: 0 };
  while (cursor.at < bytes.length) {
    const coded = readVarint(cursor);
    const distance = spans.length > 0 ? coded : coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
    const span: Span = { first: previous.first + distance, width: readVarint(cursor), count: readVarint(cursor) };
    const problem = problemOf(span, spans.length > 0 && distance === 0 ? previous.width : 0);
    if (problem !== undefined || spans.length >= maxSpans)
      throw new Error(`sketch: span ${spans.length} ${problem ?? 'is one too many'}`);
    spans.push(span);
    previous = span;
  }
  return { spans, isInexact: flags === FLAG_INEXACT };
}

/** `widthBefore`: of the previous span where it starts at the same ordinal, else 0. */
function problemOf({ first, width, count }: Span, widthBefore: number): string | undefined {
  if (width < 1 || first < minOrdinal || first + width - 1 > openOrdinal) return 'is off the grid';
  if (width <= widthBefore) return 'is out of order';
  return count < 1 ? 'is empty' : undefined;
}

/** Numbers up to 2^53: no 32-bit operators. */
function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

function readVarint(cursor: { readonly bytes: Uint8Array; at: number }): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw new Error('sketch: ends within a number');
    cursor.at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) break;
      return value;
    }
  }
  throw new Error('sketch: a number is too large');
}
