import { Buffer } from 'node:buffer';
import type { Receipt } from './curated.ts';

export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/** Bit 0 of W3C trace flags. */
const SAMPLED = 1;

/** Lower-case hex of an id of the right length; null for none and for all zero (W3C Trace Context, "invalid"). */
export function idOf(bytes: Uint8Array, length: number): string | null {
  if (bytes.byteLength !== length || bytes.every((byte) => byte === 0)) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('hex');
}

/** As `idOf`; an id of another length is left out and noted (otlp-conformance item 26). */
export function notedIdOf(bytes: Uint8Array, length: number, receipts: Receipt[]): string | null {
  if (bytes.byteLength !== 0 && bytes.byteLength !== length) {
    receipts.push({
      outcome: 'noted',
      reason: 'invalid_trace_context',
      name: length === TRACE_ID_BYTES ? 'trace_id' : 'span_id',
    });
  }
  return idOf(bytes, length);
}

export function saysSampled(flags: number): boolean {
  return (flags & SAMPLED) !== 0;
}
