import { exportDocument } from '@command-center/contract/api/exports';
import { logs, traces } from '@command-center/contract/api/lists';
import { trends } from '@command-center/contract/api/trends';
import { numberArray } from '@command-center/drizzle/arrays';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays, seedLogs, seedSeries, seedSpans, seedWindows } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const day = 86_400_000;
const traceId = 'a'.repeat(32);
const truncatedHeader = 'x-command-center-truncated';
const nasty = '=1+1 "quoted", two\r\nlines é🚨';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 29 * day, now);
  const at = (daysAgo: number): string => new Date(now - daysAgo * day - 60_000).toISOString();
  await seedLogs(stage.sql, [
    { ts: at(0), level: 'ERROR', domain: 'voice', message: nasty },
    { ts: at(0.1), level: 'WARN', service: 'billing', event: '-retry' },
    { ts: at(3), level: 'ERROR', service: 'billing', trace_id: traceId },
    { ts: at(20), level: 'WARN', domain: 'db', message: 'needle in a haystack' },
  ]);
  await stage.sql`UPDATE telemetry_log_events SET attrs = ${stage.sql.json({ 'retry.count': -3, reason: 'a "b", c', ok: true })} WHERE domain = 'db'`;
  await seedSpans(stage.sql, [
    { trace_id: traceId, span_id: '1'.repeat(16), ts: at(0), is_error: true, status_code: '503', route: '/orders/{}' },
    { trace_id: traceId, span_id: '2'.repeat(16), ts: at(1), domain: 'db', duration_ms: 150 },
    { trace_id: 'b'.repeat(32), span_id: '3'.repeat(16), ts: at(9), duration_ms: 900, route: '/orders/{}' },
  ]);
  for (const route of ['/a', '/b']) {
    const series_id = await seedSeries(stage.sql, 'kaiku_http_requests_total', { 'http.route': route });
    const minutes = Array.from({ length: 30 }, (_, n) => n + 1).filter((n) => n !== 7);
    const windows = minutes.map((n) => ({
      ts: new Date(Math.floor(now / 60_000) * 60_000 - n * 60_000).toISOString(),
      series_id,
      writer: 1,
      value_sum: n,
    }));
    await seedWindows(stage.sql, 'telemetry_open_windows', windows);
  }
});
afterAll(() => stage.close());

const path = (query: string): string => `${base}/export?${query}`;

async function csvOf(query: string): Promise<Record<string, string>[]> {
  const answer = await stage.ask(path(`format=csv&${query}`));
  expect(answer.status).toBe(200);
  return parse(await answer.text(), { columns: true, record_delimiter: '\r\n' });
}

async function jsonOf(query: string) {
  return exportDocument.parse(await stage.read(path(`format=json&${query}`)));
}

describe('an export holds what its list answers, newest first', () => {
  test.each([
    ['range=30d', 4],
    ['range=24h', 2],
    ['range=30d&level=ERROR', 2],
    ['range=30d&domain=db', 1],
    ['range=30d&service=billing', 2],
    ['range=30d&service=billing&domain=chat&level=WARN', 1],
    [`range=30d&trace_id=${traceId}`, 1],
    ['range=30d&search=NEEDLE', 1],
    ['range=30d&search=nowhere', 0],
    [`from=${now - 4 * day}&to=${now - day}`, 1],
  ])('logs?%s', async (query, count) => {
    const list = logs.parse(await stage.read(`${base}/logs?${query}`));
    const document = await jsonOf(`type=logs&${query}`);
    expect(document).toMatchObject({ type: 'logs', truncated: false, rows: list.items });
    expect(document.rows).toHaveLength(count);
    expect((await csvOf(`type=logs&${query}`)).map(({ id }) => id)).toEqual(list.items.map(({ id }) => id));
  });

  test.each([
    ['range=30d', 3],
    ['range=1h', 1],
    ['range=30d&status=error', 1],
    ['range=30d&status=slow', 2],
    ['range=30d&domain=db', 1],
    ['range=30d&route=/orders/{}', 2],
    ['range=30d&duration_min=150', 2],
    [`range=30d&trace_id=${traceId}&status=all`, 2],
  ])('traces?%s', async (query, count) => {
    const list = traces.parse(await stage.read(`${base}/traces?${query}`));
    const document = await jsonOf(`type=traces&${query}`);
    expect(document).toMatchObject({ type: 'traces', rows: list.items });
    expect(document.rows).toHaveLength(count);
    expect((await csvOf(`type=traces&${query}`)).map(({ span_id }) => span_id)).toEqual(
      list.items.map(({ span_id }) => span_id),
    );
  });

  test.each([
    ['metric=kaiku_http_requests_total&range=1h', 29],
    ['metric=kaiku_http_requests_total&by=http.route&range=1h', 58],
    ['metric=kaiku_http_requests_total&where=http.route:/b&range=1h', 29],
    ['metric=kaiku_http_requests_total&metric=kaiku_http_errors_total&range=1h', 29],
    ['metric=kaiku_http_errors_total&range=1h', 0],
  ])('the points of trends?%s, flat', async (query, count) => {
    const { series } = trends.parse(await stage.read(`${base}/trends?${query}`));
    const flat = series.flatMap(({ points, kind: _, ...of }) => points.map((point) => ({ ...of, ...point })));
    const document = await jsonOf(`type=metrics&${query}`);
    expect(document).toMatchObject({ type: 'metrics', rows: flat });
    expect(document.rows).toHaveLength(count);
    const cells = await csvOf(`type=metrics&${query}`);
    expect(cells.map(({ ts, sum }) => [ts, Number(sum)])).toEqual(flat.map(({ ts, sum }) => [ts, sum]));
  });
});

