import { defaultContract } from '@command-center/contract/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seedDays } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
/** No test takes as long. */
const heldMs = 3_600_000;
let stage: Stage;
beforeEach(async () => {
  stage = await openStage(now, {}, defaultContract, undefined, heldMs);
  await seedDays(stage.sql, now, now);
});
afterEach(() => stage.close());

const path = `${base}/logs?range=1h`;
const anew = { headers: { 'Cache-Control': 'no-cache' } };

async function addLog(message: string): Promise<void> {
  await stage.sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
    VALUES (gen_random_uuid(), ${new Date(now - 1_000)}, 'ERROR', 'orders', 'db', 'query_failed', ${message})`;
}

async function messages(answer: Response): Promise<string[]> {
  const body = (await answer.json()) as { items: { message: string }[] };
  return body.items.map(({ message }) => message);
}

describe('an answer that is held', () => {
  test('is given to whoever asks the same, and not to who asks for one of their own', async () => {
    await addLog('first');
    expect(await messages(await stage.ask(path))).toEqual(['first']);
    await addLog('second');
    expect(await messages(await stage.ask(path))).toEqual(['first']);
    expect(await messages(await stage.ask(`${path}&level=ERROR`))).toHaveLength(2);
    expect(await messages(await stage.ask(path, anew))).toHaveLength(2);
    expect(await messages(await stage.ask(path))).toHaveLength(2);
  });

  test('is given to nobody without an identity', async () => {
    expect((await stage.ask(path)).status).toBe(200);
    expect((await stage.call(path)).status).toBe(401);
    expect((await stage.call(path, { headers: { Authorization: 'Bearer wrong' } })).status).toBe(401);
  });

  test('is recorded each time, with the filters of the question', async () => {
    for (let n = 0; n < 3; n += 1) await stage.ask(`${base}/logs?level=ERROR&limit=5`);
    const [row] = await stage.sql`
      SELECT filters, sum(count)::integer AS count FROM admin_audit_log GROUP BY filters`;
    expect(row).toEqual({ filters: { level: 'ERROR', limit: '5' }, count: 3 });
  });

  test('has the headers of every answer, and its tag still makes a 304', async () => {
    const first = await stage.ask(path);
    const second = await stage.ask(path);
    expect([...second.headers]).toEqual([...first.headers]);
    expect(second.headers.get('x-frame-options')).toBe('DENY');
    const tag = second.headers.get('etag') ?? '';
    for (let n = 0; n < 2; n += 1) {
      const known = await stage.ask(path, { headers: { 'If-None-Match': tag } });
      expect([known.status, await known.text(), known.headers.get('etag')]).toEqual([304, '', tag]);
    }
  });

  test('is never a refusal: what was missing is found as soon as it is there', async () => {
    await stage.sql`ALTER TABLE telemetry_log_events RENAME TO telemetry_log_events_away`;
    expect((await stage.ask(path)).status).toBeGreaterThanOrEqual(500);
    await stage.sql`ALTER TABLE telemetry_log_events_away RENAME TO telemetry_log_events`;
    expect((await stage.ask(path)).status).toBe(200);
  });
});
