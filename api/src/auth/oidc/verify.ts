import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { limits } from '../../limits.ts';
import type { Provider } from './provider.ts';
import { ProviderAwayError } from './providerAway.ts';

/** Signatures by a key that only the provider has. Never HMAC: its key would be the public one, or one that others hold too. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** RFC 9068 §2.1, RFC 7519 §5.1. A token of another type (logout, security event, DPoP proof) was made for something else. */
const types: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt']);

export type Verified =
  | { readonly isValid: true; readonly subject: string; readonly claims: JWTPayload }
  | { readonly isValid: false; readonly reason: string };

/**
 * Checks a signed token of the provider (RFC 7519, RFC 9068): type, algorithm, signature, issuer, audience, times, subject. `audience` is the value that
 * `aud` must name, `now` in milliseconds. A reason repeats nothing of the token. Throws ProviderAwayError where the keys cannot be had.
 */
export async function verifyToken(
  provider: Provider,
  token: string,
  audience: string,
  now: () => number,
): Promise<Verified> {
  // What can be refused without the provider is: a stranger does not make us ask it.
  const flaw = flawOf(token, provider.issuer);
  if (flaw !== undefined) return { isValid: false, reason: flaw };
  const options = {
    algorithms,
    issuer: provider.issuer,
    audience,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: limits.identityClockSeconds,
    currentDate: new Date(now()),
  };
  try {
    return accepted(await claimsOf(provider, token, options));
  } catch (error) {
    if (error instanceof ProviderAwayError) throw error;
    return { isValid: false, reason: reasonOf(error) };
  }
}

/** What is wrong with a token as far as it can be read without a key. */
function flawOf(token: string, issuer: string): string | undefined {
  if (token.length > limits.accessTokenCharacters) return 'The token is too long.';
  try {
    const { alg, typ } = decodeProtectedHeader(token);
    if (alg === undefined || !algorithms.includes(alg))
      return 'The token is not signed with an algorithm that is accepted: RSA, ECDSA or EdDSA.';
    const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
    if (!types.has(type)) return 'The token is of a type that gives no access.';
    if (decodeJwt(token).iss !== issuer) return 'The token is of another issuer than COMMAND_CENTER_OIDC_ISSUER.';
    return undefined;
  } catch {
    return 'The bearer token is neither the admin token nor a signed JWT.';
  }
}

/** With the keys that are known; where none fits, once more with newer ones: keys are replaced at any time, sometimes under the same name. */
async function claimsOf(provider: Provider, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  const keys = await provider.keys.read();
  try {
    return await verifyWith(keys, token, options);
  } catch (error) {
    const mayBeNewer =
      error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
    const newer = mayBeNewer ? await provider.keys.another(keys) : keys;
    if (newer === keys) throw error;
    return verifyWith(newer, token, options);
  }
}

async function verifyWith(keys: JWTVerifyGetKey, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // A token without kid, or keys without: any one of them may have signed it.
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function accepted(claims: JWTPayload): Verified {
  if (typeof claims.sub !== 'string' || claims.sub === '') return { isValid: false, reason: 'The token has no sub.' };
  // RFC 7800: it is good only with a proof of its holder's key, which nobody checks here.
  if (claims.cnf !== undefined) return { isValid: false, reason: 'The token is bound to a key of its holder.' };
  return { isValid: true, subject: claims.sub, claims };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWKSNoMatchingKey)
    return 'The token is signed with a key that its issuer does not publish.';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is wrong.';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === 'missing') return `The token has no ${error.claim}.`;
    if (error.claim === 'nbf') return 'The token is not valid yet.';
    if (error.claim === 'aud') return 'The token is for another audience.';
    return `The token has a ${error.claim} that is not accepted.`;
  }
  return 'The token cannot be verified.';
}
