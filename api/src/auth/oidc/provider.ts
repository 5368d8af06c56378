import type { JWTVerifyGetKey } from 'jose';
import { limits } from '../../limits.ts';
import type { ProviderMetadata } from './documents.ts';
import { type Kept, keep } from './kept.ts';
import { createProviderFetch, type ProviderFetch } from './requests.ts';

/** The identity provider. Everything here throws ProviderAwayError where it does not answer as it must. */
export interface Provider {
  readonly issuer: string;
  metadata(): Promise<ProviderMetadata>;
  /** Its public keys. */
  readonly keys: Kept<JWTVerifyGetKey>;
  readonly fetch: ProviderFetch;
}

/** Read when the provider is first asked: what else is answered does without. */
const documents = () => import('./documents.ts');

/** `issuer` is COMMAND_CENTER_OIDC_ISSUER; `now` in milliseconds since the epoch. Asks for nothing before it is needed. */
export function createProvider(issuer: string, now: () => number): Provider {
  const fetch = createProviderFetch();
  const metadata = keep(
    async () => (await documents()).discover(fetch, issuer),
    { freshMs: limits.identityDocumentMs, pauseMs: 0, retryMs: limits.identityRetryMs, mayBeStale: true },
    now,
  );
  const keys = keep(
    async () => (await documents()).readKeys(fetch, (await metadata.read()).jwks_uri),
    {
      freshMs: limits.identityKeysMs,
      pauseMs: limits.identityKeysPauseMs,
      retryMs: limits.identityRetryMs,
      mayBeStale: false,
    },
    now,
  );
  return { issuer, metadata: metadata.read, keys, fetch };
}
