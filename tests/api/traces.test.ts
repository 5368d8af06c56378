import { type TraceItem, traces } from '@command-center/contract/api/lists';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays, seedSpans } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const hex = (n: number, length: number) => n.toString(16).padStart(length, '0');
const at = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 3 * 86_400_000, now + 86_400_000);
});
afterAll(() => stage.close());

async function tracePage(query: string) {
  return traces.parse(await stage.read(`${base}/traces?${query}`));
}

describe('/traces', () => {
  const ids = async (query: string): Promise<number[]> =>
    (await tracePage(query)).items.map(({ span_id }) => Number.parseInt(span_id, 16));
  beforeAll(() =>
    seedSpans(stage.sql, [
      {
        trace_id: hex(1, 32),
        span_id: hex(1, 16),
        ts: at(10),
        duration_ms: 199.9,
        route: '/orders/{id}',
        status_code: '200',
      },
      {
        trace_id: hex(1, 32),
        span_id: hex(2, 16),
        ts: at(10),
        duration_ms: 200,
        route: '/orders/{id}',
        status_code: '404',
      },
      { trace_id: hex(2, 32), span_id: hex(3, 16), ts: at(20), duration_ms: 100, domain: 'db' },
      { trace_id: hex(2, 32), span_id: hex(4, 16), ts: at(30), duration_ms: 99, domain: 'db' },
      { trace_id: hex(3, 32), span_id: hex(5, 16), ts: at(40), duration_ms: 5, is_error: true, status_code: '503' },
      { trace_id: hex(4, 32), span_id: hex(6, 16), ts: at(2 * 86_400), duration_ms: 5, is_error: true },
    ]),
  );

  test.each([
    ['', [2, 1, 3, 4, 5]],
    ['status=all', [2, 1, 3, 4, 5]],
    ['status=error', [5]],
    ['status=error&range=7d', [5, 6]],
    // At or over: API p95 warn 200 ms, DB query p95 warn 100 ms.
    ['status=slow', [2, 3]],
    ['domain=db', [3, 4]],
    ['route=/orders/{id}', [2, 1]],
    ['duration_min=100', [2, 1, 3]],
    ['duration_min=99.5', [2, 1, 3]],
    [`trace_id=${hex(2, 32)}`, [3, 4]],
    ['status=slow&domain=db', [3]],
  ])('%s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  test.each([1, 2, 3, 5])('every span once and in order, %i a page', async (limit) => {
    const found: TraceItem[] = [];
    let cursor: string | null = null;
    do {
      const page = await tracePage(`limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`);
      found.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(found.map(({ span_id }) => Number.parseInt(span_id, 16))).toEqual([2, 1, 3, 4, 5]);
  });

  test('the slow threshold is the configured one', async () => {
    const strict = await openStage(now, {
      COMMAND_CENTER_DB_QUERY_P95_WARN_MS: '1',
      COMMAND_CENTER_API_LATENCY_P95_WARN_MS: '1',
    });
    try {
      await seedDays(strict.sql, now - 86_400_000, now);
      await seedSpans(strict.sql, [{ trace_id: hex(9, 32), span_id: hex(9, 16), ts: at(5), duration_ms: 1 }]);
      expect(traces.parse(await strict.read(`${base}/traces?status=slow`)).items).toHaveLength(1);
    } finally {
      await strict.close();
    }
  });
});
