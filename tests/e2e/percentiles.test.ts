import { setTimeout as delay } from 'node:timers/promises';
import type { TrendPoint } from '@command-center/contract/api/trends';
import { seededRandom } from '@command-center/infra/demo/random';
import { AggregationType, type ViewOptions } from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodings, openClient } from './client.ts';
import { openStage, type Stage } from './stage.ts';

const DURATION = 'http.server.request.duration';
const VALUES = 3_000;
/** interfaces.md §1: the half width of a bin, the tangent of rounding included. */
const EXACT_TOLERANCE = 0.011;

const random = seededRandom(20_261);
/** Uniform in the logarithm, so that every octave of the range has its share. */
const between = (low: number, high: number): number => low * (high / low) ** random.next();
const values = (low: number, high: number): number[] => Array.from({ length: VALUES }, () => between(low, high));

/** design §4: k = ceil(p n), the k-th smallest. */
function truePercentile(sorted: readonly number[], p: number): number {
  const value = sorted[Math.ceil(p * sorted.length) - 1];
  if (value === undefined) throw new Error('no values');
  return value;
}

const exponential = (maxSize?: number): ViewOptions => ({
  instrumentName: DURATION,
  aggregation: {
    type: AggregationType.EXPONENTIAL_HISTOGRAM,
    ...(maxSize === undefined ? {} : { options: { maxSize } }),
  },
});
const explicit = (boundaries: number[]): ViewOptions => ({
  instrumentName: DURATION,
  aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries } },
});

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** The one window that an export of these values makes. */
async function recorded(
  encoding: (typeof encodings)[number],
  service: string,
  view: ViewOptions,
  sent: readonly number[],
): Promise<TrendPoint> {
  const client = openClient(encoding, stage.sidecar, service, { views: [view] });
  try {
    const durations = client.meter.createHistogram(DURATION, { unit: 's' });
    for (const value of sent) durations.record(value, { 'http.route': '/api/v1/messages' });
    await delay(2);
    await client.flush();
  } finally {
    await client.close();
  }
  const { series } = await stage.api.trends({ metric: DURATION, where: `service.name:${service}`, range: '1h' });
  const [point] = series.flatMap(({ points }) => points).filter(({ count }) => count !== undefined && count > 0);
  if (point === undefined) throw new Error(`no window of ${service}`);
  expect(point.count).toBe(sent.length);
  return point;
}

const percentiles = (point: TrendPoint) => [
  { p: 0.5, value: point.p50, lo: point.p50_lo, hi: point.p50_hi, quality: point.p50_quality },
  { p: 0.95, value: point.p95, lo: point.p95_lo, hi: point.p95_hi, quality: point.p95_quality },
  { p: 0.99, value: point.p99, lo: point.p99_lo, hi: point.p99_hi, quality: point.p99_quality },
];

describe.each(encodings)('percentiles of what the SDK recorded, over $name', (encoding) => {
  const name = (what: string): string => `${what}-${encoding.name.toLowerCase().replace('/', '-')}`;

  it.each([
    // 160 buckets of scale 5 span 5 octaves.
    { what: 'narrow', view: exponential(), low: 0.02, high: 0.4 },
    { what: 'many-buckets', view: exponential(640), low: 0.001, high: 5 },
  ])('from exponential histograms of scale >= 5 ($what) are within 1.1 %, and say exact', async (row) => {
    const sent = values(row.low, row.high);
    const sorted = sent.toSorted((a, b) => a - b);
    for (const { p, value, quality } of percentiles(await recorded(encoding, name(row.what), row.view, sent))) {
      const truth = truePercentile(sorted, p);
      expect(quality).toBe('exact');
      expect(Math.abs((value ?? Number.NaN) / truth - 1)).toBeLessThanOrEqual(EXACT_TOLERANCE);
    }
  });

  it.each([
    { what: 'coarse', view: exponential(20), low: 0.0001, high: 10 },
    {
      what: 'explicit',
      view: explicit([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]),
      low: 0.002,
      high: 8,
    },
  ])('from $what buckets lie within [lo, hi], and say bounded', async (row) => {
    const sent = values(row.low, row.high);
    const sorted = sent.toSorted((a, b) => a - b);
    for (const { p, value, lo, hi, quality } of percentiles(await recorded(encoding, name(row.what), row.view, sent))) {
      const truth = truePercentile(sorted, p);
      expect(quality).toBe('bounded');
      expect(lo).toBeLessThanOrEqual(truth);
      expect(hi).toBeGreaterThanOrEqual(truth);
      expect(value).toBeGreaterThanOrEqual(lo ?? Number.POSITIVE_INFINITY);
      expect(value).toBeLessThanOrEqual(hi ?? Number.NEGATIVE_INFINITY);
    }
  });

  it('past the last explicit bound say overflow and only what is known: more than that bound', async () => {
    const sent = [...values(0.01, 0.9), ...Array.from({ length: VALUES }, () => between(1.5, 30))];
    const point = await recorded(encoding, name('overflow'), explicit([0.1, 0.5, 1]), sent);
    const top = truePercentile(
      sent.toSorted((a, b) => a - b),
      0.99,
    );
    expect([point.p99_quality, point.p99_hi]).toEqual(['overflow', null]);
    expect(point.p99_lo).toBeLessThanOrEqual(top);
    expect(point.p99).toBeGreaterThanOrEqual(0.95);
  });
});
