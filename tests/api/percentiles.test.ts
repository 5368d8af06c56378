import { type TrendPoint, trends } from '@command-center/contract/api/trends';
import { explicitSpans, exponentialSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { emptySpans } from '@command-center/contract/sketch/spans';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays, seedRollups, seedSeries, seedWindows } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const metric = 'http.server.request.duration';
const minute = (time: string) => `2026-03-10T${time}:00.000Z`;
const seconds = { factor: 1, isSigned: false };

/** `counts` by index of an exponential histogram of scale 5, whose buckets are the grid's bins: (2^(i/32), 2^((i+1)/32)]. */
function exact(counts: Readonly<Record<number, number>>): Uint8Array {
  const indexes = Object.keys(counts).map(Number);
  const offset = Math.min(...indexes);
  const bucketCounts = Array.from({ length: Math.max(...indexes) - offset + 1 }, (_, n) => counts[offset + n] ?? 0);
  const negative = { offset: 0, bucketCounts: [] };
  const buckets = { scale: 5, zeroCount: 0, zeroThreshold: 0, positive: { offset, bucketCounts }, negative };
  return encodeSketch(exponentialSpans(buckets, seconds));
}

function explicit(counts: readonly number[]): Uint8Array {
  return encodeSketch(explicitSpans([0.1, 0.25, 0.5], counts, seconds));
}

/** The harmonic middle of the bin (2^(i/32), 2^((i+1)/32)]: at most 1.09 % from any value in it. */
function middleOf(index: number): number {
  const [a, b] = [2 ** (index / 32), 2 ** ((index + 1) / 32)];
  return (2 * a * b) / (a + b);
}

let stage: Stage;
let orders: number;
let carts: number;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 3 * 86_400_000, now);
  orders = await seedSeries(stage.sql, metric, { 'service.name': 'orders' });
  carts = await seedSeries(stage.sql, metric, { 'service.name': 'carts' });
});
afterAll(() => stage.close());

async function pointAt(from: string, to: string, query = ''): Promise<TrendPoint | undefined> {
  const body = trends.parse(await stage.read(`${base}/trends?metric=${metric}&from=${from}&to=${to}${query}`));
  expect(body.series).toHaveLength(1);
  return body.series[0]?.points[0];
}

