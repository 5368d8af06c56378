import { explicitSpans } from '@command-center/contract/sketch/build';
import { decodeSketch, encodeSketch } from '@command-center/contract/sketch/codec';
import { unframeMinutes } from '@command-center/contract/sketch/frames';
import { countOf } from '@command-center/contract/sketch/spans';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { percentilesOf } from '../aggregate/window.ts';
import { moveOldWindows } from '../store/moveWindows.ts';
import { inTransaction } from '../store/transaction.ts';
import { type WindowRow, writeLateWindows } from '../store/windows.ts';
import { newHolder, takeLease } from './lease.ts';
import { rollUpDirty } from './rollUp.ts';
import { hourMs, minuteMs, openTelemetry, type Telemetry } from './testing/telemetry.ts';

let telemetry: Telemetry;
let holder: number;
/** An hour of yesterday, long settled. */
let hour: number;
beforeEach(async () => {
  telemetry = await openTelemetry();
  holder = await newHolder(telemetry.sql);
  await takeLease(telemetry.sql, holder);
  hour = (Math.floor(telemetry.nowMs / hourMs) - 26) * hourMs;
});
afterEach(() => telemetry.close());

const none = { count: null, sum: null, min: null, max: null, last: null, lastMs: null };
const noSketch = { p50: null, p95: null, p99: null, sketch: null };

const counter = (seriesId: number, minute: number, sum: number): WindowRow => ({
  ...none,
  ...noSketch,
  seriesId,
  minuteMs: hour + minute * minuteMs,
  sum,
  count: Math.round(sum),
});
const additive = (seriesId: number, minute: number, last: number): WindowRow => ({
  ...none,
  ...noSketch,
  seriesId,
  minuteMs: hour + minute * minuteMs,
  last,
  // As sidecars write it, though it decides nothing.
  lastMs: 59_000,
});
const gauge = (seriesId: number, minute: number, [low, last, high]: readonly number[], lastMs: number): WindowRow => ({
  ...none,
  ...noSketch,
  seriesId,
  minuteMs: hour + minute * minuteMs,
  min: low ?? 0,
  last: last ?? 0,
  max: high ?? 0,
  lastMs,
});
function histogram(
  seriesId: number,
  minute: number,
  counts: readonly number[],
  sum: number,
  range?: [number, number],
): WindowRow {
  const spans = explicitSpans([0.1, 1, 10], counts, { factor: 1, isSigned: false });
  const [min = null, max = null] = range ?? [];
  const window = { ...none, count: countOf(spans), sum, min, max, spans };
  return {
    ...none,
    ...percentilesOf(window),
    seriesId,
    minuteMs: hour + minute * minuteMs,
    count: window.count,
    sum,
    min,
    max,
    sketch: encodeSketch(spans),
  };
}

/** As they were written before there were late parts: rows of the samples whose hours are dirty. */
async function store(writer: number, rows: readonly WindowRow[]): Promise<void> {
  await telemetry.write(writer, ...rows);
}

async function late(rows: readonly WindowRow[]): Promise<void> {
  await ensurePartitions(telemetry.sql, [new Date(hour)]);
  await inTransaction(telemetry.sql, (tx) => writeLateWindows(tx, rows));
}

/** A test of many rounds may take longer than a lease is valid. */
async function pack(): Promise<void> {
  await takeLease(telemetry.sql, holder);
  while ((await rollUpDirty(telemetry.sql, holder)).isMoreLeft);
}

/** What SQL users see, as text: every bit of a number shows. */
async function minutes(): Promise<readonly string[]> {
  const rows = await telemetry.sql<{ row: string }[]>`
    SELECT m::text AS row FROM telemetry_metrics AS m ORDER BY metric_name, labels::text, ts`;
  return rows.map(({ row }) => row);
}

async function rollUps() {
  const rows = await telemetry.sql`
    SELECT series_id, bucket, resolution, sample_count, value_count, value_sum, value_min, value_max, value_last, value_p50, value_p95, value_p99,
      max_p95, total_count, error_count, sketch FROM telemetry_trend_rollups ORDER BY series_id, resolution, bucket`;
  return [...rows];
}

const left = async (): Promise<number> => (await telemetry.sql`SELECT 1 FROM telemetry_metric_samples`).length;
const packedRows = () => telemetry.sql`SELECT * FROM telemetry_metric_packed ORDER BY series_id, hour`;

