import { defaultContract } from '@command-center/contract/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seedDays, seedLogs } from './seed.ts';
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
const at = new Date(now - 1_000).toISOString();

/** As a batch does: the records, and their count in the minute of its start. */
async function batch(message: string, writer = 1): Promise<void> {
  await seedLogs(stage.sql, [{ ts: at, message }]);
  await stage.sql`INSERT INTO telemetry_intake AS i (minute, writer, signal, service, outcome, reason, name, count)
    VALUES (date_trunc('minute', now()), ${writer}, 'logs', 'orders', 'stored', '', '', 1)
    ON CONFLICT (minute, writer, signal, service, outcome, reason, name) DO UPDATE SET count = i.count + excluded.count`;
}

/** Past what is asked before the question counts as one that others ask too. */
async function asked(question: string): Promise<void> {
  for (let n = 0; n < 2; n += 1) expect((await stage.ask(question)).status).toBe(200);
}

/** Again where the minute ended meanwhile, which ends what is held. */
async function inOneMinute(work: () => Promise<void>): Promise<void> {
  const minute = async () => (await stage.sql`SELECT date_trunc('minute', now())::text AS minute`)[0]?.minute;
  for (;;) {
    const before = await minute();
    try {
      return await work();
    } catch (error) {
      if ((await minute()) === before) throw error;
    }
  }
}

async function messages(answer: Promise<Response>): Promise<string[]> {
  const body = (await (await answer).json()) as { items: { message: string }[] };
  return body.items.map(({ message }) => message);
}

describe('an answer that is held', () => {
  test('is given as long as nothing has arrived, within one minute of the database', async () => {
    await inOneMinute(async () => {
      await batch('a batch');
      await asked(path);
      // Past the count of what arrived: so it is seen what is held.
      const message = `by hand ${performance.now()}`;
      await seedLogs(stage.sql, [{ ts: at, message }]);
      expect(await messages(stage.ask(path))).not.toContain(message);
      expect(await messages(stage.ask(`${path}&level=ERROR`))).toContain(message);
    });
  });

  test('is given to nobody once a batch has arrived, whichever sidecar wrote it', async () => {
    for (const writer of [1, 1, 2, 3]) {
      await asked(path);
      const message = `writer ${writer} ${performance.now()}`;
      await batch(message, writer);
      expect(await messages(stage.ask(path))).toContain(message);
    }
  });

  test('gives way to a new summary', async () => {
    await asked(`${base}/summary`);
    const writtenAt = async () => ((await stage.read(`${base}/summary`)) as { written_at: string | null }).written_at;
    expect(await writtenAt()).toBeNull();
    await stage.sql`INSERT INTO telemetry_summary (written_at, writer, summary) VALUES (now(), 1, '{}')`;
    expect((await stage.ask(`${base}/summary`)).status).not.toBe(200);
  });

  test('is not given to who asks for one of their own', async () => {
    await asked(path);
    await seedLogs(stage.sql, [{ ts: at, message: 'by hand' }]);
    expect(await messages(stage.ask(path, { headers: { 'Cache-Control': 'no-cache' } }))).toEqual(['by hand']);
  });

  test('is given to nobody without an identity', async () => {
    await asked(path);
    expect((await stage.call(path)).status).toBe(401);
    expect((await stage.call(path, { headers: { Authorization: 'Bearer wrong' } })).status).toBe(401);
  });

  test('is recorded each time, with the filters of the question', async () => {
    const question = `${base}/logs?level=ERROR&limit=5`;
    await asked(question);
    await asked(question);
    const [row] = await stage.sql`
      SELECT filters, sum(count)::integer AS count FROM admin_audit_log GROUP BY filters`;
    expect(row).toEqual({ filters: { level: 'ERROR', limit: '5' }, count: 4 });
  });

  test('has the headers of every answer, and its tag still makes a 304', async () => {
    const first = await stage.ask(path);
    await asked(path);
    const held = await stage.ask(path);
    expect([...held.headers]).toEqual([...first.headers]);
    expect(held.headers.get('x-frame-options')).toBe('DENY');
    const tag = held.headers.get('etag') ?? '';
    for (let n = 0; n < 3; n += 1) {
      const known = await stage.ask(path, { headers: { 'If-None-Match': tag } });
      expect([known.status, await known.text(), known.headers.get('etag')]).toEqual([304, '', tag]);
    }
  });

  test('is never a refusal: what was missing is found as soon as it is there', async () => {
    await stage.sql`ALTER TABLE telemetry_log_events RENAME TO telemetry_log_events_away`;
    for (let n = 0; n < 3; n += 1) expect((await stage.ask(path)).status).toBeGreaterThanOrEqual(500);
    await stage.sql`ALTER TABLE telemetry_log_events_away RENAME TO telemetry_log_events`;
    expect((await stage.ask(path)).status).toBe(200);
  });
});