describe('what a cell says', () => {
  test('a text that begins as a formula is neutralised in CSV, and untouched in JSON', async () => {
    const [row] = await csvOf('type=logs&range=1h');
    expect(row?.message).toBe(`'${nasty}`);
    expect((await csvOf('type=logs&range=24h')).at(1)?.event).toBe("'-retry");
    expect((await jsonOf('type=logs&range=1h')).rows).toMatchObject([{ message: nasty }]);
  });

  test('attributes are JSON in one column, what is absent is empty, times are RFC 3339', async () => {
    const [row] = await csvOf('type=logs&domain=db&range=30d');
    expect(JSON.parse(row?.attrs ?? '')).toEqual({ 'retry.count': -3, reason: 'a "b", c', ok: true });
    expect(row).toMatchObject({ trace_id: '', ts: new Date(now - 20 * day - 60_000).toISOString(), sampled: 'true' });
  });

  test('labels are JSON in one column', async () => {
    const rows = await csvOf('type=metrics&metric=kaiku_http_requests_total&by=http.route&range=1h');
    expect(new Set(rows.map(({ labels }) => labels))).toEqual(
      new Set(['/a', '/b'].map((route) => JSON.stringify({ 'http.route': route }))),
    );
  });
});

describe('the headers of an export', () => {
  const window = 'from=2026-03-01T00:00:00Z&to=2026-03-10T06:30:00%2B02:00';

  test.each([
    ['csv', 'text/csv; charset=utf-8; header=present'],
    ['json', 'application/json'],
  ])('%s: an attachment named by type and window', async (format, mediaType) => {
    const answer = await stage.ask(path(`type=logs&format=${format}&${window}`));
    const name = `command-center-logs-20260301T000000Z-20260310T043000Z.${format}`;
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
    expect(answer.headers.get('content-type')).toBe(mediaType);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    await answer.body?.cancel();
  });

  test('HEAD has those of GET', async () => {
    const query = `type=logs&format=csv&${window}`;
    const get = await stage.ask(path(query));
    await get.text();
    const head = await stage.ask(path(query), { method: 'HEAD' });
    expect(await head.text()).toBe('');
    for (const name of ['content-type', 'content-disposition', truncatedHeader])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    expect(head.headers.get(truncatedHeader)).toBe('false');
  });
});

