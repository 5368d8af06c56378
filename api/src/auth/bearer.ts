import { equalInConstantTime } from './constantTime.ts';
import type { Authenticator, Recognition } from './identity.ts';

/**
 * Recognises bearer tokens (RFC 6750 §2.1): the static one of interfaces.md §2, which without a configured one knows nobody, and what `others` makes of
 * any other, the tokens of an identity provider.
 */
export function bearer(
  adminToken: string | undefined,
  others: ((token: string) => Promise<Recognition>) | undefined,
): Authenticator {
  return async (request) => {
    const presented = /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (presented === undefined) return { outcome: 'absent' };
    if (adminToken !== undefined && equalInConstantTime(presented, adminToken)) {
      return { outcome: 'known', identity: { subject: 'admin-token', by: 'token', endsAtMs: null } };
    }
    if (others === undefined) return { outcome: 'invalid', reason: 'The bearer token is not the admin token.' };
    return others(presented);
  };
}
