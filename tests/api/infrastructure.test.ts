import { limits } from '@command-center/api/limits';
import { type Infrastructure, infrastructure } from '@command-center/contract/api/infrastructure';
import { createContract } from '@command-center/contract/contract';
import { explicitSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seedDays, seedRollups, seedSeries, seedSpans, seedWindows } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';
import { storedSummary } from './storedSummary.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const environment = {
  COMMAND_CENTER_PROCESS_MEMORY_LIMIT_BYTES: '1000',
  COMMAND_CENTER_COLLECTOR_ENDPOINT: 'http://someone:secret@collector.internal:4317',
};

let stage: Stage;
beforeEach(async () => {
  stage = await openStage(now, environment, createContract({ valkey: { used_for: 'presence' } }));
  await seedDays(stage.sql, now - 2 * 86_400_000, now);
});
afterEach(() => stage.close());

const read = async (query = 'range=1h'): Promise<Infrastructure> =>
  infrastructure.parse(await stage.read(`${base}/infrastructure?${query}`));

const minute = (time: string): string => `2026-03-10T${time}:00Z`;

async function level(metric: string, labels: Record<string, string>, value: number, time = '12:29'): Promise<void> {
  const series_id = await seedSeries(stage.sql, metric, labels);
  const isMax = metric === 'process.memory.usage';
  const reading = isMax
    ? { value_min: value, value_max: value, value_last: value, value_last_ms: 5 }
    : { value_last: value };
  await seedWindows(stage.sql, 'telemetry_open_windows', [{ ts: minute(time), series_id, writer: 1, ...reading }]);
}
const connections = (service: string, state: string, value: number, time?: string) =>
  level('db.client.connection.count', { 'service.name': service, 'db.client.connection.state': state }, value, time);

async function count(metric: string, sums: Readonly<Record<string, number>>): Promise<number> {
  const series_id = await seedSeries(stage.sql, metric, { 'service.name': 'collector' });
  const windows = Object.entries(sums).map(([time, sum]) => ({
    ts: minute(time),
    series_id,
    writer: 1,
    value_sum: sum,
    value_count: sum,
  }));
  await seedWindows(stage.sql, 'telemetry_open_windows', windows);
  return series_id;
}

async function summarise(writtenAgoS: number): Promise<void> {
  const postgresql = {
    id: 'postgresql',
    name: 'PostgreSQL',
    status: 'healthy',
    reason: 'SELECT 1 answers',
    since: null,
  };
  const stored = { ...storedSummary, services: [...storedSummary.services, postgresql] };
  await stage.sql`INSERT INTO telemetry_summary (written_at, writer, summary)
    VALUES (now() - ${`${writtenAgoS} seconds`}::text::interval, 1, ${stage.sql.json(structuredClone(stored) as never)})`;
}

describe('how the infrastructure is doing', () => {
  test('an empty database knows nothing, and draws nothing green', async () => {
    const answer = await read();
    expect(answer.database).toMatchObject({ pools: [], query: { p95: null, n: 0, colour: null } });
    expect(answer.database.slow_queries.items).toEqual([]);
    expect(answer.database.query_duration.points).toEqual([]);
    expect(answer.pipeline).toMatchObject({
      export_failures_5m: { value: null, n: 0, colour: null },
      dropped_spans: { last_5_min: null, in_range: null, colour: null },
      queues: [],
      exports: [],
    });
    expect(answer.stale).toBe(true);
    for (const part of [answer.database, answer.valkey, answer.s3, answer.pipeline])
      expect(part.status?.status).toBe('unknown');
  });

  test('minutes up to 6 h, beyond it whole hours that say so', async () => {
    expect(await read('range=6h')).toMatchObject({ resolution: '1m', from: '2026-03-10T06:30:30.000Z' });
    expect(await read('range=24h')).toMatchObject({ resolution: '1h', from: '2026-03-09T12:00:00.000Z' });
  });

  test('what the deployment keeps in Valkey, and where its collector is, without credentials', async () => {
    const answer = await read();
    expect(answer.valkey.used_for).toBe('presence');
    expect(answer.pipeline.collector_endpoint).toBe('http://collector.internal:4317');
  });

  test('statuses are those of the summary; of an outdated one nothing is known, and the pipeline is down', async () => {
    await summarise(0);
    const fresh = await read();
    expect(fresh.stale).toBe(false);
    expect(fresh.s3.status).toMatchObject({ status: 'unconfigured' });
    expect(fresh.database.status).toMatchObject({ status: 'healthy' });
    await stage.sql`UPDATE telemetry_summary SET written_at = now() - interval '16 seconds'`;
    const outdated = await read();
    expect(outdated.stale).toBe(true);
    expect(outdated.database.status?.status).toBe('unknown');
    expect(outdated.pipeline.status?.status).toBe('down');
  });
});

