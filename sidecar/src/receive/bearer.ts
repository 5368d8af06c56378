import { createHash, timingSafeEqual } from 'node:crypto';

/** Checks an `authorization` header. Without a configured token everyone passes. */
export type BearerCheck = (authorization: string | undefined) => boolean;

/**
 * One that shows any of `tokens` passes. The comparison takes the same time for every wrong token of any length: digests are compared, not tokens. The
 * scheme's case does not matter (RFC 9110, 11.1).
 */
export function createBearerCheck(...tokens: readonly (string | undefined)[]): BearerCheck {
  const expected = tokens.filter((token) => token !== undefined).map(digest);
  if (expected.length === 0) return () => true;
  return (authorization = '') => {
    const presented = digest(/^bearer +([!-~]{1,1024}) *$/i.exec(authorization)?.[1] ?? '');
    // Each is compared, whichever fits: the time does not tell which.
    return expected.map((each) => timingSafeEqual(presented, each)).includes(true);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
