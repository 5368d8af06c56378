import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
let clock = now;
let stage: Stage;
beforeAll(async () => {
  stage = await openStage(() => clock);
  await seedDays(stage.sql, now, now);
});
afterAll(() => stage.close());

async function tagOf(path: string): Promise<string> {
  const answer = await stage.ask(`${base}${path}`);
  expect(answer.status).toBe(200);
  return answer.headers.get('etag') ?? '';
}

const ask = (path: string, tag: string, headers: Record<string, string> = {}) =>
  stage.ask(`${base}${path}`, { headers: { ...headers, 'If-None-Match': tag } });

describe('a poll that finds nothing new is a 304 (RFC 9110 §13)', () => {
  test.each(['/logs?range=1h', '/traces', '/trends?metric=kaiku_http_requests_total', '/intake', '/config'])(
    '%s',
    async (path) => {
      const tag = await tagOf(path);
      expect(tag).toMatch(/^W\/"[\w-]{22,40}"$/);
      for (const encoding of ['gzip', 'identity']) {
        const answer = await ask(path, tag, { 'Accept-Encoding': encoding });
        expect(answer.status).toBe(304);
        expect(await answer.text()).toBe('');
        expect(answer.headers.get('etag')).toBe(tag);
        expect(answer.headers.get('cache-control')).toBe('private, no-cache');
        expect(answer.headers.get('content-encoding')).toBeNull();
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      }
    },
  );

  test.each(['/logs?range=1h', '/logs?group=1&range=1h&limit=1', '/traces?limit=1'])(
    '%s: time that passes without new rows changes nothing',
    async (path) => {
      for (const event of ['a', 'b', 'c'])
        await stage.sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
          VALUES (gen_random_uuid(), ${new Date(now - 60_000)}, 'ERROR', 'orders', 'db', ${event}, 'x')`;
      const tag = await tagOf(path);
      clock += 15_000;
      const answer = await ask(path, tag);
      expect(answer.status).toBe(304);
      clock = now;
    },
  );

  test('what is new is answered whole, under another tag', async () => {
    const tag = await tagOf('/logs');
    await stage.sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
      VALUES (gen_random_uuid(), ${new Date(now - 1000)}, 'ERROR', 'orders', 'db', 'query_failed', 'x')`;
    const answer = await ask('/logs', tag, { 'Accept-Encoding': 'gzip' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).not.toBe(tag);
  });

  test('what is kept is good for its asker alone, and never without identity', async () => {
    const tag = await tagOf('/config');
    const kept = await stage.ask(`${base}/config`);
    expect(kept.headers.get('vary')?.split(', ').sort()).toEqual(['Accept-Encoding', 'Authorization', 'Cookie']);
    const stranger = await stage.call(`${base}/config`, { headers: { 'If-None-Match': tag } });
    expect([stranger.status, stranger.headers.get('etag')]).toEqual([401, null]);
    expect(stranger.headers.get('cache-control')).toBe('no-store');
  });

  test('a refusal and a summary are not kept', async () => {
    for (const path of ['/logs?limit=0', '/summary']) {
      const answer = await stage.ask(`${base}${path}`);
      expect([answer.headers.get('etag'), answer.headers.get('cache-control')]).toEqual([null, 'no-store']);
    }
  });
});