async function fourSeries(): Promise<{ requests: number; connections: number; memory: number; durations: number }> {
  return {
    requests: await telemetry.series('kaiku_http_requests_total', { 'service.name': 'orders' }),
    connections: await telemetry.series('kaiku_ws_connections_active', { 'service.name': 'orders' }),
    memory: await telemetry.series('process.memory.usage', { 'service.name': 'orders' }),
    durations: await telemetry.series('http.server.request.duration', { 'service.name': 'orders' }),
  };
}

describe('settled hours lie packed: one row a series and hour (docs/adr/0010)', () => {
  test('readers see the same minutes, and the roll-ups are the same', async () => {
    const { requests, connections, memory, durations } = await fourSeries();
    const rows = [
      ...Array.from({ length: 60 }, (_, minute) => counter(requests, minute, minute * 7)),
      ...[0, 1, 17, 59].map((minute) => additive(connections, minute, minute + 0.1)),
      gauge(memory, 3, [1e9 + 1, 2e9 + 1 / 3, 3e9], 4_000),
      gauge(memory, 4, [5, 5, 5], 12_345),
      histogram(durations, 0, [1, 20, 3, 1], 12.5, [0.01, 12]),
      histogram(durations, 9, [0, 0, 0, 0], 0),
    ];
    await store(1, rows);
    await store(2, [
      counter(requests, 5, 1e300),
      additive(connections, 1, -3),
      histogram(durations, 0, [0, 1, 0, 0], 0.5),
    ]);
    const before = await minutes();
    await pack();
    expect(await minutes()).toEqual(before);
    expect(before).toHaveLength(60 + 4 + 2 + 2);
    expect(await left()).toBe(0);
    expect(await packedRows()).toHaveLength(4);
    expect(await rollUps()).toMatchObject([
      { series_id: requests, resolution: '1d', value_sum: 1e300, sample_count: '60' },
      { series_id: requests, resolution: '1h', value_sum: 1e300, total_count: expect.anything() },
      { series_id: connections, value_last: 59.1 },
      { series_id: connections, value_last: 59.1, value_min: -1.9, sample_count: '4' },
      { series_id: memory, value_min: 5, value_max: 3e9 },
      { series_id: memory, value_last: 5 },
      { series_id: durations, value_count: '26', value_sum: 13, value_p95: expect.any(Number) },
      { series_id: durations, value_count: '26', value_min: null, value_p95: expect.any(Number) },
    ]);
  });

  test('numbers that take half the room take it, and none loses a digit', async () => {
    const { requests, memory } = await fourSeries();
    await store(1, [counter(requests, 0, 16_777_216), counter(requests, 1, 3), gauge(memory, 0, [1, 0.1, 2], 7)]);
    await pack();
    const rows = await packedRows();
    expect(rows).toMatchObject([
      {
        value_sum: '{1.6777216e+07,3}',
        value_sum_wide: null,
        value_count: null,
        value_count_wide: null,
        minutes: '{0,1}',
      },
      { value_last: null, value_last_wide: '{0.1}', value_min: '{1}', value_max: '{2}', value_last_ms: '{7}' },
    ]);
  });

  test('what comes late lies beside it, and joins it and the roll-up; twice changes nothing', async () => {
    const { requests, connections, memory, durations } = await fourSeries();
    await store(1, [
      counter(requests, 0, 5),
      additive(connections, 0, 3),
      gauge(memory, 0, [4, 5, 6], 2_000),
      histogram(durations, 0, [10, 0, 0, 0], 1, [0.01, 0.09]),
    ]);
    await pack();
    await late([
      counter(requests, 0, 2),
      counter(requests, 30, 4),
      additive(connections, 0, 1),
      gauge(memory, 0, [1, 2, 3], 1_000),
      histogram(durations, 0, [0, 0, 10, 0], 50, [2, 9]),
    ]);
    const beside = await minutes();
    await pack();
    await pack();
    // The percentiles of two halves of a minute are nobody's, packed or not.
    expect(await minutes()).toEqual(beside);
    expect(await left()).toBe(0);
    const [day, one] = (await rollUps()).filter((row) => row.series_id === durations);
    expect(one).toMatchObject({ value_count: '20', value_sum: 51, value_min: 0.01, value_max: 9 });
    expect(countOf(decodeSketch(one?.sketch))).toBe(20);
    expect(day).toMatchObject({ value_count: '20', value_p50: one?.value_p50, value_p99: one?.value_p99 });
    expect((await rollUps()).filter((row) => row.resolution === '1h')).toMatchObject([
      { series_id: requests, value_sum: 11, sample_count: '2' },
      { series_id: connections, value_last: 4 },
      // Its readings are the minutes' greatest.
      { series_id: memory, value_last: 6, value_min: 1, value_max: 6 },
      { series_id: durations },
    ]);
    const [kept] = await telemetry.sql`SELECT sketches FROM telemetry_metric_sketches`;
    expect(partsOf(kept?.sketches)).toEqual([
      [0, 10],
      [0, 10],
    ]);
  });

  test('a roll-up after late data equals the one of an hour that was never late, for any data', async () => {
    const { durations } = await fourSeries();
    const counts = fc.array(fc.nat(50), { minLength: 4, maxLength: 4 });
    // Often the same minutes: where two writers meet, each order must come to the same.
    const part = fc.record({ minute: fc.oneof(fc.nat(2), fc.nat(59)), counts });
    // The late half of a minute makes the p95 of that minute unknown again, and it was the hour's greatest.
    const lateSecondHalf = [
      { minute: 1, counts: [0, 0, 0, 1] },
      { minute: 1, counts: [0, 0, 0, 1] },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 12 }), fc.nat(12), async (parts, cut) => {
        await telemetry.sql`TRUNCATE telemetry_metric_samples, telemetry_metric_packed, telemetry_metric_sketches, telemetry_trend_rollups`;
        const rows = parts.map((each, writer) => ({
          writer: writer + 1,
          row: histogram(durations, each.minute, each.counts, 1),
        }));
        for (const { writer, row } of rows) await store(writer, [row]);
        await pack();
        const atOnce = await rollUps();
        await telemetry.sql`TRUNCATE telemetry_metric_samples, telemetry_metric_packed, telemetry_metric_sketches, telemetry_trend_rollups`;
        for (const { writer, row } of rows.slice(0, cut)) await store(writer, [row]);
        await pack();
        for (const { row } of rows.slice(cut)) await late([row]);
        await pack();
        expect(await rollUps()).toEqual(atOnce);
      }),
      { numRuns: 15, examples: [[lateSecondHalf, 1]] },
    );
  });

  test('a metric that no contract has any more is packed all the same', async () => {
    const unknown = await telemetry.series('shop_unknown', { 'service.name': 'shop' });
    await store(1, [counter(unknown, 0, 3)]);
    const before = await minutes();
    await pack();
    expect(await minutes()).toEqual(before);
    expect(await left()).toBe(0);
    expect(await rollUps()).toEqual([]);
  });

  test('an hour waits for its last open window, and others do not wait for it', async () => {
    const { requests, memory } = await fourSeries();
    await store(1, [counter(requests, 0, 5), gauge(memory, 0, [1, 1, 1], 1)]);
    await telemetry.sql`INSERT INTO telemetry_open_windows (ts, series_id, writer, value_sum) VALUES (${new Date(hour)}, ${requests}, 2, 4)`;
    await pack();
    expect(await packedRows()).toMatchObject([{ series_id: memory }]);
    await moveOldWindows(telemetry.sql);
    await pack();
    expect(await packedRows()).toMatchObject([{ series_id: requests, value_sum: '{9}' }, { series_id: memory }]);
    expect(await left()).toBe(0);
  });

  test('an hour is not packed while a sidecar may still hold a window of it', async () => {
    const { requests } = await fourSeries();
    hour = (Math.floor(telemetry.nowMs / hourMs) - 1) * hourMs;
    await store(1, [counter(requests, 0, 5)]);
    await pack();
    expect(await left()).toBe(1);
    expect(await rollUps()).toMatchObject([{ value_sum: 5 }, { value_sum: 5 }]);
  });
});

/** Minute and number of values of each kept sketch. */
function partsOf(bytes: Uint8Array): [number, number][] {
  return unframeMinutes(bytes).map(({ minute, sketch }) => [minute, countOf(decodeSketch(sketch))]);
}
