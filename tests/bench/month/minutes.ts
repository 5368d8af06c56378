import { explicitSpans, exponentialSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { percentilesOf } from '@command-center/sidecar/aggregate/window';
import type { Sql } from 'postgres';
import type { BenchSeries } from './series.ts';

/** Minutes of the bench's series, of the sizes and values that a sidecar writes: sketches are made by its own code, and drawn from a pool. */

/** Distinct minutes of a histogram; each is used again some hundred times, which no page compresses. */
const POOL = 400;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Buckets a power of two: what the SDKs' 160 buckets leave to requests between 1 ms and 10 s. */
const SCALE = 4;
/** Spread of durations, as natural logarithm. */
const SPREAD = 0.9;

/** Tables that `writeDay` draws from. */
export async function preparePool(sql: Sql, series: readonly BenchSeries[], random: () => number): Promise<void> {
  await sql.unsafe(`
    DROP TABLE IF EXISTS bench_series, bench_pool;
    CREATE UNLOGGED TABLE bench_series (id integer PRIMARY KEY, metric text, shape text, rate double precision);
    CREATE UNLOGGED TABLE bench_pool (shape text, i integer, n bigint, total double precision, low double precision, high double precision,
      p50 real, p95 real, p99 real, sketch bytea, PRIMARY KEY (shape, i))`);
  await sql`
    INSERT INTO bench_series
    SELECT * FROM jsonb_to_recordset(${sql.json(series.map((one) => ({ ...one, rate: 10 ** (3.5 * random() - 1) })))})
      AS s(id integer, metric text, shape text, rate double precision)`;
  const pool = (['explicit', 'exponential'] as const).flatMap((shape) =>
    Array.from({ length: POOL }, (_, i) => ({ shape, i, ...histogramMinute(shape, random) })),
  );
  for (const minute of pool)
    await sql`INSERT INTO bench_pool VALUES (${minute.shape}, ${minute.i}, ${minute.n}, ${minute.total}, ${minute.low}, ${minute.high},
      ${minute.p50}, ${minute.p95}, ${minute.p99}, ${minute.sketch})`;
  await sql.unsafe('ANALYZE bench_series, bench_pool');
}

function histogramMinute(shape: 'explicit' | 'exponential', random: () => number) {
  const n = Math.round(10 ** (1 + 2 * random()));
  const median = 10 ** (-2.3 + 1.3 * random());
  const values = Array.from({ length: n }, () => median * Math.exp(SPREAD * normal(random)));
  const min = Math.min(...values);
  const max = Math.max(...values);
  const spans =
    shape === 'explicit'
      ? explicitSpans(BOUNDS, bucketCounts(values), { factor: 1, isSigned: false })
      : exponentialSpans(exponentialBuckets(values), { factor: 1, isSigned: false });
  const total = values.reduce((sum, value) => sum + value, 0);
  const { p50, p95, p99 } = percentilesOf({ count: n, sum: total, min, max, last: null, lastMs: null, spans });
  return { n, total, low: min, high: max, p50, p95, p99, sketch: Buffer.from(encodeSketch(spans)) };
}

function bucketCounts(values: readonly number[]): number[] {
  const counts = new Array<number>(BOUNDS.length + 1).fill(0);
  for (const value of values) {
    const at = BOUNDS.findIndex((bound) => value <= bound);
    const bucket = at < 0 ? BOUNDS.length : at;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

function exponentialBuckets(values: readonly number[]) {
  const indices = values.map((value) => Math.ceil(Math.log2(value) * 2 ** SCALE) - 1);
  const offset = Math.min(...indices);
  const counts = new Array<number>(Math.max(...indices) - offset + 1).fill(0);
  for (const index of indices) counts[index - offset] = (counts[index - offset] ?? 0) + 1;
  return {
    scale: SCALE,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset, bucketCounts: counts },
    negative: { offset: 0, bucketCounts: [] },
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Writes every minute of all series from `from` up to `to` into the samples, in the order in which closed windows are moved there. */
export async function writeMinutes(
  sql: Sql,
  from: Date,
  to: Date,
  table = 'telemetry_metric_samples',
): Promise<number> {
  const rows = await sql`
    INSERT INTO ${sql(table)} (ts, series_id, writer, value_count, value_sum, value_min, value_max, value_last, value_last_ms,
      value_p50, value_p95, value_p99, sketch)
    SELECT m.ts, s.id, 1,
      CASE s.shape WHEN 'counter' THEN v.whole WHEN 'explicit' THEN p.n WHEN 'exponential' THEN p.n END,
      CASE s.shape WHEN 'counter' THEN v.whole WHEN 'explicit' THEN p.total WHEN 'exponential' THEN p.total END,
      CASE s.shape WHEN 'gauge' THEN v.reading WHEN 'explicit' THEN p.low WHEN 'exponential' THEN p.low END,
      CASE s.shape WHEN 'gauge' THEN v.reading WHEN 'explicit' THEN p.high WHEN 'exponential' THEN p.high END,
      CASE s.shape WHEN 'gauge' THEN v.reading WHEN 'additive' THEN v.whole END,
      CASE s.shape WHEN 'gauge' THEN (s.id * 119) % 60000 END,
      p.p50, p.p95, p.p99, p.sketch
    FROM (SELECT ts, 1 + 0.5 * sin(extract(epoch FROM ts) / 86400 * 2 * pi()) AS crowd
      FROM generate_series(${from}::timestamptz, ${to}::timestamptz - interval '1 minute', interval '1 minute') AS ts) AS m
    CROSS JOIN bench_series AS s
    CROSS JOIN LATERAL (SELECT floor(s.rate * m.crowd * (0.8 + 0.4 * random()) + random())::bigint AS whole,
      CASE WHEN s.metric LIKE '%memory%' THEN 4096 * floor(60000 + 5000 * random()) WHEN s.metric LIKE '%uptime%' THEN extract(epoch FROM m.ts)
        ELSE s.rate * m.crowd * (0.8 + 0.4 * random()) / 1000 END AS reading,
      floor(random() * ${POOL})::integer AS i) AS v
    LEFT JOIN bench_pool AS p ON p.shape = s.shape AND p.i = v.i
    ORDER BY m.ts, s.id`;
  return rows.count;
}
