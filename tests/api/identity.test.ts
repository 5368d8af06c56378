import { createLoginLink } from '@command-center/api/auth/loginLink';
import { createSessions } from '@command-center/api/auth/session';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminToken, base, openStage, origin, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
let stage: Stage;
beforeAll(async () => {
  stage = await openStage(now);
});
afterAll(() => stage.close());

async function newToken(): Promise<string> {
  const link = new URL(await createLoginLink(stage.sql, `${origin}/`));
  expect(link.pathname).toBe('/login');
  expect(link.search).toBe('');
  return new URLSearchParams(link.hash.slice(1)).get('token') ?? '';
}

function logIn(token: string, headers: Record<string, string> = { Origin: origin }, host = origin): Promise<Response> {
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ token }),
  };
  return Promise.resolve(stage.app.request(`${host}/login`, init));
}

function cookieOf(answer: Response): string {
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('a login link works once (interfaces.md §2)', () => {
  test('its token lies in the database as a hash alone', async () => {
    const token = await newToken();
    const rows = await stage.sql`SELECT hash, kind, expires_at - now() AS left FROM admin_tickets`;
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(token.length).toBeGreaterThanOrEqual(43);
  });

  test('the first exchange opens a session, the second is refused', async () => {
    const token = await newToken();
    const first = await logIn(token);
    expect(first.status).toBe(204);
    const second = await logIn(token);
    expect(second.status).toBe(401);
    expect(second.headers.get('set-cookie')).toBeNull();
    const view = await stage.call(`${base}/summary`, { headers: { Cookie: cookieOf(first) } });
    expect(view.status).toBe(200);
  });

  test('of many who try at once, one gets in', async () => {
    const token = await newToken();
    const statuses = (await Promise.all(Array.from({ length: 8 }, () => logIn(token)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([204, 401, 401, 401, 401, 401, 401, 401]);
  });

  test('an expired one is refused and gone', async () => {
    const token = await newToken();
    await stage.sql`UPDATE admin_tickets SET expires_at = now() - interval '1 second'`;
    const [{ before } = { before: 0 }] = await stage.sql`SELECT count(*)::integer AS before FROM admin_tickets`;
    expect((await logIn(token)).status).toBe(401);
    expect(await stage.sql`SELECT 1 FROM admin_tickets`).toHaveLength(before - 1);
  });

  test('a made-up one is refused', async () => {
    expect((await logIn('x'.repeat(43))).status).toBe(401);
  });

  test.each([
    ['no body', '', 'application/json', 400],
    ['no JSON', '{', 'application/json', 400],
    ['another type', '{"token":1}', 'application/json', 400],
    ['an extra member', `{"token":"${'x'.repeat(43)}","next":"/"}`, 'application/json', 400],
    ['a form', 'token=x', 'application/x-www-form-urlencoded', 415],
    ['too much', JSON.stringify({ token: 'x'.repeat(5000) }), 'application/json', 413],
  ])('%s is refused', async (_what, body, type, status) => {
    const answer = await stage.call('/login', {
      method: 'POST',
      headers: { 'Content-Type': type, Origin: origin },
      body,
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('the session cookie', () => {
  test('is HttpOnly, SameSite=Strict, for the whole site, for 8 hours, and Secure', async () => {
    const cookie = (await logIn(await newToken())).headers.get('set-cookie') ?? '';
    expect(cookie.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Max-Age=28800',
      'Path=/',
      'SameSite=Strict',
      'Secure',
    ]);
  });

  test.each(['http://127.0.0.1:4319', 'http://localhost:4319', 'http://[::1]:4319'])(
    'is not Secure on %s, where browsers would drop it',
    async (host) => {
      const cookie = (await logIn(await newToken(), { Origin: host }, host)).headers.get('set-cookie') ?? '';
      expect(cookie).toContain('HttpOnly');
      expect(cookie).not.toContain('Secure');
    },
  );

  test('is Secure on loopback over TLS', async () => {
    const host = 'https://localhost:4319';
    expect((await logIn(await newToken(), { Origin: host }, host)).headers.get('set-cookie')).toContain('Secure');
  });

  test('ends after 8 hours, and cannot be changed or made elsewhere', async () => {
    const url = new URL(origin);
    const at = (ms: number, secret = 'a-secret-for-tests-of-at-least-32-characters') =>
      createSessions(secret, () => ms);
    const status = async (setCookie: string) =>
      (await stage.call(`${base}/config`, { headers: { Cookie: setCookie.split(';')[0] ?? '' } })).status;
    const hour = 3_600_000;
    expect(await status(await at(now - 8 * hour + 1000).open('someone', url))).toBe(200);
    expect(await status(await at(now - 8 * hour).open('someone', url))).toBe(401);
    expect(await status(await at(now, 'another-secret-of-at-least-32-characters').open('someone', url))).toBe(401);
    const good = await at(now).open('someone', url);
    const value = /=([^;]+)/.exec(good)?.[1] ?? '';
    for (const index of [0, 20, value.length - 3]) {
      const changed = `${value.slice(0, index)}${value[index] === 'A' ? 'B' : 'A'}${value.slice(index + 1)}`;
      expect(await status(`command_center_session=${changed}`)).toBe(401);
    }
  });

  test('goes at logout', async () => {
    const answer = await stage.call('/logout', { method: 'POST', headers: { Origin: origin } });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toMatch(/^command_center_session=; Max-Age=0; Path=\/; HttpOnly/);
  });

  test('a good token wins over a bad cookie', async () => {
    const answer = await stage.ask(`${base}/config`, { headers: { Cookie: 'command_center_session=AAAA' } });
    expect(answer.status).toBe(200);
  });
});

describe('what changes state must come from our own pages', () => {
  test.each([
    ['no Origin', {}],
    ['another site', { Origin: 'https://evil.test' }],
    ['a sandboxed page', { Origin: 'null' }],
    ['another port', { Origin: `${origin}:8080` }],
  ])('%s', async (_what, headers) => {
    const token = await newToken();
    expect((await logIn(token, headers as Record<string, string>)).status).toBe(403);
    expect((await stage.call('/logout', { method: 'POST', headers: headers as Record<string, string> })).status).toBe(
      403,
    );
    expect((await logIn(token)).status).toBe(204);
  });

  test('a session cannot be used for writing from elsewhere, a script with the token needs no Origin', async () => {
    const session = cookieOf(await logIn(await newToken()));
    const foreign = { Cookie: session, Origin: 'https://evil.test' };
    expect((await stage.call(`${base}/config`, { method: 'POST', headers: foreign })).status).toBe(403);
    const script = { Authorization: `Bearer ${adminToken}` };
    expect((await stage.call(`${base}/config`, { method: 'POST', headers: script })).status).toBe(405);
  });
});

test('without a configured token no bearer token is good', async () => {
  const closed = await openStage(now, { COMMAND_CENTER_ADMIN_TOKEN: '' });
  try {
    for (const token of ['undefined', '', adminToken]) {
      const answer = await closed.call(`${base}/config`, { headers: { Authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(401);
    }
  } finally {
    await closed.close();
  }
});
