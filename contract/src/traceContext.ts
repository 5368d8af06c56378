/** Bytes of a trace id and of a span id. Source: trace.proto, W3C Trace Context. */
export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/** Whether [start, end) is an id: of the right length, and not all zero (W3C Trace Context, "invalid"). */
export function isIdAt(bytes: Uint8Array, start: number, end: number, length: number): boolean {
  return end - start === length && !isZeroAt(bytes, start, end);
}

/** Whether [start, end) is all zero, as it is where it is empty. */
export function isZeroAt(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}
