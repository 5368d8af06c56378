import type { AttributeValue } from '@command-center/sidecar/decode/records';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attributes, spansOf } from './requests.ts';
import { type StoredSpan, storedSpans } from './rows.ts';
import { accepted, doors, send } from './send.ts';
import { openStage, type Stage } from './stage.ts';

const [SERVER, CLIENT, CONSUMER] = [2, 3, 5] as const;
const [UNSET, OK, ERROR] = [0, 1, 2] as const;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

type Attributes = Readonly<Record<string, AttributeValue>>;

/** The row of one span that was sent through every door: as it is the same one, it must be one row. */
async function stored(
  service: string,
  values: Attributes,
  more: Parameters<typeof spansOf>[1][number] = {},
): Promise<StoredSpan> {
  const tree = spansOf(service, [{ attributes: attributes(values), ...more }]);
  for (const door of doors) expect(await send(stage, door, 'traces', tree)).toMatchObject(accepted);
  const [row, ...others] = await storedSpans(stage.sql);
  if (row === undefined) throw new Error('not stored');
  expect(others).toEqual([]);
  return row;
}

describe('the route (semantic conventions, "HTTP spans")', () => {
  it.each(['/rooms/{id}/members', '/rooms/:id/members', '/'])(
    'is http.route, a template already: %s',
    async (route) => {
      expect((await stored('routed', { 'http.route': route, 'url.path': '/rooms/42/members' })).route).toBe(route);
    },
  );

  it.each([
    ['url.path', { 'url.path': '/rooms/42/members' }],
    ['its older name http.target, whose query goes', { 'http.target': '/rooms/42/members?token=abc' }],
    ['the stable name where both are there', { 'url.path': '/rooms/42/members', 'http.target': '/rooms/members/42' }],
  ])('else %s, templated by the known routes of the service', async (_what, values) => {
    await stored('learning', { 'http.route': '/rooms/{id}/members' });
    await stage.clear();
    const { route } = await stored('learning', values);
    expect(route).toBe('/rooms/{}/members');
  });

  it('of a path that matches no known route is _OTHER: scanners cost one value', async () => {
    for (const path of ['/wp-admin/setup.php', '/.env']) {
      expect((await stored('scanned', { 'url.path': path })).route).toBe('_OTHER');
      await stage.clear();
    }
  });

  it('is none where the span has neither', async () => {
    expect((await stored('routeless', {})).route).toBeNull();
  });

  it('holds no ids, also where the sender put them into http.route', async () => {
    const { route } = await stored('ids', {
      'http.route': '/rooms/6ba7b810-9dad-11d1-80b4-00c04fd430c8/members/123456',
    });
    expect(route).not.toMatch(/6ba7b810|123456/);
  });
});

describe('the status', () => {
  it.each([
    ['http.response.status_code', { 'http.response.status_code': 404n }, '404'],
    ['its older name http.status_code', { 'http.status_code': 404n }, '404'],
    ['the stable one of both', { 'http.response.status_code': 404n, 'http.status_code': 500n }, '404'],
    ['a code sent as text', { 'http.response.status_code': '204' }, '204'],
    ['rpc.response.status_code', { 'rpc.system.name': 'grpc', 'rpc.response.status_code': 'NOT_FOUND' }, 'NOT_FOUND'],
    ['its older name rpc.grpc.status_code', { 'rpc.system': 'grpc', 'rpc.grpc.status_code': 5n }, '5'],
    ['the HTTP code before that of RPC', { 'http.response.status_code': 200n, 'rpc.grpc.status_code': 5n }, '200'],
  ])('is %s', async (_what, values, statusCode) => {
    expect((await stored('status', values, { statusCode: OK })).status_code).toBe(statusCode);
  });

  it.each([
    ['ERROR', ERROR, 'ERROR'],
    ['OK', OK, 'OK'],
    ['unset', UNSET, null],
  ])('else the status of the span: %s', async (_what, statusCode, expected) => {
    expect((await stored('status', {}, { statusCode })).status_code).toBe(expected);
  });

  it.each([0n, 99n, 600n, 'abc', -1n])('%s is no HTTP status: as if there were none', async (code) => {
    expect((await stored('status', { 'http.response.status_code': code }, { statusCode: ERROR })).status_code).toBe(
      'ERROR',
    );
  });
});

describe('an error', () => {
  it.each([
    ['status ERROR', {}, ERROR, true],
    ['status ERROR whatever HTTP says', { 'http.response.status_code': 200n }, ERROR, true],
    ['HTTP 500', { 'http.response.status_code': 500n }, UNSET, true],
    ['HTTP 503 by its older name', { 'http.status_code': 503n }, UNSET, true],
    ['HTTP 599 although the span says OK', { 'http.response.status_code': 599n }, OK, true],
  ])('is %s', async (_what, values, statusCode, isError) => {
    expect((await stored('errors', values, { statusCode })).is_error).toBe(isError);
  });

  it.each([
    ['HTTP 404', { 'http.response.status_code': 404n }, UNSET],
    ['HTTP 499', { 'http.response.status_code': 499n }, UNSET],
    ['an RPC status alone', { 'rpc.response.status_code': 'NOT_FOUND' }, UNSET],
    ['an error.type alone', { 'error.type': 'timeout' }, UNSET],
  ])('is not %s', async (_what, values, statusCode) => {
    expect((await stored('errors', values, { statusCode })).is_error).toBe(false);
  });
});

describe('spans of other systems', () => {
  it('RPC: the method is the name', async () => {
    const values = { 'rpc.system.name': 'grpc', 'rpc.method': 'chat.Rooms/Join', 'rpc.response.status_code': 'OK' };
    expect(await stored('rpc', values, { name: 'chat.Rooms/Join' })).toMatchObject({
      ...{ span_name: 'chat.Rooms/Join', status_code: 'OK', route: null, is_error: false },
    });
  });

  it('messaging: a consumer', async () => {
    const values = {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.operation': 'process',
    };
    expect(await stored('messaging', values, { name: 'process orders', kind: CONSUMER })).toMatchObject({
      ...{ span_name: 'process orders', status_code: null, route: null },
    });
  });

  it.each([
    [
      'by its stable names',
      { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT', 'db.collection.name': 'users' },
    ],
    ['by its older names', { 'db.system': 'postgresql', 'db.operation': 'SELECT', 'db.sql.table': 'users' }],
  ])('database, %s: operation and collection are the name, never the statement', async (_what, values) => {
    const statement = "SELECT * FROM users WHERE email = 'ann@example.com'";
    const all = { ...values, 'db.query.text': statement, 'db.statement': statement };
    const row = await stored('database', all, { name: statement, kind: CLIENT, statusCode: ERROR });
    expect(row).toMatchObject({ span_name: 'SELECT users', domain: 'db', status_code: 'ERROR', is_error: true });
    expect(JSON.stringify(row)).not.toMatch(/ann@example|WHERE/);
  });

  it('a name that is the resolved path shows the route', async () => {
    const row = await stored(
      'path-names',
      { 'http.route': '/rooms/{id}', 'url.path': '/rooms/42' },
      { name: 'GET /rooms/42', kind: SERVER },
    );
    expect(row).toMatchObject({ span_name: 'GET /rooms/{id}', route: '/rooms/{id}' });
  });
});
