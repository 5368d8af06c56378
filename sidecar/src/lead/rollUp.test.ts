import { createContract } from '@command-center/contract/contract';
import { explicitSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WindowRow } from '../store/windows.ts';
import { newHolder, takeLease } from './lease.ts';
import { handOverHours, rollUpDirty } from './rollUp.ts';
import { hourMs, openTelemetry, type Telemetry } from './testing/telemetry.ts';

let telemetry: Telemetry;
let holder: number;
/** Start of the hour before last. */
let hour: number;
beforeEach(async () => {
  telemetry = await openTelemetry();
  holder = await newHolder(telemetry.sql);
  await takeLease(telemetry.sql, holder);
  hour = (Math.floor(telemetry.nowMs / hourMs) - 2) * hourMs;
});
afterEach(() => telemetry.close());

const none = {
  count: null,
  sum: null,
  min: null,
  max: null,
  last: null,
  lastMs: null,
  p50: null,
  p95: null,
  p99: null,
  sketch: null,
};

function counted(seriesId: number, minute: number, sum: number): WindowRow {
  return { ...none, seriesId, minuteMs: hour + minute * 60_000, count: sum, sum };
}

async function rolledUp(resolution: string) {
  return telemetry.sql<Record<string, unknown>[]>`
    SELECT series_id, extract(epoch FROM bucket)::double precision * 1000 AS bucket, sample_count::integer, value_count::integer, value_sum, value_min,
      value_max, value_last, value_p50, value_p95, max_p95, total_count::integer, error_count::integer
    FROM telemetry_trend_rollups WHERE resolution = ${resolution} ORDER BY series_id, bucket`;
}

describe('roll-ups follow what is stored (design §4)', () => {
  test('counters add over writers and minutes, in the hour and in its UTC day', async () => {
    const id = await telemetry.series('kaiku_http_requests_total', { 'service.name': 'orders' });
    await telemetry.write(1, counted(id, 0, 5), counted(id, 1, 7));
    await telemetry.write(2, counted(id, 1, 3));
    expect(await rollUpDirty(telemetry.sql, holder)).toMatchObject({ isMoreLeft: false });
    expect(await rolledUp('1h')).toMatchObject([
      { bucket: hour, sample_count: 2, value_count: 15, value_sum: 15, total_count: 15, error_count: null },
    ]);
    const day = Math.floor(hour / (24 * hourMs)) * 24 * hourMs;
    expect(await rolledUp('1d')).toMatchObject([{ bucket: day, sample_count: 2, value_sum: 15 }]);
  });

  test('a metric of a contract file as its entry says, and one that no contract has not at all', async () => {
    const file = { name: 'shop_carts', kind: 'gauge', unit: '{cart}', merge: 'min', signal: 'traffic' } as const;
    const { catalogue } = createContract({ metrics: [file] });
    const carts = await telemetry.series('shop_carts', { 'service.name': 'shop' });
    const unknown = await telemetry.series('shop_unknown', { 'service.name': 'shop' });
    const gauge = { min: 2, max: 9, last: 4, lastMs: 1 };
    await telemetry.write(
      1,
      { ...counted(carts, 0, 0), ...gauge, count: null, sum: null },
      { ...counted(carts, 1, 0), ...gauge, count: null, sum: null, min: 1 },
      counted(unknown, 0, 3),
    );
    await rollUpDirty(telemetry.sql, holder, catalogue);
    expect(await rolledUp('1h')).toMatchObject([{ series_id: carts, sample_count: 2, value_min: 1, value_max: 9 }]);
  });

  test('late data changes the hour it belongs to, and once', async () => {
    // Its windows are still in memory, so they come again whole.
    hour = (Math.floor(telemetry.nowMs / hourMs) - 1) * hourMs;
    const id = await telemetry.series('kaiku_http_errors_total', {
      'service.name': 'orders',
      'http.response.status_code': '503',
    });
    await telemetry.write(1, counted(id, 0, 5));
    await rollUpDirty(telemetry.sql, holder);
    await telemetry.write(1, counted(id, 0, 9));
    await rollUpDirty(telemetry.sql, holder);
    await rollUpDirty(telemetry.sql, holder);
    expect(await rolledUp('1h')).toMatchObject([{ value_sum: 9, total_count: 9, error_count: 9 }]);
    expect(await rolledUp('1d')).toMatchObject([{ value_sum: 9 }]);
  });

  test('percentiles of an hour come from its merged sketches, never from an average', async () => {
    const id = await telemetry.series('http.server.request.duration', { 'service.name': 'orders' });
    const part = (minute: number, counts: number[]): WindowRow => ({
      ...counted(
        id,
        minute,
        counts.reduce((sum, n) => sum + n, 0),
      ),
      p95: counts[1] === 0 ? 0.5 : 2,
      sketch: encodeSketch(explicitSpans([1, 2], [...counts, 0], { factor: 1, isSigned: false })),
    });
    await telemetry.write(1, part(0, [98, 0]), part(1, [0, 2]));
    await rollUpDirty(telemetry.sql, holder);
    const [row] = await rolledUp('1h');
    expect(row?.value_p95).toBeLessThanOrEqual(1);
    expect(row).toMatchObject({ value_count: 100, max_p95: 2 });
  });

  test('an additive gauge keeps the sum and the count of its minutes, added over writers', async () => {
    const id = await telemetry.series('kaiku_ws_connections_active', { 'service.name': 'hub' });
    const reading = (minute: number, last: number): WindowRow => ({
      ...none,
      seriesId: id,
      minuteMs: hour + minute * 60_000,
      last,
      lastMs: 1,
    });
    await telemetry.write(1, reading(0, 3), reading(1, 4));
    await telemetry.write(2, reading(1, 6));
    await rollUpDirty(telemetry.sql, holder);
    expect(await rolledUp('1h')).toMatchObject([
      {
        sample_count: 2,
        value_count: 2,
        value_sum: 13,
        value_min: 3,
        value_max: 10,
        value_last: 10,
        total_count: null,
      },
    ]);
  });

  test('an hour that nobody marked is handed over once it has settled, also after hours without a leader', async () => {
    const { sql } = telemetry;
    const id = await telemetry.series('kaiku_http_requests_total', { 'service.name': 'orders' });
    await telemetry.write(1, counted(id, 10, 4));
    await sql`DELETE FROM telemetry_dirty_hours`;
    await sql`UPDATE telemetry_rollup_progress SET next_hour = ${new Date(hour - hourMs)}`;
    let turns = 0;
    while (await handOverHours(sql, holder)) turns += 1;
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(turns).toBeLessThanOrEqual(3);
    await rollUpDirty(sql, holder);
    expect(await rolledUp('1h')).toMatchObject([{ bucket: hour, value_sum: 4 }]);
  });

  test('who no longer leads rolls up nothing, and the hours stay dirty', async () => {
    const { sql } = telemetry;
    const id = await telemetry.series('kaiku_http_requests_total', { 'service.name': 'orders' });
    await telemetry.write(1, counted(id, 0, 5));
    await sql`UPDATE telemetry_leader SET holder = holder + 1000`;
    await expect(rollUpDirty(sql, holder)).rejects.toThrow(/no longer leads/);
    expect(await rolledUp('1h')).toHaveLength(0);
    expect(await sql`SELECT 1 FROM telemetry_dirty_hours`).not.toHaveLength(0);
  });
});
