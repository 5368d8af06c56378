import { setImmediate } from 'node:timers/promises';
import { UNQUEUED_DECODE_BYTES } from '../limits.ts';

let last: Promise<void> = Promise.resolve();

/**
 * Waits for its turn to decode `bytes` bytes: large requests come one a turn of the event loop. Between two of them the commit under way and
 * other senders get on; a burst of large ones was seen to starve the connections to Postgres until they timed out.
 */
export function decodeTurn(bytes: number): Promise<void> {
  if (bytes <= UNQUEUED_DECODE_BYTES) return Promise.resolve();
  last = last.then(() => setImmediate());
  return last;
}
