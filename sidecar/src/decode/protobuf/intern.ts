import { INTERNED_STRING_BYTES, INTERNED_STRINGS } from '../../limits.ts';

/**
 * Strings read before, by a hash of their bytes. A hit is compared byte by byte, so a collision costs a string and never a wrong one. Kept
 * across requests: the same names come every few seconds, and a string that stays carries its hash for every map behind the decoder.
 * Only ASCII is kept, because there a character is a byte.
 */
const slots: (string | undefined)[] = new Array<string | undefined>(INTERNED_STRINGS).fill(undefined);
const mask = INTERNED_STRINGS - 1;

/** The string of the bytes [start, end), invalid UTF-8 replaced by U+FFFD. */
export function internedText(buffer: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > INTERNED_STRING_BYTES) return buffer.toString('utf8', start, end);
  let hash = length;
  let bits = 0;
  for (let at = start; at < end; at++) {
    const byte = buffer[at] ?? 0;
    bits |= byte;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  if (bits > 127) return buffer.toString('utf8', start, end);
  const slot = (hash ^ (hash >>> 15)) & mask;
  const known = slots[slot];
  if (known !== undefined && known.length === length && isSame(known, buffer, start)) return known;
  const text = buffer.toString('latin1', start, end);
  slots[slot] = text;
  return text;
}

function isSame(known: string, buffer: Buffer, start: number): boolean {
  for (let at = 0; at < known.length; at++) {
    if (known.charCodeAt(at) !== buffer[start + at]) return false;
  }
  return true;
}
