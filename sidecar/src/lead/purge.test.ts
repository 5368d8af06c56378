import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newHolder, takeLease } from './lease.ts';
import { purge } from './purge.ts';
import { openTelemetry, type Telemetry } from './testing/telemetry.ts';

const DAY_MS = 86_400_000;

let telemetry: Telemetry;
let holder: number;
beforeEach(async () => {
  telemetry = await openTelemetry();
  holder = await newHolder(telemetry.sql);
  await takeLease(telemetry.sql, holder);
});
afterEach(() => telemetry.close());

const empty = {
  count: 1,
  sum: 1,
  min: null,
  max: null,
  last: null,
  lastMs: null,
  p50: null,
  p95: null,
  p99: null,
  sketch: null,
};

describe('retention (design §4): thirty days and no more', () => {
  test('whole days before the line go with their partition, the straddling day is trimmed, the rest stays', async () => {
    const { sql, nowMs } = telemetry;
    const seriesId = await telemetry.series('kaiku_http_requests_total', { 'service.name': 'orders' });
    const minutes = [40, 30.01, 29.99, 1].map((days) => Math.floor((nowMs - days * DAY_MS) / 60_000) * 60_000);
    await telemetry.write(1, ...minutes.map((minuteMs) => ({ seriesId, minuteMs, ...empty })));
    const { partitions } = await purge(sql, holder, 30);
    const left = await sql<{ ts: Date }[]>`SELECT ts FROM telemetry_metric_samples ORDER BY ts`;
    expect(left.map((row) => row.ts.getTime())).toEqual(minutes.slice(2));
    expect(partitions.filter((name) => name.startsWith('telemetry_metric_samples_'))).toHaveLength(1);
    expect(await sql`SELECT 1 FROM telemetry_dirty_hours WHERE hour < now() - interval '30 days'`).toHaveLength(0);
  });

  test('partitions of today and the next three days are there afterwards', async () => {
    await purge(telemetry.sql, holder, 30);
    const rows = await telemetry.sql`SELECT 1 FROM pg_inherits WHERE inhparent = 'telemetry_log_events'::regclass`;
    expect(rows.length).toBeGreaterThanOrEqual(4);
  });

  test('a family of stream state goes whole, 30 days after any of its blocks was last seen', async () => {
    const { sql } = telemetry;
    const [old, mixed] = ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'];
    const add = (owner: string, depth: number, days: number) => sql`
      INSERT INTO telemetry_stream_state (owner, depth, prefix, version, first_time, last_seen, state)
      VALUES (${owner}, ${depth}, 0, 1, 1, now() - make_interval(days => ${days}), '')`;
    await add(old, 0, 31);
    await add(mixed, 0, 31);
    await add(mixed, 1, 1);
    await purge(sql, holder, 30);
    const rows = await sql<{ owner: string }[]>`SELECT owner FROM telemetry_stream_state`;
    expect(rows.map((row) => row.owner)).toEqual([mixed, mixed]);
  });

  test('who no longer leads deletes nothing', async () => {
    const { sql } = telemetry;
    await sql`INSERT INTO admin_tickets (hash, kind, subject, expires_at) VALUES ('\\x01', 'login', 'x', now() - interval '1 day')`;
    await sql`UPDATE telemetry_leader SET holder = holder + 1000`;
    await expect(purge(sql, holder, 30)).rejects.toThrow(/no longer leads/);
    expect(await sql`SELECT 1 FROM admin_tickets`).toHaveLength(1);
  });
});
