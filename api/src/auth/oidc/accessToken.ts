import type { LogEntry } from '../../deps.ts';
import type { Identity, Recognition } from '../identity.ts';
import type { Oidc } from './oidc.ts';
import { awayDetail, awayEntry, ProviderAwayError } from './providerAway.ts';
import { holdsRole, roleMissing } from './role.ts';
import { auditedSubject } from './subject.ts';

/** Recognises the access tokens that scripts get from the identity provider. An ID token is one where the audience is the console's client id. */
export function accessTokens(
  oidc: Oidc,
  now: () => number,
  log: ((entry: LogEntry) => void) | undefined,
): (token: string) => Promise<Recognition> {
  const { provider, audience, role } = oidc;
  return async (token) => {
    try {
      const { verifyToken } = await import('./verify.ts');
      const verified = await verifyToken(provider, token, audience, now);
      if (!verified.isValid) return { outcome: 'invalid', reason: verified.reason };
      const { subject, claims } = verified;
      const identity: Identity = {
        subject: await auditedSubject(provider.issuer, subject),
        by: 'token',
        endsAtMs: claims.exp === undefined ? null : claims.exp * 1000,
      };
      if (!holdsRole(claims, role)) return { outcome: 'forbidden', identity, reason: roleMissing };
      return { outcome: 'known', identity };
    } catch (error) {
      if (!(error instanceof ProviderAwayError)) throw error;
      log?.(awayEntry(error));
      return { outcome: 'unavailable', reason: awayDetail };
    }
  };
}
