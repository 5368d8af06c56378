import { createRoundTrips } from '@command-center/api/auth/oidc/roundTrip';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type Person } from '../oidc/browser.ts';
import { startProvider, type TestProvider } from '../oidc/provider.ts';
import { begin, comeBack, cookiesOf, pairOf, sessionCookie, tripCookie } from '../oidc/signingIn.ts';
import { base, openStage, origin, type Stage, sessionSecret } from './stage.ts';

let provider: TestProvider;
let stage: Stage;
let ahead = 0;
beforeAll(async () => {
  provider = await startProvider({ redirectUris: [`${origin}/auth/callback`] });
  stage = await openStage(() => Date.now() + ahead, provider.environment);
});
afterAll(async () => {
  await stage.close();
  await provider.close();
});

async function signIn(login: string, query = '', person: Person = newPerson(provider.issuer)): Promise<Response> {
  const { location, cookie } = await begin(stage, query);
  return comeBack(stage, await person.signIn(location, login), cookie);
}

const nextOf = (html: string): string | undefined =>
  /<meta http-equiv="refresh" content="0;url=([^"]*)">/.exec(html)?.[1]?.replaceAll('&amp;', '&');

describe('a person signs in at the identity provider (interfaces.md §2)', () => {
  test('and sees the console, under the own name in the audit log', async () => {
    await stage.sql`TRUNCATE admin_audit_log`;
    const answer = await signIn('alice');
    expect(answer.status).toBe(200);
    expect(nextOf(await answer.text())).toBe('/command-center');
    const view = await stage.call(`${base}/config`, {
      headers: { Cookie: pairOf(cookiesOf(answer).get(sessionCookie)) },
    });
    expect(view.status).toBe(200);
    expect(await stage.sql`SELECT actor, status FROM admin_audit_log`).toEqual([{ actor: 'alice', status: 200 }]);
  });

  test('with PKCE, a state and a nonce, each new every time', async () => {
    const asked = await Promise.all([begin(stage), begin(stage)]);
    const [one, other] = asked.map(({ location }) => new URL(location).searchParams);
    expect(Object.fromEntries(one ?? [])).toMatchObject({
      response_type: 'code',
      client_id: 'console',
      redirect_uri: `${origin}/auth/callback`,
      scope: 'openid roles',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one?.get(name)).toMatch(/^[\w-]{43}$/);
      expect(one?.get(name)).not.toBe(other?.get(name));
    }
  });

  test('the cookie of the round trip is Lax, sealed, for /auth alone, for ten minutes', async () => {
    const answer = await stage.call('/auth/start');
    const attributes = cookiesOf(answer).get(tripCookie)?.split('; ').slice(1).sort();
    expect(attributes).toEqual(['HttpOnly', 'Max-Age=600', 'Path=/auth', 'SameSite=Lax', 'Secure']);
    const state = new URL(answer.headers.get('location') ?? '').searchParams.get('state') ?? '';
    expect(cookiesOf(answer).get(tripCookie)).not.toContain(state);
  });

  test('the session is the one of a login link: Strict, for eight hours; the other cookie goes', async () => {
    const cookies = cookiesOf(await signIn('alice'));
    const attributes = cookies.get(sessionCookie)?.split('; ').slice(1).sort();
    expect(attributes).toEqual(['HttpOnly', 'Max-Age=28800', 'Path=/', 'SameSite=Strict', 'Secure']);
    expect(cookies.get(tripCookie)).toMatch(/^command_center_sign_in=; Max-Age=0; Path=\/auth;/);
  });

  test('an address as subject is not written down', async () => {
    await stage.sql`TRUNCATE admin_audit_log`;
    const cookie = pairOf(cookiesOf(await signIn('jane.doe@example.com')).get(sessionCookie));
    expect((await stage.call(`${base}/config`, { headers: { Cookie: cookie } })).status).toBe(200);
    const [row] = await stage.sql`SELECT actor FROM admin_audit_log`;
    expect(row?.actor).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('whoever is signed out is told where, the page of a login link leads there too', async () => {
    expect(await (await stage.call(`${base}/config`)).json()).toMatchObject({ status: 401, sign_in: '/auth/start' });
    expect(await (await stage.call('/login')).text()).toContain('<a href="/auth/start">Sign in</a>');
  });
});

describe('a sign-in leads back to where it was begun, and nowhere else', () => {
  test.each([
    ['/command-center?tab=logs&range=1h', '/command-center?tab=logs&range=1h'],
    ['/', '/'],
    ['/docs#trends', '/docs#trends'],
    ['/a/../command-center', '/command-center'],
    ['/command-center?q="><script>', '/command-center?q=%22%3E%3Cscript%3E'],
    [`/command-center?q=${'x'.repeat(2000)}`, '/command-center'],
  ])('%s', async (wished, reached) => {
    const answer = await signIn('alice', `?return_to=${encodeURIComponent(wished)}`);
    expect(nextOf(await answer.text())).toBe(reached);
  });

  test.each([
    '//evil.test',
    '/\\evil.test',
    '\\/evil.test',
    '/\t/evil.test',
    '/\n/evil.test',
    '/.//evil.test',
    '/..//evil.test',
    '///evil.test',
    'https://evil.test',
    'https:evil.test',
    'javascript:alert(1)',
    'evil.test',
    '',
    ' /command-center',
    '/auth/start',
    '/auth/../auth/start',
  ])('%j is refused', async (wished) => {
    const answer = await stage.call(`/auth/start?return_to=${encodeURIComponent(wished)}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ parameter: 'return_to' });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });
});

describe('a sign-in that does not succeed ends on a page with a way to try again', () => {
  async function pageOf(answer: Response, status: number): Promise<string> {
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(cookiesOf(answer).has(sessionCookie)).toBe(false);
    const html = await answer.text();
    expect(html).toContain('href="/auth/start?return_to=');
    return html;
  }

  test('without the role: 403, audited, and another identity may be chosen', async () => {
    await stage.sql`TRUNCATE admin_audit_log`;
    const html = await pageOf(await signIn('bob', '?return_to=/docs'), 403);
    expect(html).toContain('return_to=%2Fdocs&amp;prompt=login');
    expect(await stage.sql`SELECT actor, endpoint, status FROM admin_audit_log`).toEqual([
      { actor: 'bob', endpoint: '/auth/callback', status: 403 },
    ]);
    const { location } = await begin(stage, '?prompt=login');
    expect(new URL(location).searchParams.get('prompt')).toBe('login');
  });

  test('declined', async () => {
    const { location, cookie } = await begin(stage, '?return_to=/docs');
    const back = await newPerson(provider.issuer).decline(location);
    expect(await pageOf(await comeBack(stage, back, cookie), 400)).toContain('declined');
  });

  test.each([
    ['without its cookie', (url: string) => comeBack(stage, url, '')],
    ['with a made-up cookie', (url: string) => comeBack(stage, url, `${tripCookie}=AAAA`)],
    ['with the cookie of another sign-in', async (url: string) => comeBack(stage, url, (await begin(stage)).cookie)],
    ['without state', (url: string, cookie: string) => comeBack(stage, url.replace(/state=[^&]+/, ''), cookie)],
    ['with another state', (url: string, cookie: string) => comeBack(stage, url.replace(/state=/, 'state=x'), cookie)],
    ['without code', (url: string, cookie: string) => comeBack(stage, url.replace(/code=[^&]+/, ''), cookie)],
    ['with a made-up code', (url: string, cookie: string) => comeBack(stage, url.replace(/code=/, 'code=x'), cookie)],
    ['without iss', (url: string, cookie: string) => comeBack(stage, url.replace(/iss=[^&]+/, ''), cookie)],
    ['from another issuer', (url: string, cookie: string) => comeBack(stage, url.replace(/iss=/, 'iss=x'), cookie)],
    ['with two states', (url: string, cookie: string) => comeBack(stage, `${url}&state=x`, cookie)],
    [
      'as an error that holds markup',
      (url: string, cookie: string) => comeBack(stage, `${url}&error=<script>`, cookie),
    ],
  ])('coming back %s', async (_what, back) => {
    const { location, cookie } = await begin(stage);
    const url = await newPerson(provider.issuer).signIn(location, 'alice');
    expect(await pageOf(await back(url, cookie), 400)).not.toContain('<script');
  });

  test.each([
    ['nonce', 'another-nonce'],
    ['code_verifier', 'x'.repeat(43)],
    ['redirect_uri', `${origin}/elsewhere`],
  ])('with a %s that is not the one it left with', async (name, value) => {
    const trips = createRoundTrips(sessionSecret, () => Date.now() + ahead);
    const { location, cookie } = await begin(stage);
    const url = await newPerson(provider.issuer).signIn(location, 'alice');
    const kept = await trips.read(new Request(origin, { headers: { Cookie: cookie } }));
    if (kept === null) throw new Error('the cookie is none of the round trip');
    const changed = pairOf(await trips.open({ ...kept, [name]: value }, new URL(origin)));
    await pageOf(await comeBack(stage, url, changed), 400);
  });

  test('a session cookie is none of the round trip, nor the other way round', async () => {
    const { cookie } = await begin(stage);
    const disguised = cookie.replace(tripCookie, sessionCookie);
    expect((await stage.call(`${base}/config`, { headers: { Cookie: disguised } })).status).toBe(401);
  });

  test('twice: the code is good once', async () => {
    const { location, cookie } = await begin(stage);
    const url = await newPerson(provider.issuer).signIn(location, 'alice');
    expect((await comeBack(stage, url, cookie)).status).toBe(200);
    await pageOf(await comeBack(stage, url, cookie), 400);
    await pageOf(await comeBack(stage, url, ''), 400);
  });

  test('after more than ten minutes', async () => {
    const { location, cookie } = await begin(stage);
    const url = await newPerson(provider.issuer).signIn(location, 'alice');
    ahead += 601_000;
    await pageOf(await comeBack(stage, url, cookie), 400);
  });

  test.each(['down', 'failing', 'silent'] as const)('while the provider is away (%s): 503', async (mode) => {
    const { location, cookie } = await begin(stage);
    const url = await newPerson(provider.issuer).signIn(location, 'alice');
    const fresh = await openStage(Date.now(), provider.environment);
    try {
      provider.become(mode);
      await pageOf(await fresh.call('/auth/start'), 503);
      await pageOf(await comeBack(stage, url, cookie), 503);
    } finally {
      provider.become('up');
      await fresh.close();
    }
  });

  test("a client that the provider does not know is the operator's to mend: 503, and the log says so", async () => {
    const wrong = await openStage(Date.now(), {
      ...provider.environment,
      COMMAND_CENTER_OIDC_CLIENT_SECRET: 'a-secret-of-another-client',
    });
    try {
      const { location, cookie } = await begin(wrong);
      const url = await newPerson(provider.issuer).signIn(location, 'alice');
      await pageOf(await comeBack(wrong, url, cookie), 503);
      expect(wrong.logged[0]?.message).toContain('COMMAND_CENTER_OIDC_CLIENT_ID');
    } finally {
      await wrong.close();
    }
  });
});

test('behind a proxy that ends TLS the provider is given the address of an allowed origin', async () => {
  const ours = 'https://ops.example.com';
  const environment = { ...provider.environment, COMMAND_CENTER_ALLOWED_ORIGINS: ours };
  const behind = await openStage(Date.now(), environment);
  try {
    const headers = { 'X-Forwarded-Host': 'ops.example.com' };
    const answer = await behind.app.request('http://10.0.0.7:4319/auth/start', { headers });
    const { searchParams } = new URL(answer.headers.get('location') ?? '');
    expect(searchParams.get('redirect_uri')).toBe(`${ours}/auth/callback`);
    expect(answer.headers.get('set-cookie')).toContain('Secure');
  } finally {
    await behind.close();
  }
});

test('on loopback over plain HTTP the cookie of the round trip is not Secure', async () => {
  const answer = await stage.app.request('http://127.0.0.1:4319/auth/start');
  expect(answer.headers.get('set-cookie')).not.toContain('Secure');
});
