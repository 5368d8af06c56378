import type { Authenticator, Recognition } from './identity.ts';

/**
 * Recognises bearer tokens (RFC 6750 §2.1): the static one of interfaces.md §2, which without a configured one knows nobody, and what `others` makes of
 * any other, the tokens of an identity provider.
 */
export function bearer(
  adminToken: string | undefined,
  others: ((token: string) => Promise<Recognition>) | undefined,
): Authenticator {
  const expected = adminToken === undefined ? undefined : digest(adminToken);
  return async (request) => {
    const presented = /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (presented === undefined) return { outcome: 'absent' };
    if (expected !== undefined && equalInConstantTime(await digest(presented), await expected)) {
      return { outcome: 'known', identity: { subject: 'admin-token', by: 'token' } };
    }
    if (others === undefined) return { outcome: 'invalid', reason: 'The bearer token is not the admin token.' };
    return others(presented);
  };
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

/** Looks at every byte whatever it finds, so that the time taken tells nothing. Digests are of one length. */
function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index++) difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}
