import * as oauth from 'oauth4webapi';
import { limits } from '../../limits.ts';
import type { ProviderMetadata } from './documents.ts';
import type { Oidc } from './oidc.ts';
import { ProviderAwayError } from './providerAway.ts';
import { isPrivate } from './requests.ts';
import type { RoundTrip } from './roundTrip.ts';
import { verifyToken } from './verify.ts';

/** Who came back from the provider: what its ID token claims and, asked for where that is not enough, what userinfo does. */
export interface Arrival {
  readonly subject: string;
  readonly claims: object;
  userinfo(): Promise<object>;
}

/** A round trip that was not completed: the provider's error code (RFC 6749 §4.1.2.1, §5.2), or what did not fit. It holds nothing of anybody's. */
export interface Failure {
  readonly code: string;
}

/** The authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, OpenID Connect Core §3.1). Throws ProviderAwayError. */
export interface CodeFlow {
  /** Where to send the browser, and what to keep until it is back. `prompt`: OpenID Connect Core §3.1.2.1. */
  begin(
    redirectUri: string,
    returnTo: string,
    prompt: string | undefined,
  ): Promise<{ readonly location: string; readonly trip: RoundTrip }>;
  /** `answer`: the query with which the provider sent the browser back. */
  complete(answer: URLSearchParams, trip: RoundTrip): Promise<Arrival | Failure>;
}

type Client = NonNullable<Oidc['client']>;

/** `now` in milliseconds since the epoch. */
export function createCodeFlow(oidc: Oidc, client: Client, now: () => number): CodeFlow {
  const { provider } = oidc;
  return {
    async begin(redirectUri, returnTo, prompt) {
      const { authorization_endpoint: endpoint, scopes_supported: scopes } = await provider.metadata();
      if (endpoint === undefined || !isPrivate(endpoint))
        throw new ProviderAwayError('its discovery document names no authorization endpoint with TLS');
      const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
      const codeVerifier = oauth.generateRandomCodeVerifier();
      const url = new URL(endpoint);
      const parameters = {
        response_type: 'code',
        client_id: client.id,
        redirect_uri: redirectUri,
        scope: scopeFor(oidc.role.claim, scopes ?? []),
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(prompt === undefined ? {} : { prompt }),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      const trip = { state, nonce, code_verifier: codeVerifier, redirect_uri: redirectUri, return_to: returnTo };
      return { location: url.href, trip };
    },
    async complete(answer, trip) {
      try {
        return await arrive(oidc, client, now, answer, trip);
      } catch (error) {
        return failureOf(error);
      }
    },
  };
}

/** Some providers give a claim only to who asks for the scope of that name, and refuse scopes that they do not know. */
function scopeFor(claim: string, supported: readonly string[]): string {
  const [name = ''] = claim.split('.');
  return supported.includes(name) && name !== 'openid' ? `openid ${name}` : 'openid';
}

async function arrive(
  { provider }: Oidc,
  client: Client,
  now: () => number,
  answer: URLSearchParams,
  trip: RoundTrip,
): Promise<Arrival | Failure> {
  const server = await provider.metadata();
  const known: oauth.Client = {
    client_id: client.id,
    [oauth.clockSkew]: Math.round((now() - Date.now()) / 1000),
    [oauth.clockTolerance]: limits.identityClockSeconds,
  };
  const options = {
    [oauth.customFetch]: provider.fetch,
    // Addresses without TLS are refused by our own fetch, except on loopback.
    [oauth.allowInsecureRequests]: true,
  };
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    known,
    authenticationOf(client, server),
    oauth.validateAuthResponse(server, known, answer, trip.state),
    trip.redirect_uri,
    trip.code_verifier,
    options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, known, response, {
    expectedNonce: trip.nonce,
    requireIdToken: true,
  });
  // The library leaves the signature to TLS; ours is checked like that of any other token.
  const verified = await verifyToken(provider, tokens.id_token ?? '', client.id, now);
  if (!verified.isValid) return { code: 'id_token_not_verified' };
  const { subject, claims } = verified;
  return {
    subject,
    claims,
    async userinfo() {
      if (server.userinfo_endpoint === undefined) return {};
      try {
        const found = await oauth.userInfoRequest(server, known, tokens.access_token, options);
        return await oauth.processUserInfoResponse(server, known, subject, found);
      } catch (error) {
        if (error instanceof ProviderAwayError) throw error;
        // Of somebody else, or no answer that counts: it claims nothing.
        return {};
      }
    },
  };
}

/** The first that both sides know; a provider that names none knows Basic (OpenID Connect Discovery §3). */
function authenticationOf(client: Client, server: ProviderMetadata): oauth.ClientAuth {
  if (client.secret === undefined) return oauth.None();
  const methods = server.token_endpoint_auth_methods_supported ?? [];
  const isPost = methods.includes('client_secret_post') && !methods.includes('client_secret_basic');
  return isPost ? oauth.ClientSecretPost(client.secret) : oauth.ClientSecretBasic(client.secret);
}

/** The client's own credentials are wrong: the operator has to mend that, the person cannot. */
const clientErrors: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client', 'invalid_scope']);

function failureOf(error: unknown): Failure {
  if (error instanceof ProviderAwayError) throw error;
  if (error instanceof oauth.WWWAuthenticateChallengeError) throw refusedClient('invalid_client');
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    if (clientErrors.has(error.error)) throw refusedClient(error.error);
    return { code: /^[a-z_]{1,60}$/.test(error.error) ? error.error : 'unknown' };
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError)
    return { code: 'answer_not_accepted' };
  throw error;
}

function refusedClient(code: string): ProviderAwayError {
  return new ProviderAwayError(`it refuses COMMAND_CENTER_OIDC_CLIENT_ID or its secret (${code})`);
}
