import { readLogs } from '@command-center/api/lists/readLogs';
import { logs, traces } from '@command-center/contract/api/lists';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDays } from '../bench/month/closed.ts';
import { seedDays } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

/** Days of logs and spans on this side of the database's now(), since a leader closes days by that; all closed but today's, which took late records. */
const dayMs = 86_400_000;
const now = Date.now();
const today = Math.floor(now / dayMs) * dayMs;
const at = (daysAgo: number, share: number) =>
  new Date(today - daysAgo * dayMs + share * (daysAgo === 0 ? now - today : dayMs));

const levels = ['WARN', 'ERROR'] as const;
const domains = ['db', 'voice', 'other'];
const services = ['orders', 'payments', 'b'];
/** What is looked for hides in the letters: case, wildcards, the escape, a break, other scripts. */
const letters = ['a', 'B', 'b', '%', '_', '\\', '\n', ' ', 'é', 'É', 'ß', 'ю', 'Ю', '4', "'", '-'];
const wordOf = (length: number) =>
  fc.array(fc.constantFrom(...letters), { maxLength: length }).map((all) => all.join(''));

interface Log {
  readonly id: string;
  readonly ts: Date;
  readonly level: (typeof levels)[number];
  readonly domain: string;
  readonly service: string;
  readonly event: string;
  readonly message: string;
}
interface Span {
  readonly trace_id: string;
  readonly span_id: string;
  readonly ts: Date;
  readonly domain: string;
  readonly route: string | null;
  readonly is_error: boolean;
  readonly duration_ms: number;
}

const time = fc
  .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 40 }))
  .map(([day, n]) => at(day, n / 50));
