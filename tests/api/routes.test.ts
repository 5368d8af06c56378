import { problem } from '@command-center/contract/api/primitives';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { badQueries, routes, views } from './routeTable.ts';
import { adminToken, base, openStage, origin, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
/** Without the sign-in, which leads elsewhere and is there only with an identity provider (signIn.test.ts). */
const pages = routes.filter(({ method, path, isView }) => !isView && method === 'GET' && !path.startsWith('/auth/'));

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(now);
});
afterAll(() => stage.close());

async function problemIn(answer: Response) {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const body = problem.parse(await answer.json());
  expect(body.status).toBe(answer.status);
  return body;
}

describe('the table of routes is whole', () => {
  test('no route stands outside it', () => {
    const known = routes.map(({ method, path }) => `${method} ${path}`);
    const served = stage.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(served)].sort()).toEqual([...known].sort());
  });

  test('the OpenAPI document describes each of them', async () => {
    const answer = await stage.call('/openapi.json');
    const document = (await answer.json()) as { openapi: string; paths: Record<string, Record<string, unknown>> };
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const own = routes.filter(({ path }) => path !== '/openapi.json' && path !== '/docs');
    expect(described.sort()).toEqual(own.map(({ method, path }) => `${method} ${path}`).sort());
  });
});

describe('without identity there is nothing to see (interfaces.md §1)', () => {
  test.each(views)('$method $path', async ({ method, path, query }) => {
    for (const headers of [
      {},
      { Authorization: `Bearer ${adminToken}x` },
      { Authorization: `Basic ${btoa(`admin:${adminToken}`)}` },
      { Authorization: 'Bearer ' },
      { Cookie: 'command_center_session=AAAA' },
    ]) {
      const answer = await stage.call(`${path}${query}`, { method, headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
      await problemIn(answer);
    }
  });

  test('paths that do not exist are not told apart', async () => {
    expect((await stage.call(`${base}/secrets`)).status).toBe(401);
    expect((await stage.call(`${base}`)).status).toBe(401);
  });
});

describe('with the admin token every view answers', () => {
  const read = views.filter(({ method }) => method === 'GET');

  test.each(read)('$method $path', async ({ path, query }) => {
    const answer = await stage.ask(`${path}${query}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toMatch(/^(no-store|private, no-cache)$/);
  });

  test.each(read)('HEAD $path', async ({ path, query }) => {
    const answer = await stage.ask(`${path}${query}`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });

  test('a path that does not exist is 404', async () => {
    const answer = await stage.ask(`${base}/secrets`);
    expect(answer.status).toBe(404);
    await problemIn(answer);
  });
});

describe('a method that is not served is 405 and says which are', () => {
  const served = Map.groupBy(routes, (route) => route.path);
  const others = [...served].flatMap(([path, known]) =>
    ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
      .filter((method) => !known.some((route) => route.method === method))
      .map((method) => ({ method, path })),
  );
  test.each(others)('$method $path', async ({ method, path }) => {
    const answer = await stage.ask(path, { method, headers: { Origin: origin } });
    expect(answer.status).toBe(405);
    const allowed = answer.headers.get('allow')?.split(', ') ?? [];
    for (const { method: known } of served.get(path) ?? []) expect(allowed).toContain(known);
    expect(allowed).not.toContain(method);
    await problemIn(answer);
  });

  test('GET of a POST route', async () => {
    const answer = await stage.call('/logout');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a bad value is 400 and the parameter is named', () => {
  test.each(badQueries)('%s?%s', async (endpoint, query, parameter) => {
    const answer = await stage.ask(`${base}/${endpoint}?${query}`);
    expect(answer.status).toBe(400);
    const body = await problemIn(answer);
    expect(body.parameter).toBe(parameter);
  });

  test('good values at the bounds are not refused', async () => {
    for (const query of [
      'limit=1',
      'limit=100',
      `search=${'x'.repeat(200)}`,
      'from=2026-02-08T12:30:30Z',
      `from=${now - 30 * 86_400_000}&to=${now}`,
    ]) {
      expect((await stage.ask(`${base}/logs?${query}`)).status).toBe(200);
    }
  });

  test('a from beyond the 30-day line is answered from the line on', async () => {
    const answer = await stage.read(`${base}/intake?from=2026-01-20T00:00:00Z&to=2026-02-10T00:00:00Z`);
    expect(answer).toMatchObject({ from: '2026-02-08T12:30:30.000Z', to: '2026-02-10T00:00:00.000Z' });
  });
});

describe('pages without identity', () => {
  test.each(pages)('$path', async ({ path }) => {
    const answer = await stage.call(path);
    expect(answer.status).toBe(200);
    const body = await answer.text();
    expect(body).not.toMatch(/(src|href)="https?:/);
  });

  test('nobody signs in where no identity provider is configured', async () => {
    for (const path of ['/auth/start', '/auth/callback?code=a&state=b']) {
      const answer = await stage.call(path);
      expect(answer.status).toBe(404);
      expect((await problemIn(answer)).detail).toContain('COMMAND_CENTER_OIDC_CLIENT_ID');
    }
    expect(await (await stage.call('/login')).text()).not.toContain('/auth/start');
  });

  test('security headers stand on every answer', async () => {
    for (const path of ['/login', '/docs', '/nothing', `${base}/summary`]) {
      const { headers } = await stage.call(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
    }
  });

  test('the policy of a page allows its own script and style by digest', async () => {
    const answer = await stage.call('/login');
    const html = await answer.text();
    for (const [tag, directive] of [
      ['script', 'script-src'],
      ['style', 'style-src'],
    ]) {
      const [, content = ''] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html) ?? [];
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(content)));
      expect(answer.headers.get('content-security-policy')).toContain(
        `${directive} 'sha256-${Buffer.from(digest).toString('base64')}'`,
      );
    }
  });
});

describe('other origins', () => {
  test('CORS stays closed unless configured', async () => {
    const answer = await stage.ask(`${base}/config`, { headers: { Origin: 'https://elsewhere.test' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a configured origin may read, another may not', async () => {
    const open = await openStage(now, { COMMAND_CENTER_ALLOWED_ORIGINS: 'https://console.example.com' });
    try {
      const allowed = await open.ask(`${base}/config`, { headers: { Origin: 'https://console.example.com' } });
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://console.example.com');
      const other = await open.ask(`${base}/config`, { headers: { Origin: 'https://elsewhere.test' } });
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
      const preflight = await open.call(`${base}/config`, {
        method: 'OPTIONS',
        headers: {
          Origin: 'https://console.example.com',
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'authorization',
        },
      });
      expect(preflight.status).toBe(204);
    } finally {
      await open.close();
    }
  });
});

test('a large answer is compressed for those who accept it', async () => {
  const answer = await stage.ask(`${base}/config`, { headers: { 'Accept-Encoding': 'gzip' } });
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  const plain = new Response(answer.body?.pipeThrough(new DecompressionStream('gzip')));
  expect(await plain.json()).toMatchObject({ version: '0.0.0-test', retention_days: 30 });
});
