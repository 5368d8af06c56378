import { Buffer } from 'node:buffer';
import { isIdAt, TRACE_ID_BYTES } from '@command-center/contract/traceContext';
import type { Receipt } from './curated.ts';

/** Bit 0 of W3C trace flags. */
const SAMPLED = 1;

/** Lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('hex');
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
  return isIdAt(bytes, 0, bytes.byteLength, length) ? hexOf(bytes) : null;
}

export function saysSampled(flags: number): boolean {
  return (flags & SAMPLED) !== 0;
}