const someLogs = fc.sample(
  fc.record({
    ts: time,
    level: fc.constantFrom(...levels),
    domain: fc.constantFrom(...domains),
    service: fc.constantFrom(...services),
    event: wordOf(8),
    message: wordOf(24),
  }),
  { numRuns: 1_500, seed: 14 },
);
// One domain never fails, and one service is never in it.
const logRows: readonly Log[] = someLogs
  .filter(({ level, domain, service }) => domain !== 'voice' || (level === 'WARN' && service !== 'b'))
  .map((log, n) => ({ ...log, id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` }));
const spanRows: readonly Span[] = fc
  .sample(
    fc.record({
      ts: time,
      domain: fc.constantFrom('db', 'http', 'other'),
      route: fc.constantFrom(null, '/a', '/b/{id}'),
      is_error: fc.boolean(),
      duration_ms: fc.constantFrom(5, 99, 100, 150, 200, 900),
    }),
    { numRuns: 1_000, seed: 15 },
  )
  .map((span, n) => ({
    ...span,
    is_error: span.is_error && span.domain !== 'db',
    trace_id: String(n % 300).padStart(32, '0'),
    span_id: String(n).padStart(16, '0'),
  }));

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(now);
  const { sql, databaseUrl } = stage;
  await seedDays(sql, now - 10 * dayMs, now);
  const late = logRows.filter((_, n) => n % 10 === 0);
  await sql`INSERT INTO telemetry_log_events ${sql(logRows.filter((_, n) => n % 10 !== 0).map((row) => ({ ...row })))}`;
  await sql`INSERT INTO telemetry_trace_index ${sql(spanRows.map((row) => ({ ...row, span_name: 'n', service: 's' })))}`;
  await closeDays(databaseUrl);
  await sql`INSERT INTO telemetry_log_events ${sql(late.map((row) => ({ ...row })))}`;
  const made = await sql`SELECT 1 FROM pg_class WHERE relname LIKE 'idx_tle_search_%'`;
  expect(made.length).toBeGreaterThan(6);
});
afterAll(() => stage.close());

/** The ids of all pages, in order. */
async function pagesOf<I>(
  path: string,
  parse: (body: unknown) => { items: readonly I[]; next_cursor: string | null },
): Promise<I[]> {
  const found: I[] = [];
  let cursor: string | null = null;
  do {
    const page = parse(await stage.read(`${base}${path}${cursor === null ? '' : `&cursor=${cursor}`}`));
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

const query = (filters: Readonly<Record<string, string | number | undefined>>) =>
  Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`)
    .join('&');
const maybe = <T>(...values: readonly T[]) => fc.constantFrom<T | undefined>(undefined, ...values);
const newest = (key: (row: { ts: Date }) => string) => (a: { ts: Date }, b: { ts: Date }) =>
  b.ts.getTime() - a.ts.getTime() || (key(a) < key(b) ? 1 : -1);

describe('lists answer from indexes what a walk over all records finds (docs/adr/0014)', () => {
  test('logs: any filters, any phrase, closed days, the open one and late records', { timeout: 60_000 }, async () => {
    // Parts of what is there, as other cases write them, and phrases of all lengths that may be nowhere.
    const phrase = fc.oneof(
      wordOf(3),
      fc
        .tuple(fc.constantFrom(...logRows), fc.nat(20), fc.integer({ min: 1, max: 9 }), fc.boolean())
        .map(([row, from, length, isUpper]) => {
          const part = (row.event.length > from ? row.event : row.message).slice(from, from + length);
          return isUpper ? part.replaceAll(/[a-zéю]/g, (letter) => letter.toUpperCase()) : part;
        }),
    );
    const asked = fc.record({
      level: maybe(...levels),
      domain: maybe(...domains, 'nowhere'),
      service: maybe(...services, 'nowhere'),
      search: fc.option(
        phrase.filter((text) => text !== '' && text.trim() === text),
        { nil: undefined },
      ),
      range: fc.constantFrom('24h', '7d', '30d'),
      limit: fc.constantFrom(3, 50, 100),
    });
    const days = { '24h': 1, '7d': 7, '30d': 30 } as const;
    await fc.assert(
      fc.asyncProperty(asked, async ({ range, limit, ...filters }) => {
        const { level, domain, service, search } = filters;
        const lower = search?.toLowerCase();
        const expected = logRows
          .filter((row) => row.ts.getTime() >= now - days[range as keyof typeof days] * dayMs && row.ts.getTime() < now)
          .filter((row) => (level ?? row.level) === row.level && (domain ?? row.domain) === row.domain)
          .filter((row) => (service ?? row.service) === row.service)
          .filter(
            (row) => lower === undefined || [row.event, row.message].some((text) => text.toLowerCase().includes(lower)),
          )
          .sort(newest((row) => (row as Log).id))
          .map(({ id }) => id);
        const path = `/logs?${query({ ...filters, range, limit })}`;
        // Many pages of three take their time.
        if (expected.length > 60 * limit) return;
        expect((await pagesOf(path, (body) => logs.parse(body))).map(({ id }) => id)).toEqual(expected);
      }),
      { numRuns: 150, seed: 16 },
    );
  });

  test('logs: a search finds each record once, wherever its look through the newest ends', async () => {
    const window = { fromMs: today - 9 * dayMs, toMs: now };
    const filters = { domain: 'db', search: 'b' };
    const read = async (look: number) =>
      (await stage.sql.begin((tx) => readLogs(tx, { window, filters, after: null, limit: 1_000 }, now, look))).map(
        ({ id }) => id,
      );
    const expected = logRows
      .filter((row) => row.domain === 'db' && /b/i.test(`${row.event}\n${row.message}`))
      .filter(({ ts }) => ts.getTime() >= window.fromMs && ts.getTime() < window.toMs)
      .sort(newest((row) => (row as Log).id))
      .map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(100);
    for (const look of [1, 2, 3, 7, 20, 40, 1_000]) expect(await read(look)).toEqual(expected);
  });

  test('spans: any filters', { timeout: 60_000 }, async () => {
    const asked = fc.record({
      status: maybe('error', 'slow'),
      domain: maybe('db', 'http', 'nowhere'),
      route: maybe('/a', '/b/{id}', '/nowhere'),
      duration_min: maybe(1, 100, 150, 100_000),
      limit: fc.constantFrom(20, 100),
    });
    const isSlow = (row: Span) => row.duration_ms >= (row.domain === 'db' ? 100 : 200);
    await fc.assert(
      fc.asyncProperty(asked, async ({ limit, ...filters }) => {
        const { status, domain, route, duration_min } = filters;
        const expected = spanRows
          .filter(
            (row) =>
              row.ts.getTime() < now && (status !== 'error' || row.is_error) && (status !== 'slow' || isSlow(row)),
          )
          .filter((row) => (domain ?? row.domain) === row.domain && (route ?? row.route) === row.route)
          .filter((row) => row.duration_ms >= (duration_min ?? 0))
          .sort(newest((row) => `${(row as Span).trace_id}${(row as Span).span_id}`))
          .map(({ span_id }) => span_id);
        const path = `/traces?${query({ ...filters, limit, range: '30d' })}`;
        expect((await pagesOf(path, (body) => traces.parse(body))).map(({ span_id }) => span_id)).toEqual(expected);
      }),
      { numRuns: 80, seed: 17 },
    );
  });
});
