import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addRoute,
  isProbeRoute,
  knownRoutes,
  maxKnownRoutes,
  maxRouteLength,
  normaliseRoute,
  templatePath,
} from './routes.ts';

const id = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

describe('http.route as sent (contract.md §1)', () => {
  it.each([
    ['/api/v1/guilds/{guild_id}', '/api/v1/guilds/{guild_id}'],
    ['/users/:id/posts', '/users/:id/posts'],
    ['/static/*', '/static/*'],
    ['/', '/'],
    ['users/list', 'users/list'],
    ['/api/v2/oauth2', '/api/v2/oauth2'],
    ['/guilds/5/channels/12345', '/guilds/{}/channels/{}'],
    [`/files/${id}`, '/files/{}'],
    [`/files/${id.toUpperCase()}/meta`, '/files/{}/meta'],
    [`/files/avatar-${id}.png`, '/files/avatar-{}.png'],
    ['/commits/9fceb02d0ae598e95dc970b74767f19372d61af8', '/commits/{}'],
    ['/objects/deadbeef', '/objects/{}'],
    ['/messages/m175928847299117063', '/messages/m{}'],
    ['/search?q=secret', '/search'],
    ['/a;jsessionid=AB12/b', '/a/b'],
    ['https://user:pw@host/a/7', '/a/{}'],
    ['', '_OTHER'],
    ['?q=1', '_OTHER'],
  ])('%s is %s', (route, expected) => {
    expect(normaliseRoute(route)).toBe(expected);
  });

  it('is at most 120 characters, cut between segments', () => {
    const long = normaliseRoute(`/${'segment/'.repeat(300)}`);
    expect(long.length).toBeLessThanOrEqual(maxRouteLength);
    expect(long.endsWith('/segment/*')).toBe(true);
  });

  it('keeps no id, changes nothing the second time, and stays within its bound', () => {
    const part = fc.oneof(
      fc.uuid(),
      fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
      fc.stringMatching(/^[0-9a-f]{8,40}$/),
      fc.stringMatching(/^[a-z{}:._~;%-]{0,12}$/),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const once = normaliseRoute(`/${parts.join('/')}`);
        expect(normaliseRoute(once)).toBe(once);
        expect(once.length).toBeLessThanOrEqual(maxRouteLength);
        expect(once).not.toMatch(/\d{15}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i);
        for (const segment of once.split('/')) expect(segment).not.toMatch(/^\d+$/);
      }),
    );
  });
});

describe('a resolved path against the known routes of its service (contract.md §1)', () => {
  const known = knownRoutes([
    '/',
    '/api/v1/guilds/{guild_id}',
    '/api/v1/guilds/:guild_id/channels',
    '/api/v1/users/me',
    '/api/v1/users/<int:id>',
    '/static/*',
    '/docs/{path...}',
  ]);

  it.each([
    ['/', '/'],
    ['/api/v1/guilds/42', '/api/v1/guilds/{}'],
    ['/api/v1/guilds/any-name', '/api/v1/guilds/{}'],
    ['/api/v1/guilds/42/', '/api/v1/guilds/{}'],
    ['/api/v1/guilds/42/channels?limit=5', '/api/v1/guilds/{}/channels'],
    ['/api/v1/users/me', '/api/v1/users/me'],
    ['/api/v1/users/alice%40example.com', '/api/v1/users/{}'],
    ['/static/css/a/b.css', '/static/{}'],
    ['/docs/a/b/c', '/docs/{}'],
    ['/wp-login.php', '_OTHER'],
    ['/api/v1/guilds/42/secrets', '_OTHER'],
    ['/api/v1', '_OTHER'],
    ['', '_OTHER'],
  ])('%s is %s', (path, expected) => {
    expect(templatePath(path, known)).toBe(expected);
  });

  it('is _OTHER while no route is known, so a scanner costs one series', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        expect(templatePath(path, knownRoutes())).toBe('_OTHER');
      }),
    );
  });

  it('makes at most one series a known route, whatever is asked for', () => {
    const segment = fc.oneof(fc.constantFrom('api', 'v1', 'guilds', 'users', 'me', 'channels', 'static'), fc.string());
    const results = new Set<string>();
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), (parts) => {
        results.add(templatePath(`/${parts.join('/')}`, known));
        expect(results.size).toBeLessThanOrEqual(8);
      }),
      { numRuns: 2_000 },
    );
  });

  it('prefers the literal, and goes back to the parameter where the literal leads nowhere', () => {
    const routes = knownRoutes(['/a/b/c', '/a/{x}/d']);
    expect(templatePath('/a/b/c', routes)).toBe('/a/b/c');
    expect(templatePath('/a/b/d', routes)).toBe('/a/{}/d');
  });

  it(`knows at most ${maxKnownRoutes} routes, each once`, () => {
    const routes = knownRoutes();
    const added = Array.from({ length: maxKnownRoutes + 1 }, (_, index) => addRoute(routes, `/r${index}`));
    expect(added.filter(Boolean)).toHaveLength(maxKnownRoutes);
    expect(addRoute(knownRoutes(['/a']), '/a')).toBe(false);
    expect(addRoute(routes, '')).toBe(false);
  });

  it('reads hostile input in linear time', () => {
    const deep = `/${'{}/'.repeat(100_000)}`;
    expect(templatePath(deep, known)).toBe('_OTHER');
    expect(normaliseRoute(`/${'a'.repeat(1_000_000)}`).length).toBeLessThanOrEqual(maxRouteLength);
  });
});

describe('probe routes', () => {
  it.each(['/health', '/healthz', '/health/ready', '/livez', '/readyz', '/metrics', '/ping', '/ping/'])(
    '%s',
    (route) => {
      expect(isProbeRoute(route)).toBe(true);
    },
  );
  it.each(['/api/health', '/metrics/daily', '/pinger', '/', '_OTHER'])('not %s', (route) => {
    expect(isProbeRoute(route)).toBe(false);
  });
});