describe('how full pools, queues and processes are (contract.md §5)', () => {
  test('a pool of each service, the fullest first', async () => {
    await connections('orders', 'used', 8);
    await connections('orders', 'idle', 2);
    await level('db.client.connection.max', { 'service.name': 'orders' }, 10);
    await connections('carts', 'used', 19);
    await level('db.client.connection.max', { 'service.name': 'carts' }, 20);
    await connections('users', 'used', 3);
    expect((await read()).database.pools).toEqual([
      { service: 'carts', used: 19, idle: null, max: 20, percent: 95, colour: 'red', age_s: 90 },
      { service: 'orders', used: 8, idle: 2, max: 10, percent: 80, colour: 'yellow', age_s: 90 },
      { service: 'users', used: 3, idle: null, max: null, percent: null, colour: null, age_s: 90 },
    ]);
  });

  test('what was last heard over 3 min ago has no value, after an hour it is gone', async () => {
    await connections('orders', 'used', 8, '12:20');
    await connections('gone', 'used', 8, '11:20');
    expect((await read()).database.pools).toMatchObject([{ service: 'orders', used: null, percent: null, age_s: 630 }]);
  });

  test('series and writers of one minute are one reading: a pool adds up, memory is the largest', async () => {
    const ofPool = (pool: string) => ({
      'service.name': 'orders',
      'db.client.connection.state': 'used',
      'db.client.connection.pool.name': pool,
    });
    for (const pool of ['first', 'second']) {
      const series_id = await seedSeries(stage.sql, 'db.client.connection.count', ofPool(pool));
      const windows = [1, 2].map((writer) => ({ ts: minute('12:28'), series_id, writer, value_last: writer }));
      await seedWindows(stage.sql, 'telemetry_metric_samples', [
        ...windows,
        { ts: minute('12:27'), series_id, writer: 1, value_last: 50 },
      ]);
      await level(
        'process.memory.usage',
        { 'service.name': 'orders', 'host.name': pool },
        pool === 'first' ? 700 : 400,
      );
    }
    const answer = await read();
    expect(answer.database.pools).toMatchObject([{ service: 'orders', used: 6, age_s: 150 }]);
    expect(answer.memory.processes).toMatchObject([{ service: 'orders', bytes: 700 }]);
  });

  test('what exceeded the label budget is of no service, and in no row', async () => {
    const labels = { 'otel.metric.overflow': true } as const;
    const series_id = await seedSeries(stage.sql, 'db.client.connection.max', labels);
    const window = { ts: minute('12:29'), series_id, writer: 1, value_last: 40 };
    await seedWindows(stage.sql, 'telemetry_open_windows', [window]);
    expect((await read()).database.pools).toEqual([]);
  });

  test('a queue of each exporter and kind of data', async () => {
    const spans = { 'service.name': 'collector', exporter: 'otlp', data_type: 'traces' };
    await level('otelcol_exporter_queue_size', spans, 950);
    await level('otelcol_exporter_queue_capacity', spans, 1000);
    await level('otelcol_exporter_queue_size', { ...spans, data_type: 'logs' }, 1);
    await level('otelcol_exporter_queue_capacity', { ...spans, data_type: 'logs' }, 1000);
    expect((await read()).pipeline.queues).toMatchObject([
      { exporter: 'otlp', data_type: 'traces', size: 950, capacity: 1000, percent: 95, colour: 'red' },
      { exporter: 'otlp', data_type: 'logs', size: 1, percent: 0.1, colour: 'green' },
    ]);
  });

  test('memory of the largest process of a service, of its limit', async () => {
    await level('process.memory.usage', { 'service.name': 'orders' }, 750);
    const { memory } = await read();
    expect(memory).toMatchObject({ limit: 1000, processes: [{ bytes: 750, percent: 75, colour: 'yellow' }] });
    expect(memory.usage.points).toMatchObject([{ ts: '2026-03-10T12:29:00.000Z', value: 750 }]);
  });
});

