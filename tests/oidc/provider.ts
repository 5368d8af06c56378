import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import { vi } from 'vitest';

export const audience = 'https://command-center.test/api';
const clientSecret = 'a-client-secret-for-tests';
/** Who holds the role: people by their login, scripts by their client id. */
const admins: ReadonlySet<string> = new Set(['alice', 'jane.doe@example.com', 'admin-token', 'automation']);

/** `up`: answers. `down`: cuts every connection. `failing`: 500. `silent`: never answers. */
type Mode = 'up' | 'down' | 'failing' | 'silent';

export interface ProviderOptions {
  /** Where browsers may be sent back to. */
  readonly redirectUris?: readonly string[];
  /** Whether the roles stand in the ID token; otherwise userinfo alone has them. */
  readonly inIdToken?: boolean;
  /** Whether the console is a client without a secret. */
  readonly isPublic?: boolean;
}

/** A real OpenID Connect provider on loopback: any login gets in with any password, `alice` holds the role, `bob` does not. */
export interface TestProvider {
  readonly issuer: string;
  /** What an API must be told to believe it. */
  readonly environment: Readonly<Record<string, string>>;
  /** An access token for a script (client credentials): `automation` holds the role, `reporting` does not. */
  accessToken(client: 'automation' | 'reporting'): Promise<string>;
  /** A token with the provider's present key: the header and claims of a good one, and over them these; without the claim or member `leftOut`. */
  sign(claims?: JWTPayload, header?: Readonly<Record<string, string>>, leftOut?: string): Promise<string>;
  /** The public half of the present key. */
  publicKey(): JWK;
  /** From now on another key is used; the one before is no longer published, or still is. */
  rotate(before?: 'withdrawn' | 'published'): Promise<void>;
  become(mode: Mode): void;
  /** Paths asked for, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  const asked: string[] = [];
  let mode: Mode = 'up';
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '/', 'http://provider').pathname);
    if (mode === 'up') handle(request, response);
    else if (mode === 'down') request.socket.destroy();
    else if (mode === 'failing') response.writeHead(500).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let key = await newKey();
  const serve = (others: readonly JWK[] = []): void => {
    handle = createProvider(issuer, [key, ...others], options).callback();
  };
  serve();
  return {
    issuer,
    environment: environmentOf(issuer, options),
    accessToken: (client) => clientCredentials(issuer, client),
    async sign(claims = {}, header = {}, leftOut = '') {
      const now = Math.floor(Date.now() / 1000);
      const good = { iss: issuer, aud: audience, sub: 'alice', iat: now, exp: now + 300, roles: ['system-admin'] };
      const { [leftOut]: _claim, ...payload } = { ...good, ...claims } as JWTPayload;
      const { [leftOut]: _member, ...rest }: Record<string, string> = { typ: 'at+jwt', kid: key.kid ?? '', ...header };
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', ...rest }).sign(await importJWK(key, 'RS256'));
    },
    publicKey: () => ({ kty: 'RSA', n: key.n ?? '', e: key.e ?? '', kid: key.kid ?? '', alg: 'RS256', use: 'sig' }),
    async rotate(before = 'withdrawn') {
      const old = key;
      key = await newKey();
      serve(before === 'published' ? [old] : []);
    },
    become(next) {
      mode = next;
    },
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomBytes(6).toString('hex'), alg: 'RS256', use: 'sig' };
}

function environmentOf(issuer: string, { isPublic }: ProviderOptions): Record<string, string> {
  return {
    COMMAND_CENTER_OIDC_ISSUER: issuer,
    COMMAND_CENTER_OIDC_AUDIENCE: audience,
    COMMAND_CENTER_OIDC_CLIENT_ID: 'console',
    ...(isPublic ? {} : { COMMAND_CENTER_OIDC_CLIENT_SECRET: clientSecret }),
    COMMAND_CENTER_OIDC_ADMIN_CLAIM: 'roles',
    COMMAND_CENTER_OIDC_ADMIN_VALUE: 'system-admin',
  };
}

async function clientCredentials(issuer: string, client: string): Promise<string> {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${client}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
  });
  const body = (await answer.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(`no access token: ${JSON.stringify(body)}`);
  return body.access_token;
}

/** What the provider keeps, all of it for ten minutes; it warns of lifetimes that nobody chose. */
const kept = ['AccessToken', 'AuthorizationCode', 'ClientCredentials', 'Grant', 'IdToken', 'Interaction', 'Session'];

function createProvider(issuer: string, keys: readonly JWK[], options: ProviderOptions): Provider {
  // It warns on the console about what is right for a test: sign-in pages that let anybody in, cookies over plain HTTP.
  const quiet = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'info')].map((spy) =>
    spy.mockImplementation(() => undefined),
  );
  const rolesOf = (who: string): string[] => (admins.has(who) ? ['user', 'system-admin'] : ['user']);
  const script = (id: string) =>
    ({
      client_id: id,
      client_secret: clientSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    }) as const;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'console',
        redirect_uris: [...(options.redirectUris ?? [])],
        ...(options.isPublic ? { token_endpoint_auth_method: 'none' } : { client_secret: clientSecret }),
      },
      script('automation'),
      script('reporting'),
    ],
    jwks: { keys: [...keys] } as never,
    ttl: Object.fromEntries(kept.map((what) => [what, 600])),
    cookies: { keys: ['a key for the cookies of a test'] },
    claims: { openid: ['sub'], roles: ['roles'] },
    conformIdTokenClaims: !options.inIdToken,
    renderError: (context, out) => {
      context.body = out;
    },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, roles: rolesOf(id) }) }),
    extraTokenClaims: (_context, token) => ({
      roles: rolesOf(('accountId' in token && token.accountId) || token.clientId || ''),
    }),
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  for (const spy of quiet) spy.mockRestore();
  return provider;
}
