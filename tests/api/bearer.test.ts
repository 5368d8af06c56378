import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgeries } from '../oidc/forgeries.ts';
import { startProvider, type TestProvider } from '../oidc/provider.ts';
import { views } from './routeTable.ts';
import { adminToken, base, openStage, type Stage } from './stage.ts';

/** Beyond the pause after which an unknown key makes the API look for new ones, and the one after a failure. */
const later = 11_000;
/** Beyond the age at which keys are read again. */
const muchLater = 601_000;

let provider: TestProvider;
let stage: Stage;
let ahead = 0;
beforeAll(async () => {
  provider = await startProvider();
  stage = await openStage(() => Date.now() + ahead, provider.environment);
});
afterAll(async () => {
  await stage.close();
  await provider.close();
});

const withToken = (path: string, token: string, init: RequestInit = {}): Promise<Response> =>
  stage.call(path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });

describe('a script with an access token of the identity provider (interfaces.md §2)', () => {
  test.each(views)('$method $path: 200 with the role, 403 without', async ({ method, path, query }) => {
    const good = await withToken(`${path}${query}`, await provider.accessToken('automation'), { method });
    // There is no bucket to export into.
    expect(good.status).toBe(method === 'POST' && path.endsWith('/export') ? 409 : 200);
    const other = await withToken(`${path}${query}`, await provider.accessToken('reporting'), { method });
    expect(other.status).toBe(403);
    expect(await other.json()).toMatchObject({ type: 'urn:command-center:problem:forbidden' });
  });

  test.each(views)('$method $path: 401 with a token that is no good', async ({ method, path, query }) => {
    const bad = Object.entries(await forgeries(provider));
    const statuses = await Promise.all(
      bad.map(async ([what, token]) => [what, (await withToken(`${path}${query}`, token, { method })).status]),
    );
    expect(statuses).toEqual(bad.map(([what]) => [what, 401]));
  });

  test('a path that does not exist is told to admins alone', async () => {
    expect((await withToken(`${base}/secrets`, await provider.accessToken('automation'))).status).toBe(404);
    expect((await withToken(`${base}/secrets`, await provider.accessToken('reporting'))).status).toBe(403);
  });

  test('a refusal says what is wrong, and repeats nothing of the token', async () => {
    const said: Record<string, string> = {};
    for (const [what, token] of Object.entries(await forgeries(provider))) {
      const answer = await withToken(`${base}/config`, token);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="command-center", error="invalid_token"');
      said[what] = ((await answer.json()) as { detail: string }).detail;
      expect(said[what]).not.toMatch(/evil|mallory|alice|unheard/);
    }
    expect(said).toMatchObject({
      expired: expect.stringContaining('expired'),
      'not yet valid': expect.stringContaining('not valid yet'),
      'for another audience': expect.stringContaining('audience'),
      'of another issuer': expect.stringContaining('issuer'),
      'without exp': expect.stringContaining('exp'),
      opaque: expect.stringContaining('JWT'),
    });
  });

  test('the clocks may differ by half a minute', async () => {
    const seconds = Math.floor((Date.now() + ahead) / 1000);
    for (const claims of [{ exp: seconds - 20 }, { nbf: seconds + 20 }]) {
      expect((await withToken(`${base}/config`, await provider.sign(claims))).status).toBe(200);
    }
  });

  test.each([
    ['JWT', {}],
    ['application/at+jwt', {}],
    ['AT+JWT', {}],
    ['JWT', { aud: ['https://other.test', 'https://command-center.test/api'] }],
  ])('typ %s with %o is good', async (typ, claims) => {
    expect((await withToken(`${base}/config`, await provider.sign(claims, { typ }))).status).toBe(200);
  });

  test('the admin token stays good beside it, a session too', async () => {
    expect((await stage.ask(`${base}/config`)).status).toBe(200);
    const answer = await withToken(`${base}/config`, adminToken, {
      headers: { Cookie: 'command_center_session=AAAA' },
    });
    expect(answer.status).toBe(200);
  });
});

describe('the audit log names the subject (interfaces.md §2)', () => {
  const actorsOf = async (status: number) => {
    const rows = await stage.sql`SELECT DISTINCT actor FROM admin_audit_log WHERE status = ${status} ORDER BY actor`;
    return rows.map(({ actor }) => String(actor));
  };

  test('of who was let in and of who was not', async () => {
    await stage.sql`TRUNCATE admin_audit_log`;
    await withToken(`${base}/summary`, await provider.accessToken('automation'));
    await withToken(`${base}/summary`, await provider.accessToken('reporting'));
    await withToken(`${base}/summary`, await provider.sign({ exp: 1 }));
    expect(await actorsOf(200)).toEqual(['automation']);
    expect(await actorsOf(403)).toEqual(['reporting']);
    expect(await stage.sql`SELECT 1 FROM admin_audit_log`).toHaveLength(2);
  });

  test('never an address, and nobody under a name of ours', async () => {
    await stage.sql`TRUNCATE admin_audit_log`;
    for (const sub of ['jane.doe@example.com', 'admin-token', 'login-link', 'a\u0000b', 'ü', 'x'.repeat(4000)]) {
      for (let n = 0; n < 2; n++) {
        expect((await withToken(`${base}/config`, await provider.sign({ sub }))).status).toBe(200);
      }
    }
    const actors = await actorsOf(200);
    expect(actors).toHaveLength(6);
    for (const actor of actors) expect(actor).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(stage.logged.filter(({ event }) => event === 'audit_write_failed')).toEqual([]);
  });
});

