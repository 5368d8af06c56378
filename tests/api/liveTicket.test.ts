import { createHash } from 'node:crypto';
import { liveTicket } from '@command-center/contract/api/live';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProvider, type TestProvider } from '../oidc/provider.ts';
import { adminToken, base, openStage, origin, type Stage } from './stage.ts';

const path = `${base}/live/ticket`;
const now = Date.now();

let provider: TestProvider;
let stage: Stage;
beforeAll(async () => {
  provider = await startProvider();
  stage = await openStage(now, provider.environment);
});
afterAll(async () => {
  await stage.close();
  await provider.close();
});

const bearer = (token: string) => ({ method: 'POST', headers: { Authorization: `Bearer ${token}` } });

async function keptOf(ticket: string) {
  const hash = createHash('sha256').update(ticket).digest();
  const [row] = await stage.sql`
    SELECT kind, subject, extract(epoch FROM expires_at - now())::double precision AS left_s, identity_ends_at
    FROM admin_tickets WHERE hash = ${hash}`;
  return row;
}

test('an admin gets a ticket for 30 s, of which the database keeps the hash and whose it is', async () => {
  const answer = await stage.call(path, bearer(adminToken));
  expect(answer.status).toBe(200);
  const { ticket, expires_at } = liveTicket.parse(await answer.json());
  const kept = await keptOf(ticket);
  expect(kept).toMatchObject({ kind: 'live', subject: 'admin-token', identity_ends_at: null });
  expect(kept?.left_s).toBeGreaterThan(20);
  expect(kept?.left_s).toBeLessThanOrEqual(30);
  expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(31_000);
  const [{ text } = { text: '' }] = await stage.sql<
    { text: string }[]
  >`SELECT string_agg(t::text, '') AS text FROM admin_tickets t`;
  expect(text).not.toContain(ticket);
});

test('a ticket of an access token knows when that ends', async () => {
  const token = await provider.accessToken('automation');
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp: number };
  const { ticket } = liveTicket.parse(await (await stage.call(path, bearer(token))).json());
  expect((await keptOf(ticket))?.identity_ends_at).toEqual(new Date(exp * 1000));
});

test('two tickets are two', async () => {
  const tickets = await Promise.all(
    [1, 2].map(async () => liveTicket.parse(await (await stage.call(path, bearer(adminToken))).json())),
  );
  expect(tickets[0]?.ticket).not.toBe(tickets[1]?.ticket);
});

test('nobody else gets one: 401 without identity, 403 without the role or from a foreign page, both with the role named to the audit log', async () => {
  expect((await stage.call(path, { method: 'POST' })).status).toBe(401);
  const without = await provider.accessToken('reporting');
  expect((await stage.call(path, bearer(without))).status).toBe(403);
  const foreign = { ...bearer(adminToken), headers: { ...bearer(adminToken).headers, Origin: 'https://evil.test' } };
  expect((await stage.call(path, foreign)).status).toBe(403);
  expect((await stage.call(path, { ...foreign, headers: { ...foreign.headers, Origin: origin } })).status).toBe(200);
  const refused =
    await stage.sql`SELECT actor, count FROM admin_audit_log WHERE endpoint = ${path} AND status = 403 ORDER BY actor`;
  expect(refused.map(({ actor }) => actor)).toEqual(['admin-token', expect.stringMatching(/./)]);
});