describe('10,000 rows are an export, 10,001 are cut and said to be', () => {
  const queries = [
    'type=logs&from=2026-02-20T00:00:00Z&to=2026-02-21T00:00:00Z',
    'type=logs&from=2026-02-20T00:00:00Z&to=2026-02-21T00:00:00Z&search=bulk',
    'type=traces&from=2026-02-20T00:00:00Z&to=2026-02-21T00:00:00Z',
  ];
  const add = async (first: number, last: number): Promise<void> => {
    const rows = stage.sql`generate_series(${first}::int, ${last}::int) AS n`;
    const ts = stage.sql`timestamptz '2026-02-20T00:00:00Z' + n * interval '1 second'`;
    await stage.sql`INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message)
      SELECT gen_random_uuid(), ${ts}, 'WARN', 'bulk-service', 'other', 'bulk', 'row ' || n FROM ${rows}`;
    await stage.sql`INSERT INTO telemetry_trace_index (trace_id, span_id, ts, span_name, domain, is_error, duration_ms, service)
      SELECT lpad(to_hex(n), 32, '0'), lpad(to_hex(n), 16, '0'), ${ts}, 'bulk', 'other', false, 1, 'bulk-service' FROM ${rows}`;
  };

  test('for lists', { timeout: 60_000 }, async () => {
    await add(1, 10_000);
    for (const query of queries) {
      const answer = await stage.ask(path(`format=json&${query}`));
      expect(answer.headers.get(truncatedHeader)).toBe('false');
      const { rows, truncated } = exportDocument.parse(await answer.json());
      expect([rows.length, truncated]).toEqual([10_000, false]);
    }
    await add(10_001, 10_001);
    for (const query of queries) {
      const answer = await stage.ask(path(`format=json&${query}`));
      expect(answer.headers.get(truncatedHeader)).toBe('true');
      const { rows, truncated } = exportDocument.parse(await answer.json());
      expect([rows.length, truncated]).toEqual([10_000, true]);
      // Newest first, each once: the one that is left out is the oldest.
      const times = rows.map(({ ts }) => ts);
      expect(times).toEqual([...times].sort().reverse());
      expect(new Set(times).size).toBe(10_000);
      expect(times.at(-1)).toBe('2026-02-20T00:00:02.000Z');
      expect(await csvOf(query)).toHaveLength(10_000);
    }
  });

  test('for metrics', { timeout: 60_000 }, async () => {
    const ids = await Promise.all(
      Array.from({ length: 7 }, (_, n) => seedSeries(stage.sql, 'kaiku_http_errors_total', { 'http.route': `/${n}` })),
    );
    await stage.sql`INSERT INTO telemetry_metric_samples (ts, series_id, writer, value_sum)
      SELECT timestamptz '2026-03-10T12:00:00Z' - n * interval '1 minute', id, 1, n FROM unnest(${numberArray(ids)}::int[]) AS id, generate_series(1, 1409) AS n`;
    const query = 'type=metrics&metric=kaiku_http_errors_total&by=http.route&range=24h';
    const whole = await jsonOf(query);
    expect([whole.truncated, whole.rows.length]).toEqual([false, 7 * 1409]);
    await stage.sql`INSERT INTO telemetry_open_windows (ts, series_id, writer, value_sum)
      SELECT timestamptz '2026-03-10T12:25:00Z' - n * interval '1 minute', id, 1, 1 FROM unnest(${numberArray(ids)}::int[]) AS id, generate_series(1, 20) AS n`;
    const answer = await stage.ask(path(`format=csv&${query}`));
    expect(answer.headers.get(truncatedHeader)).toBe('true');
    expect(parse(await answer.text(), { columns: true })).toHaveLength(10_000);
  });
});

test('an export is in the audit log as any view, without what was searched for', async () => {
  await (await stage.ask(path('type=logs&format=csv&search=secret-phrase&level=WARN'))).text();
  const rows = await stage.sql`SELECT filters, status FROM admin_audit_log WHERE endpoint = ${`${base}/export`}`;
  expect(rows).toContainEqual({
    filters: { type: 'logs', format: 'csv', level: 'WARN', metric: [], where: [] },
    status: 200,
  });
  expect(JSON.stringify(rows)).not.toContain('secret-phrase');
});

test('it stays as it is for who takes gzip: nothing holds it up until it is whole', async () => {
  const answer = await stage.ask(path('type=logs&format=csv'), { headers: { 'Accept-Encoding': 'gzip' } });
  expect(answer.headers.get('content-encoding')).toBeNull();
  expect(await answer.text()).toContain('send_failed');
});

test('without a bucket POST is 409 and says which setting is missing', async () => {
  const answer = await stage.ask(path('type=logs&format=csv'), { method: 'POST' });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([409, 'application/problem+json']);
  expect(await answer.json()).toMatchObject({ type: 'urn:command-center:problem:export_bucket_missing' });
});
