import { MAX_JSON_COMMAS, MAX_JSON_CONTAINERS, MAX_JSON_DEPTH, UNCHECKED_JSON_BYTES } from '../../limits.ts';
import { type DecodeError, tooMany } from '../decodeError.ts';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * What makes a document too large for memory although its bytes are not: JSON.parse was seen to take 50 bytes for each byte of `[[[[` and of
 * `{},{}`, before anything of it can be looked at. Counts outside of strings, at about a nanosecond a byte; undefined = parse it.
 */
export function excessOf(bytes: Uint8Array): DecodeError | undefined {
  if (bytes.length <= UNCHECKED_JSON_BYTES) return undefined;
  let containers = 0;
  let commas = 0;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === COMMA) commas++;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      containers++;
      if (++depth > MAX_JSON_DEPTH) return tooMany(MAX_JSON_DEPTH, 'levels of JSON');
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  if (containers > MAX_JSON_CONTAINERS) return tooMany(MAX_JSON_CONTAINERS, 'objects and arrays');
  return commas > MAX_JSON_COMMAS ? tooMany(MAX_JSON_COMMAS, 'members of objects and arrays') : undefined;
}

/** Where the string that begins at `start` ends: its closing quote, or the last byte. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
