import { liveClose } from '@command-center/contract/live';

const firstMs = 1_000;
const longestMs = 30_000;
/** A server that does not understand this console will not in a minute either. */
const malformedMs = 5 * 60_000;

/** A socket that was heard for as long has held: what comes after it is its first loss. */
export const steadyMs = 10_000;

/**
 * Milliseconds until the next try, for `failures` in a row (1 = the first): of up to 1 s, 2 s, 4 s … 30 s any part (full jitter), so that the
 * consoles of a server that went away do not all come back at once. `random` in [0, 1).
 */
export function retryDelayMs(failures: number, random: number): number {
  return Math.round(random * Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 10)));
}

/**
 * The same after a socket was closed with `code`. Where the identity has ended, a socket that held asks at once: the answer to the ticket says
 * how to sign in again.
 */
export function retryAfterClose(code: number, failures: number, random: number): number {
  if (code === liveClose.malformed) return malformedMs;
  return code === liveClose.ended && failures === 1 ? 0 : retryDelayMs(failures, random);
}
