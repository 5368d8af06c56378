import { Buffer } from 'node:buffer';
import type { Receipt } from './curated.ts';

export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/** Bit 0 of W3C trace flags. */
const SAMPLED = 1;

/** Whether the bytes are an id: of the right length, and not all zero (W3C Trace Context, "invalid"). */
export function isId(bytes: Uint8Array, length: number): boolean {
  if (bytes.byteLength !== length) return false;
  for (const byte of bytes) if (byte !== 0) return true;
  return false;
}

/** Lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Hex of an id, null where it is none; one of another length is left out and noted (otlp-conformance item 26). */
export function notedIdOf(bytes: Uint8Array, length: number, receipts: Receipt[]): string | null {
  if (bytes.byteLength !== 0 && bytes.byteLength !== length) {
    receipts.push({
      outcome: 'noted',
      reason: 'invalid_trace_context',
      name: length === TRACE_ID_BYTES ? 'trace_id' : 'span_id',
    });
  }
  return isId(bytes, length) ? hexOf(bytes) : null;
}

export function saysSampled(flags: number): boolean {
  return (flags & SAMPLED) !== 0;
}
