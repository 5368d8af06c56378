import { httpOk } from '@command-center/contract/reasons';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { ProviderAwayError } from './providerAway.ts';
import type { ProviderFetch } from './requests.ts';

/** What is read of a discovery document (OpenID Connect Discovery 1.0 §3). */
const discovery = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  authorization_endpoint: z.string().exactOptional(),
  token_endpoint: z.string().exactOptional(),
  userinfo_endpoint: z.string().exactOptional(),
  scopes_supported: z.array(z.string()).exactOptional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).exactOptional(),
  id_token_signing_alg_values_supported: z.array(z.string()).exactOptional(),
  authorization_response_iss_parameter_supported: z.boolean().exactOptional(),
});
export type ProviderMetadata = Readonly<z.infer<typeof discovery>>;

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Throws ProviderAwayError where it is not what it must be. */
export async function discover(fetch: ProviderFetch, issuer: string): Promise<ProviderMetadata> {
  // §4.1: a slash at the end of the issuer is left out of this address, never of the comparison below.
  const document = await readJson(fetch, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const found = discovery.safeParse(document);
  if (!found.success) throw new ProviderAwayError('its discovery document is not one');
  if (found.data.issuer !== issuer) {
    const hasOtherSlash = found.data.issuer.replace(/\/$/, '') === issuer.replace(/\/$/, '');
    const hint = hasOtherSlash ? '; they differ in the slash at the end' : '';
    throw new ProviderAwayError(`its discovery document names another issuer than COMMAND_CENTER_OIDC_ISSUER${hint}`);
  }
  return found.data;
}

/** The same of its keys. */
export async function readKeys(fetch: ProviderFetch, uri: string): Promise<JWTVerifyGetKey> {
  const found = keySet.safeParse(await readJson(fetch, uri));
  if (!found.success) throw new ProviderAwayError('its key set is not one');
  return createLocalJWKSet(found.data as JSONWebKeySet);
}

async function readJson(fetch: ProviderFetch, url: string): Promise<unknown> {
  const answer = await fetch(url, { method: 'GET', headers: { Accept: 'application/json' } });
  if (answer.status !== httpOk) throw new ProviderAwayError(`it answers with status ${answer.status}`);
  try {
    return await answer.json();
  } catch {
    throw new ProviderAwayError('its answer is no JSON');
  }
}