describe('percentiles of several writers are those of all their events (design §4)', () => {
  test('exact where one bin holds them', async () => {
    await seedWindows(stage.sql, 'telemetry_metric_samples', [
      {
        ts: minute('12:00'),
        series_id: orders,
        writer: 1,
        value_count: 60,
        value_sum: 15,
        value_min: 0.2449,
        value_max: 0.25,
        sketch: exact({ [-65]: 60 }),
      },
      {
        ts: minute('12:00'),
        series_id: orders,
        writer: 2,
        value_count: 30,
        value_sum: 7,
        value_min: 0.2451,
        value_max: 0.2499,
        sketch: exact({ [-65]: 30 }),
      },
      {
        ts: minute('12:00'),
        series_id: carts,
        writer: 2,
        value_count: 10,
        value_sum: 9.8,
        value_min: 0.98,
        value_max: 0.995,
        sketch: exact({ [-1]: 10 }),
      },
    ]);
    const point = await pointAt(minute('12:00'), minute('12:01'));
    expect(point).toMatchObject({ ts: minute('12:00'), count: 100, rate: 100 / 60, min: 0.2449, max: 0.995 });
    expect(point?.sum).toBeCloseTo(31.8, 9);
    // The 50th of 100 lies in the first bin, the 95th and the 99th in the second.
    expect(point?.p50).toBeCloseTo(middleOf(-65), 9);
    expect(point?.p95).toBeCloseTo(middleOf(-1), 9);
    expect(point?.p99).toBeCloseTo(middleOf(-1), 9);
    expect([point?.p50_quality, point?.p95_quality, point?.p99_quality]).toEqual(['exact', 'exact', 'exact']);
    expect(point?.p95_lo).toBeLessThanOrEqual(point?.p95 ?? 0);
    expect(point?.p95_hi).toBeGreaterThanOrEqual(point?.p95 ?? 0);
  });

  test('bounded in an explicit bucket, within its edges', async () => {
    await seedWindows(stage.sql, 'telemetry_metric_samples', [
      {
        ts: minute('12:01'),
        series_id: orders,
        writer: 1,
        value_count: 60,
        value_sum: 20,
        sketch: explicit([0, 30, 30, 0]),
      },
      {
        ts: minute('12:01'),
        series_id: carts,
        writer: 2,
        value_count: 40,
        value_sum: 14,
        sketch: explicit([0, 20, 20, 0]),
      },
    ]);
    const point = await pointAt(minute('12:01'), minute('12:02'));
    // 0.1 is no edge of the grid: rounded down to 2^(-107/32).
    const low = 2 ** (-107 / 32);
    expect(point).toMatchObject({ p50_quality: 'bounded', p95_quality: 'bounded', min: null, max: null });
    expect(point?.p50_lo).toBeCloseTo(low, 9);
    expect(point?.p50_hi).toBeCloseTo(0.25, 9);
    expect(point?.p50).toBeCloseTo(low + (0.25 - low) * (49.5 / 50), 6);
    expect(point?.p95_lo).toBeCloseTo(0.25, 9);
    expect(point?.p95_hi).toBeCloseTo(0.5, 9);
    expect(point?.p95).toBeCloseTo(0.25 + 0.25 * (44.5 / 50), 6);
  });

  test('overflow in the last, open bucket: more than its lower edge', async () => {
    await seedWindows(stage.sql, 'telemetry_metric_samples', [
      {
        ts: minute('12:02'),
        series_id: orders,
        writer: 1,
        value_count: 10,
        value_sum: 20,
        sketch: explicit([5, 0, 0, 5]),
      },
    ]);
    const point = await pointAt(minute('12:02'), minute('12:03'));
    expect(point).toMatchObject({ p95_quality: 'overflow', p95_hi: null });
    expect(point?.p95).toBeCloseTo(0.5, 9);
  });

  test('none without events, and none where a part came without buckets', async () => {
    await seedWindows(stage.sql, 'telemetry_open_windows', [
      {
        ts: minute('12:29'),
        series_id: orders,
        writer: 1,
        value_count: 0,
        value_sum: 0,
        sketch: encodeSketch(emptySpans),
      },
      {
        ts: minute('12:30'),
        series_id: orders,
        writer: 1,
        value_count: 10,
        value_sum: 1,
        sketch: explicit([10, 0, 0, 0]),
      },
      {
        ts: minute('12:30'),
        series_id: orders,
        writer: 2,
        value_count: 5,
        value_sum: 1,
        sketch: encodeSketch(emptySpans),
      },
    ]);
    expect(await pointAt(minute('12:29'), minute('12:30'))).toMatchObject({
      count: 0,
      rate: 0,
      p50: null,
      p95: null,
      p95_quality: null,
    });
    expect(await pointAt(minute('12:30'), minute('12:31'))).toMatchObject({
      count: 15,
      p50: null,
      p95: null,
      partial: true,
    });
    expect(await pointAt(minute('12:30'), minute('12:31'), '&where=service.name:carts')).toBeUndefined();
  });

  test('hours are merged from roll-ups and from the minutes of hours that have none', async () => {
    await seedWindows(stage.sql, 'telemetry_metric_samples', [
      {
        ts: '2026-03-08T10:07:00Z',
        series_id: carts,
        writer: 1,
        value_count: 50,
        value_sum: 50,
        sketch: exact({ [-1]: 50 }),
      },
    ]);
    await seedRollups(stage.sql, [
      {
        bucket: '2026-03-08T10:00:00Z',
        series_id: orders,
        value_count: 950,
        value_sum: 237,
        sketch: exact({ [-65]: 950 }),
      },
    ]);
    const point = await pointAt('2026-03-08T10:00:00Z', '2026-03-09T11:00:00Z');
    expect(point).toMatchObject({
      ts: '2026-03-08T10:00:00.000Z',
      count: 1000,
      rate: 1000 / 3600,
      p50_quality: 'exact',
    });
    // The 950th of 1,000 is the last of the lower bin.
    expect(point?.p95).toBeCloseTo(middleOf(-65), 9);
    expect(point?.p99).toBeCloseTo(middleOf(-1), 9);
  });
});
