import { createHash, timingSafeEqual } from 'node:crypto';

/** Checks an `authorization` header. Without a configured token everyone passes. */
export type BearerCheck = (authorization: string | undefined) => boolean;

/** The comparison takes the same time for every wrong token of any length: digests are compared, not tokens. The scheme's case does not matter (RFC 9110, 11.1). */
export function createBearerCheck(token: string | undefined): BearerCheck {
  if (token === undefined) return () => true;
  const expected = digest(token);
  return (authorization = '') => {
    const presented = /^bearer +([!-~]{1,1024}) *$/i.exec(authorization)?.[1] ?? '';
    return timingSafeEqual(digest(presented), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