describe('queries of the database', () => {
  test('p95 of the last 5 min with its bounds and colour, and a series', async () => {
    const series_id = await seedSeries(stage.sql, 'db.client.operation.duration', { 'service.name': 'orders' });
    const window = (time: string, counts: readonly number[]) => ({
      ts: minute(time),
      series_id,
      writer: 1,
      value_count: counts.reduce((sum, one) => sum + one, 0),
      value_sum: 1,
      sketch: encodeSketch(explicitSpans([0.15, 0.3], counts, { factor: 1, isSigned: false })),
    });
    await seedWindows(stage.sql, 'telemetry_open_windows', [window('12:10', [0, 0, 50]), window('12:29', [0, 40, 0])]);
    const { query, query_duration } = (await read()).database;
    expect(query).toMatchObject({ n: 40, unit: 'ms', p95_quality: 'bounded', colour: 'yellow' });
    expect(query.p95).toBeGreaterThan(145);
    expect(query.p95).toBeLessThan(310);
    expect(query_duration.points.map(({ count }) => count)).toEqual([50, 40]);
  });

  test('the slow ones by name, percentiles exact: of rows', async () => {
    const span = (n: number, span_name: string, duration_ms: number, domain = 'db', ts = minute('12:10')) => ({
      trace_id: n.toString(16).padStart(32, '0'),
      span_id: n.toString(16).padStart(16, '0'),
      ts,
      span_name,
      domain,
      duration_ms,
    });
    await seedSpans(stage.sql, [
      ...Array.from({ length: 20 }, (_, n) => span(n + 1, 'SELECT orders', 100 + n)),
      span(31, 'INSERT carts', 900),
      span(32, 'SELECT users', 99),
      span(33, 'GET /orders', 5000, 'chat'),
      span(34, 'SELECT old', 5000, 'db', '2026-03-10T10:00:00Z'),
    ]);
    expect((await read()).database.slow_queries).toEqual({
      from: '2026-03-10T11:30:30.000Z',
      items: [
        { span_name: 'INSERT carts', count: 1, p95_ms: 900, max_ms: 900 },
        { span_name: 'SELECT orders', count: 20, p95_ms: 118, max_ms: 119 },
      ],
    });
  });
});

test('of more slow spans than the table is made of, the newest; it says from when on', async () => {
  const spans = limits.slowQuerySpans;
  await stage.sql`INSERT INTO telemetry_trace_index (trace_id, span_id, span_name, domain, is_error, duration_ms, ts, service)
    SELECT lpad(to_hex(n), 32, '0'), lpad(to_hex(n), 16, '0'), 'SELECT orders', 'db', false, 100 + n, ${minute('12:00')}::timestamptz - n * interval '1 second', 'orders'
    FROM generate_series(1, ${spans + 1}::integer) AS n`;
  const { slow_queries } = (await read('range=6h')).database;
  expect(slow_queries.from).toBe(new Date(Date.parse(minute('12:00')) - spans * 1000).toISOString());
  expect(slow_queries.items).toMatchObject([{ count: spans, max_ms: 100 + spans }]);
});

describe('the pipeline (contract.md §4)', () => {
  test('failures over all exports, of 5 min and of the range; a few take no colour', async () => {
    await count('otelcol_exporter_sent_spans', { '12:00': 900, '12:29': 9 });
    await count('otelcol_exporter_send_failed_spans', { '12:00': 80 });
    await count('otelcol_exporter_enqueue_failed_log_records', { '12:00': 20, '12:29': 1 });
    const { export_failures_5m, export_failures, exports } = (await read()).pipeline;
    expect(export_failures_5m).toMatchObject({ value: 10, n: 10, numerator: 1, colour: null });
    expect(export_failures).toMatchObject({ n: 1010, numerator: 101, value: 10, colour: 'red' });
    expect(exports).toEqual([
      { ts: '2026-03-10T12:00:00.000Z', sent: 900, failed: 100 },
      { ts: '2026-03-10T12:29:00.000Z', sent: 9, failed: 1 },
    ]);
  });

  test('dropped spans of 5 min are judged; none is not the same as not reported', async () => {
    const series_id = await count('kaiku_otel_dropped_spans_total', { '12:00': 5, '12:29': 0 });
    expect((await read()).pipeline.dropped_spans).toMatchObject({ last_5_min: 0, in_range: 5, colour: 'green' });
    await seedWindows(stage.sql, 'telemetry_open_windows', [
      { ts: minute('12:28'), series_id, writer: 1, value_sum: 3, value_count: 3 },
    ]);
    expect((await read()).pipeline.dropped_spans).toMatchObject({ last_5_min: 3, in_range: 8, colour: 'yellow' });
  });

  test('a range over rolled-up hours and live minutes', async () => {
    const series_id = await count('otelcol_exporter_sent_spans', { '12:10': 7 });
    await seedRollups(stage.sql, [{ bucket: '2026-03-10T04:00:00Z', series_id, value_count: 50, value_sum: 50 }]);
    await stage.sql`UPDATE telemetry_rollup_progress SET next_hour = '2026-03-10T12:00:00Z'`;
    const { export_failures, exports } = (await read('range=24h')).pipeline;
    expect(export_failures).toMatchObject({ value: 0, n: 57 });
    expect(exports).toEqual([
      { ts: '2026-03-10T04:00:00.000Z', sent: 50, failed: 0 },
      { ts: '2026-03-10T12:00:00.000Z', sent: 7, failed: 0 },
    ]);
  });
});