describe('keys', () => {
  test('a new one is found, once the pause is over, and the old one is no longer believed', async () => {
    const old = await provider.accessToken('automation');
    expect((await withToken(`${base}/config`, old)).status).toBe(200);
    await provider.rotate();
    ahead += later;
    const renewed = await provider.accessToken('automation');
    expect((await withToken(`${base}/config`, renewed)).status).toBe(200);
    expect((await withToken(`${base}/config`, old)).status).toBe(401);
  });

  test('a token that names no key is good with any one that is published', async () => {
    const before = await provider.sign({}, {}, 'kid');
    await provider.rotate('published');
    ahead += later;
    const unknown = await provider.sign({}, { kid: 'unheard-of' });
    expect((await withToken(`${base}/config`, unknown)).status).toBe(401);
    for (const token of [before, await provider.sign({}, {}, 'kid')]) {
      expect((await withToken(`${base}/config`, token)).status).toBe(200);
    }
    const [header = '', , signature = ''] = before.split('.');
    const payload = Buffer.from(JSON.stringify({ iss: provider.issuer, sub: 'mallory' })).toString('base64url');
    expect((await withToken(`${base}/config`, `${header}.${payload}.${signature}`)).status).toBe(401);
  });

  test('many requests at once find it too', async () => {
    await provider.rotate();
    ahead += later;
    const token = await provider.accessToken('automation');
    const answers = await Promise.all(Array.from({ length: 20 }, () => withToken(`${base}/config`, token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('strangers do not make the API ask again and again', async () => {
    ahead += later;
    await withToken(`${base}/config`, await provider.sign({}, { kid: 'one' }));
    const before = provider.asked.length;
    for (const kid of ['two', 'three']) await withToken(`${base}/config`, await provider.sign({}, { kid }));
    await withToken(`${base}/config`, await provider.sign({ iss: 'https://evil.test' }, { kid: 'four' }));
    expect(provider.asked.length).toBe(before);
  });
});

describe('an identity provider that is away', () => {
  test.each(['down', 'failing', 'silent'] as const)(
    '%s: 503 with a time to come again, never 401 or 500',
    async (mode) => {
      const token = await provider.accessToken('automation');
      const cut = await openStage(Date.now(), provider.environment);
      try {
        provider.become(mode);
        const started = Date.now();
        const answer = await cut.call(`${base}/config`, { headers: { Authorization: `Bearer ${token}` } });
        expect(Date.now() - started).toBeLessThan(5000);
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toBe('5');
        expect(await answer.json()).toMatchObject({ type: 'urn:command-center:problem:identity_unavailable' });
        expect(cut.logged.map(({ event }) => event)).toEqual(['identity_unavailable']);
        expect((await cut.ask(`${base}/config`)).status).toBe(200);
      } finally {
        provider.become('up');
        await cut.close();
      }
    },
  );

  test('known keys go on for ten minutes, and a retry finds it again', async () => {
    const token = await provider.sign({ exp: Math.floor((Date.now() + ahead + 2 * muchLater) / 1000) });
    expect((await withToken(`${base}/config`, token)).status).toBe(200);
    provider.become('down');
    ahead += 300_000;
    expect((await withToken(`${base}/config`, token)).status).toBe(200);
    ahead += muchLater;
    expect((await withToken(`${base}/config`, token)).status).toBe(503);
    provider.become('up');
    expect((await withToken(`${base}/config`, token)).status).toBe(503);
    ahead += later;
    expect((await withToken(`${base}/config`, token)).status).toBe(200);
  });

  test('one that says that it is another issuer is not believed', async () => {
    const other = await openStage(Date.now(), {
      ...provider.environment,
      COMMAND_CENTER_OIDC_ISSUER: `${provider.issuer}/`,
    });
    try {
      const token = await provider.sign({ iss: `${provider.issuer}/` });
      const answer = await other.call(`${base}/config`, { headers: { Authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(503);
      expect(other.logged[0]?.message).toContain('they differ in the slash at the end');
    } finally {
      await other.close();
    }
  });
});
