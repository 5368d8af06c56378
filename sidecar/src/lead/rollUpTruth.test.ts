import { decodeSketch, encodeSketch } from '@command-center/contract/sketch/codec';
import { percentiles } from '@command-center/contract/sketch/percentile';
import { maxSpans, mergeMany, type SpanList } from '@command-center/contract/sketch/spans';
import { explicitOf, exponentialOf } from '@command-center/contract/sketch/testing/lists';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WindowRow } from '../store/windows.ts';
import { newHolder, takeLease } from './lease.ts';
import { rollUpDirty } from './rollUp.ts';
import { hourMs, minuteMs, openTelemetry, type Telemetry } from './testing/telemetry.ts';

let telemetry: Telemetry;
let holder: number;
let seriesId: number;
/** Of one UTC day: hours that are packed by now, and some that are not. */
let day: number;
beforeAll(async () => {
  telemetry = await openTelemetry();
  holder = await newHolder(telemetry.sql);
  seriesId = await telemetry.series('http.server.request.duration', { 'service.name': 'orders' });
  day = (Math.floor(telemetry.nowMs / (24 * hourMs)) - 1) * 24 * hourMs;
});
afterAll(() => telemetry.close());

/** What a writer saw in one minute, and how its histogram's buckets are made. */
interface Part {
  readonly minute: number;
  readonly values: readonly number[];
  readonly scale: number | 'explicit';
}

const value = fc.double({ min: Math.fround(1e-4), max: 100, noNaN: true });
/** Over so many octaves that a day has more distinct spans than a sketch holds. */
const wideValue = fc.integer({ min: -9_000, max: 9_000 }).map((thousandths) => 10 ** (thousandths / 1_000));
const partsOf = (
  each: fc.Arbitrary<number>,
  values: readonly [least: number, most: number],
  parts = 1,
): fc.Arbitrary<readonly Part[]> =>
  fc.array(
    fc.record({
      minute: fc.nat(24 * 60 - 1),
      values: fc.array(each, { minLength: values[0], maxLength: values[1] }),
      scale: fc.constantFrom(...([0, 3, 5, 8, 'explicit'] as const)),
    }),
    { minLength: parts, maxLength: 20 },
  );

function sketchOf({ values, scale }: Part): SpanList {
  return scale === 'explicit' ? explicitOf(values) : exponentialOf(values, scale);
}

function rowOf(part: Part): WindowRow {
  const none = { last: null, lastMs: null, min: null, max: null, p50: null, p95: null, p99: null };
  const { values } = part;
  const sum = values.reduce((total, one) => total + one, 0);
  const sketch = encodeSketch(sketchOf(part));
  return { ...none, seriesId, minuteMs: day + part.minute * minuteMs, count: values.length, sum, sketch };
}

interface Stored {
  readonly fromMs: number;
  readonly resolution: '1h' | '1d';
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly sketch: Uint8Array;
}

/** Stores the parts, each as a writer of its own, in two halves with the leader's work after each. */
async function rolledUp(parts: readonly Part[]): Promise<readonly Stored[]> {
  const { sql } = telemetry;
  await sql`TRUNCATE telemetry_metric_samples, telemetry_metric_packed, telemetry_metric_sketches, telemetry_trend_rollups, telemetry_dirty_hours`;
  for (const half of [parts.slice(0, parts.length / 2), parts.slice(parts.length / 2)]) {
    for (const part of half) await telemetry.write(parts.indexOf(part) + 1, rowOf(part));
    await takeLease(sql, holder);
    while ((await rollUpDirty(sql, holder)).isMoreLeft);
  }
  return sql<Stored[]>`
    SELECT extract(epoch FROM bucket)::double precision * 1000 AS "fromMs", resolution, value_p50::double precision AS p50,
      value_p95::double precision AS p95, value_p99::double precision AS p99, sketch
    FROM telemetry_trend_rollups`;
}

/** The k-th smallest value, k = ceil(p n): what nobody but the sender knows. */
function trueQuantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length, Math.max(1, Math.ceil(p * sorted.length * (1 - 4 * Number.EPSILON)))) - 1] ??
    Number.NaN
  );
}

const ps = [0.5, 0.95, 0.99];

async function check(parts: readonly Part[]): Promise<number> {
  const rows = await rolledUp(parts);
  let widest = 0;
  for (const row of rows) {
    const toMs = row.fromMs + (row.resolution === '1h' ? hourMs : 24 * hourMs);
    const inside = parts.filter(
      ({ minute }) => day + minute * minuteMs >= row.fromMs && day + minute * minuteMs < toMs,
    );
    const whole = mergeMany(inside.map(sketchOf));
    const stored = decodeSketch(row.sketch);
    const values = inside.flatMap((part) => part.values);
    const found = percentiles(stored, ps);
    widest = Math.max(
      widest,
      new Set(inside.flatMap((part) => sketchOf(part).spans.map(({ first, width }) => `${first} ${width}`))).size,
    );
    if (!whole.isInexact && !stored.isInexact) {
      expect(stored).toEqual(whole);
      expect([row.p50, row.p95, row.p99]).toEqual(percentiles(whole, ps).map((one) => Math.fround(one.value)));
    }
    found.forEach(({ lo, hi }, index) => {
      const truth = trueQuantile(values, ps[index] ?? 0);
      // Bins are (lo, hi], and doubles round at their edges.
      expect(truth).toBeGreaterThanOrEqual(lo * (1 - 1e-12));
      if (hi !== null) expect(truth).toBeLessThanOrEqual(hi * (1 + 1e-12));
    });
  }
  expect(rows.filter((row) => row.resolution === '1d')).toHaveLength(1);
  return widest;
}

describe('percentiles of hours and days (design §4)', () => {
  test('are those of all sketches of their minutes, and the true value lies within their bounds', async () => {
    await fc.assert(
      fc.asyncProperty(partsOf(value, [1, 60]), async (parts) => void (await check(parts))),
      { numRuns: 25 },
    );
  });

  test('keep their bounds true where a sketch has no room for every span', async () => {
    let widest = 0;
    await fc.assert(
      fc.asyncProperty(partsOf(wideValue, [150, 300], 8), async (parts) => {
        widest = Math.max(widest, await check(parts));
      }),
      { numRuns: 15 },
    );
    expect(widest).toBeGreaterThan(maxSpans);
  });
});
