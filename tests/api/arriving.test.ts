import { logs, traces } from '@command-center/contract/api/lists';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const hourMs = 3_600_000;
/** Rows that were there before the first page, and rows that arrive while pages are turned. */
const before = 1_000;
const arriving = 10_000;
const pieces = 20;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 3 * 86_400_000, now);
  await addLogs('there', before);
  await addSpans('there', before);
});
afterAll(() => stage.close());

/** Over two days and half an hour, many at one time: late ones lie between those that are there. */
const someTime = (n: string) => `timestamptz '2026-03-10T12:30:00Z' - interval '1 minute' * ((${n} * 7919) % 2910)`;

function addLogs(what: string, count: number) {
  return stage.sql.unsafe(
    `INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
     SELECT gen_random_uuid(), ${someTime('n')}, CASE n % 3 WHEN 0 THEN 'WARN' ELSE 'ERROR' END, 'orders', 'db', $1 || n, 'x' FROM generate_series(1, $2::integer) AS n`,
    [what, count],
  );
}

function addSpans(what: string, count: number) {
  return stage.sql.unsafe(
    `INSERT INTO telemetry_trace_index (trace_id, span_id, ts, span_name, domain, is_error, duration_ms, service)
     SELECT md5(random()::text), left(md5(random()::text), 16), ${someTime('n')}, $1 || n, 'db', true, 700, 'orders' FROM generate_series(1, $2::integer) AS n`,
    [what, count],
  );
}

const isThere = (name: string): boolean => name.startsWith('there');

/** Turns all pages while rows arrive: `add` runs between them and beside them. */
async function turn<T>(
  path: string,
  read: (body: unknown) => { readonly items: readonly T[]; readonly next_cursor: string | null },
  add: (what: string, count: number) => PromiseLike<unknown>,
): Promise<readonly T[]> {
  const found: T[] = [];
  const writes: PromiseLike<unknown>[] = [];
  let cursor: string | null = '';
  for (let page = 0; cursor !== null; page += 1) {
    if (page > 0 && page <= pieces) writes.push(add(`new${page}-`, arriving / pieces));
    const { items, next_cursor } = read(await stage.read(`${base}${path}${cursor === '' ? '' : `&cursor=${cursor}`}`));
    found.push(...items);
    cursor = next_cursor;
  }
  await Promise.all(writes);
  expect(writes).toHaveLength(pieces);
  return found;
}

describe('pages are stable while 10,000 rows arrive', () => {
  test.each(['/logs?range=7d&limit=40', '/logs?range=7d&level=ERROR&service=orders&limit=20'])('%s', async (path) => {
    const items = await turn(path, logs.parse, addLogs);
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    const times = items.map(({ ts }) => ts);
    expect(times).toEqual([...times].sort().reverse());
    const there = items.filter(({ event }) => isThere(event));
    expect(there).toHaveLength(path.includes('level') ? before - Math.floor(before / 3) : before);
  });

  test('/traces?range=7d&status=slow&limit=40', async () => {
    const items = await turn('/traces?range=7d&status=slow&limit=40', traces.parse, addSpans);
    expect(new Set(items.map(({ trace_id, span_id }) => trace_id + span_id)).size).toBe(items.length);
    expect(items.filter(({ span_name }) => isThere(span_name))).toHaveLength(before);
  });

  test('a first page and the one after it hold what one page of both would have held', async () => {
    const whole = logs.parse(await stage.read(`${base}/logs?range=7d&limit=100`)).items;
    const first = logs.parse(await stage.read(`${base}/logs?range=7d&limit=50`));
    await stage.sql.unsafe(
      `INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
       SELECT gen_random_uuid(), $1::timestamptz, 'ERROR', 'orders', 'db', 'newest', 'x' FROM generate_series(1, 10000)`,
      [new Date(now - 1_000).toISOString()],
    );
    const second = logs.parse(await stage.read(`${base}/logs?range=7d&limit=50&cursor=${first.next_cursor}`));
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    const again = logs.parse(await stage.read(`${base}/logs?range=7d&limit=50`)).items;
    expect(new Set(again.map(({ event }) => event))).toEqual(new Set(['newest']));
    expect(Date.parse(again[0]?.ts ?? '')).toBeGreaterThan(now - hourMs);
  });
});
