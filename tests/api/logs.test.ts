import { type LogItem, logs } from '@command-center/contract/api/lists';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LogSeed, seedDays, seedLogs } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const hex = (n: number, length: number) => n.toString(16).padStart(length, '0');
const at = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 31 * 86_400_000, now + 86_400_000);
});
afterAll(() => stage.close());

async function logPage(query: string) {
  return logs.parse(await stage.read(`${base}/logs?${query}`));
}

/** Follows the cursors to the end; `between` runs after each page. */
async function allLogs(query: string, between: () => Promise<void> = async () => {}): Promise<LogItem[]> {
  const found: LogItem[] = [];
  let cursor: string | null = null;
  do {
    const page = await logPage(`${query}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...page.items);
    cursor = page.next_cursor;
    await between();
  } while (cursor !== null);
  return found;
}

describe('/logs pages by (ts, id), newest first', () => {
  // Ten records share each instant, and an instant lies on a page's edge.
  const seeds: LogSeed[] = Array.from({ length: 57 }, (_, n) => ({
    id: uuid(n),
    ts: at(100 + Math.floor(n / 10)),
    service: 'paging',
    event: `event_${n % 3}`,
  }));

  beforeAll(() => seedLogs(stage.sql, seeds));

  test.each([1, 7, 10, 56, 57, 58, 100])('every record once and in order, %i a page', async (limit) => {
    const found = await allLogs(`service=paging&limit=${limit}`);
    const expected = [...seeds].sort((a, b) =>
      a.ts < b.ts || (a.ts === b.ts && (a.id ?? '') < (b.id ?? '')) ? 1 : -1,
    );
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  });

  test('rows that arrive meanwhile do not shift the pages', async () => {
    let arrived = 0;
    const found = await allLogs('service=paging&limit=10', async () => {
      arrived += 1;
      await seedLogs(stage.sql, [{ id: uuid(1000 + arrived), ts: at(1), service: 'paging' }]);
    });
    expect(arrived).toBe(6);
    expect(found.map(({ id }) => id).sort()).toEqual(seeds.map(({ id }) => id).sort());
    await stage.sql`DELETE FROM telemetry_log_events WHERE id >= ${uuid(1000)}`;
  });

  test('the last page has no cursor, an empty list neither', async () => {
    expect((await logPage('service=paging&limit=57')).next_cursor).toBeNull();
    expect((await logPage('service=paging&limit=56')).next_cursor).not.toBeNull();
    expect(await logPage('service=nobody')).toEqual({ items: [], next_cursor: null });
  });

  test('microseconds count', async () => {
    const second = at(50).slice(0, 19);
    await seedLogs(
      stage.sql,
      [1, 2, 3].map((n) => ({ id: uuid(2000 + n), ts: `${second}.00000${n}Z`, service: 'micro' })),
    );
    const found = await allLogs('service=micro&limit=1');
    expect(found.map(({ id }) => id)).toEqual([uuid(2003), uuid(2002), uuid(2001)]);
  });
});

describe('a cursor is what was given out, or a 400', () => {
  async function refusedParameter(query: string): Promise<unknown> {
    const answer = await stage.ask(`${base}/${query}`);
    const body = (await answer.json()) as { parameter?: string };
    return [answer.status, body.parameter];
  }

  test('one changed character anywhere', async () => {
    const cursor = (await logPage('service=paging&limit=1')).next_cursor ?? '';
    for (let index = 0; index < cursor.length; index += 5) {
      const changed = `${cursor.slice(0, index)}${cursor[index] === 'A' ? 'B' : 'A'}${cursor.slice(index + 1)}`;
      expect(await refusedParameter(`logs?service=paging&limit=1&cursor=${changed}`)).toEqual([400, 'cursor']);
    }
  });

  test('another list, other filters', async () => {
    const cursor = (await logPage('service=paging&limit=1')).next_cursor ?? '';
    expect(await refusedParameter(`logs?service=other&cursor=${cursor}`)).toEqual([400, 'cursor']);
    expect(await refusedParameter(`logs?service=paging&range=1h&cursor=${cursor}`)).toEqual([400, 'cursor']);
    expect(await refusedParameter(`traces?cursor=${cursor}`)).toEqual([400, 'cursor']);
    expect((await stage.ask(`${base}/logs?service=paging&limit=5&cursor=${cursor}`)).status).toBe(200);
  });
});

describe('/logs filters', () => {
  const trace = hex(0xabc, 32);
  beforeAll(() =>
    seedLogs(stage.sql, [
      {
        id: uuid(3001),
        ts: at(10),
        service: 'f',
        level: 'WARN',
        domain: 'db',
        event: 'slow_query',
        message: '100% of _pool_ used',
      },
      {
        id: uuid(3002),
        ts: at(20),
        service: 'f',
        level: 'ERROR',
        domain: 'auth',
        event: 'login_failed',
        message: 'Wrong PASSWORD',
        trace_id: trace,
      },
      {
        id: uuid(3003),
        ts: at(7200),
        service: 'f',
        level: 'ERROR',
        domain: 'db',
        event: 'query_timeout',
        message: String.raw`back\slash`,
      },
      {
        id: uuid(3004),
        ts: at(3 * 86_400),
        service: 'f',
        level: 'ERROR',
        domain: 'db',
        event: 'old',
        message: '1000 of pool',
      },
    ]),
  );
  const ids = async (query: string) =>
    (await logPage(`service=f&${query}`)).items.map(({ id }) => Number(id.slice(-4)));

  test.each([
    ['', [3001, 3002, 3003]],
    ['level=WARN', [3001]],
    ['level=ERROR', [3002, 3003]],
    ['domain=db', [3001, 3003]],
    ['domain=db&range=7d', [3001, 3003, 3004]],
    ['range=1h', [3001, 3002]],
    [`trace_id=${trace.toUpperCase()}`, [3002]],
    ['search=password', [3002]],
    ['search=QUERY', [3001, 3003]],
    ['search=100%25', [3001]],
    ['search=100%25&range=7d', [3001]],
    ['search=_pool_&range=7d', [3001]],
    [`search=${encodeURIComponent(String.raw`k\s`)}`, [3003]],
    ['search=%27%3B%20DROP', []],
    // The end of an event and the beginning of a message are no phrase.
    ['search=timeout%0Aback', []],
    ['search=timeoutback', []],
    [`from=${encodeURIComponent(at(7200))}`, [3001, 3002, 3003]],
    [`from=${encodeURIComponent(at(7200))}&to=${encodeURIComponent(at(10))}`, [3002, 3003]],
    [`from=${now - 20_000}&to=${now}`, [3001, 3002]],
  ])('%s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  test('a record is presented whole', async () => {
    const [item] = (await logPage(`trace_id=${trace}`)).items;
    expect(item).toEqual({
      id: uuid(3002),
      ts: at(20),
      level: 'ERROR',
      service: 'f',
      domain: 'auth',
      event: 'login_failed',
      message: 'Wrong PASSWORD',
      trace_id: trace,
      span_id: null,
      sampled: true,
      attrs: {},
    });
  });
});

describe('/logs?group=1 groups repeats of one level, service, domain and event', () => {
  const repeats = (event: string, count: number, newest: number, message: string): LogSeed[] =>
    Array.from({ length: count }, (_, n) => ({
      ts: at(newest + n * 10),
      service: 'g',
      event,
      message: n === 0 ? message : 'an older one',
    }));
  beforeAll(async () => {
    await seedLogs(stage.sql, [
      ...repeats('timeout', 37, 30, 'newest timeout'),
      ...repeats('refused', 3, 20, 'newest refused'),
      ...repeats('once', 1, 40, 'only once'),
      { ts: at(25), service: 'g', event: 'timeout', level: 'WARN', message: 'a warning' },
    ]);
  });

  test('each with its count, first time and newest record', async () => {
    const { items, next_cursor } = await logPage('service=g&group=1');
    expect(
      items.map(({ event, level, count, ts, first_ts, message }) => [event, level, count, ts, first_ts, message]),
    ).toEqual([
      ['refused', 'ERROR', 3, at(20), at(40), 'newest refused'],
      ['timeout', 'WARN', 1, at(25), at(25), 'a warning'],
      ['timeout', 'ERROR', 37, at(30), at(390), 'newest timeout'],
      ['once', 'ERROR', 1, at(40), at(40), 'only once'],
    ]);
    expect(next_cursor).toBeNull();
  });

  test('pages hold each group once, whatever arrives', async () => {
    const found = await allLogs('service=g&group=1&limit=1', () =>
      seedLogs(stage.sql, [{ ts: new Date(now + 1000).toISOString(), service: 'g', event: 'once' }]),
    );
    expect(found.map(({ event, level }) => `${event} ${level}`)).toEqual([
      'refused ERROR',
      'timeout WARN',
      'timeout ERROR',
      'once ERROR',
    ]);
  });

  test('groups whose newest share an instant are told apart by id', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    await seedLogs(
      stage.sql,
      names.map((event, n) => ({ id: uuid(4000 + n), ts: at(60), service: 'tied', event })),
    );
    const found = await allLogs('service=tied&group=1&limit=2');
    expect(found.map(({ event }) => event)).toEqual([...names].reverse());
  });

  test('filters apply before grouping', async () => {
    const { items } = await logPage('service=g&group=1&level=WARN');
    expect(items.map(({ count }) => count)).toEqual([1]);
    expect((await logPage('service=g&group=1&search=newest')).items.map(({ count }) => count)).toEqual([1, 1]);
  });
});
