import type { Settings } from '@command-center/contract/settings/settings';
import { createProvider, type Provider } from './provider.ts';
import type { AdminRole } from './role.ts';

/** The identity provider as it is configured. */
export interface Oidc {
  readonly provider: Provider;
  readonly audience: string;
  readonly role: AdminRole;
  /** Without one, nobody signs in with a browser. */
  readonly client: { readonly id: string; readonly secret: string | undefined } | undefined;
}

/** Undefined where no issuer is configured. `now` in milliseconds since the epoch. */
export function createOidc(settings: Settings, now: () => number): Oidc | undefined {
  const { oidcIssuer, oidcAudience, oidcAdminClaim, oidcAdminValue, oidcClientId } = settings;
  // The settings let no half identity through (together.ts).
  if (oidcIssuer === undefined || oidcAudience === undefined) return undefined;
  if (oidcAdminClaim === undefined || oidcAdminValue === undefined) return undefined;
  return {
    provider: createProvider(oidcIssuer, now),
    audience: oidcAudience,
    role: { claim: oidcAdminClaim, value: oidcAdminValue },
    client: oidcClientId === undefined ? undefined : { id: oidcClientId, secret: settings.oidcClientSecret },
  };
}
