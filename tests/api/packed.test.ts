import { type TrendSeries, trends } from '@command-center/contract/api/trends';
import { minuteSketchesFromMs } from '@command-center/contract/retention';
import { explicitSpans, exponentialSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import type { SpanList } from '@command-center/contract/sketch/spans';
import { newHolder, takeLease } from '@command-center/sidecar/lead/lease';
import { rollUpDirty } from '@command-center/sidecar/lead/rollUp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays, seedSeries, seedWindows } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const hourMs = 3_600_000;
const now = Date.now();
/** An hour of which no sidecar holds a minute any more, whose minutes still have sketches. */
const recent = (Math.floor(now / hourMs) - 5) * hourMs;
/** One whose minutes have none once it is packed. */
const old = minuteSketchesFromMs(now) - 24 * hourMs;

let stage: Stage;
let holder: number;
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 6 * 24 * hourMs, now);
  holder = await newHolder(stage.sql);
});
afterAll(() => stage.close());

async function read(query: string, fromMs: number, toMs = fromMs + 2 * hourMs): Promise<TrendSeries[]> {
  return trends.parse(await stage.read(`${base}/trends?${query}&from=${fromMs}&to=${toMs}`)).series;
}

const explicit = (counts: readonly number[]): SpanList =>
  explicitSpans([0.1, 1, 10], counts, { factor: 1, isSigned: false });
const exponential = (counts: readonly number[]): SpanList =>
  exponentialSpans(
    {
      scale: 5,
      zeroCount: 1,
      zeroThreshold: 0,
      positive: { offset: -40, bucketCounts: counts },
      negative: { offset: 0, bucketCounts: [] },
    },
    { factor: 1, isSigned: false },
  );

/** Two series of each kind, two writers, gaps. */
async function seedHour(fromMs: number): Promise<void> {
  const { sql } = stage;
  const at = (minute: number): string => new Date(fromMs + minute * 60_000).toISOString();
  for (const service of [`a-${fromMs}`, `b-${fromMs}`]) {
    const labels = { 'service.name': service };
    const requests = await seedSeries(sql, 'kaiku_http_requests_total', labels);
    const connections = await seedSeries(sql, 'kaiku_ws_connections_active', labels);
    const memory = await seedSeries(sql, 'process.memory.usage', labels);
    const durations = await seedSeries(sql, 'http.server.request.duration', labels);
    // One hour with gaps, one without.
    const minutes = service.startsWith('a') ? [0, 1, 2, 30, 59] : Array.from({ length: 60 }, (_, minute) => minute);
    for (const minute of minutes) {
      for (const writer of [1, 2]) {
        const spans = service.startsWith('a') ? explicit([minute, 5, writer, 1]) : exponential([1, minute + 1, writer]);
        const count = spans.spans.reduce((sum, span) => sum + span.count, 0);
        await seedWindows(sql, 'telemetry_metric_samples', [
          { ts: at(minute), series_id: requests, writer, value_sum: minute * writer, value_count: minute * writer },
          { ts: at(minute), series_id: connections, writer, value_last: minute - writer },
          {
            ts: at(minute),
            series_id: memory,
            writer,
            value_min: 1.1,
            value_max: 9e9 + writer,
            value_last: 3,
            value_last_ms: writer,
          },
          {
            ts: at(minute),
            series_id: durations,
            writer,
            value_count: count,
            value_sum: 0.5,
            sketch: encodeSketch(spans),
          },
        ]);
      }
    }
    await sql`INSERT INTO telemetry_dirty_hours (hour, series_id)
      SELECT ${new Date(fromMs)}::timestamptz, id FROM telemetry_metric_series WHERE labels ->> 'service.name' = ${service}`;
  }
}

async function pack(): Promise<void> {
  await takeLease(stage.sql, holder);
  const { packed } = await rollUpDirty(stage.sql, holder);
  expect(packed).toBeGreaterThan(0);
  expect(await stage.sql`SELECT 1 FROM telemetry_metric_samples`).toHaveLength(0);
}

const questions = ['kaiku_http_requests_total', 'kaiku_ws_connections_active', 'process.memory.usage'].flatMap(
  (metric) => [`metric=${metric}`, `metric=${metric}&by=service.name`],
);
const percentiles = ['metric=http.server.request.duration', 'metric=http.server.request.duration&by=service.name'];

describe('a chart is the same whether its hours are packed or not (docs/adr/0010)', () => {
  test('by the minute while minutes have sketches, percentiles with their bounds too', async () => {
    await seedHour(recent);
    const ask = () => Promise.all([...questions, ...percentiles].map((query) => read(query, recent)));
    const before = await ask();
    await pack();
    expect(await ask()).toEqual(before);
    expect(before.flat().map(({ resolution }) => resolution)).toEqual(before.flat().map(() => '1m'));
    expect(before.at(-2)?.[0]?.points[0]).toMatchObject({ p95_quality: 'overflow', p95: expect.any(Number) });
  });

  test('on older days histograms are answered by the hour and say so, all else by the minute', async () => {
    await seedHour(old);
    const ask = (queries: readonly string[]) => Promise.all(queries.map((query) => read(query, old)));
    const minutes = await ask(questions);
    const hours = await ask(percentiles);
    await pack();
    expect(await ask(questions)).toEqual(minutes);
    expect(await ask(percentiles)).toEqual(hours);
    expect(hours.flat().map(({ resolution }) => resolution)).toEqual(['1h', '1h', '1h']);
    expect(hours[0]?.[0]?.points).toMatchObject([{ ts: new Date(old).toISOString(), p95: expect.any(Number) }]);
    // Twenty minutes of it get the hour that they lie in.
    const within = await Promise.all(percentiles.map((query) => read(query, old + 20 * 60_000, old + 40 * 60_000)));
    expect(within).toEqual(hours);
    expect(
      await stage.sql`SELECT 1 FROM telemetry_metric_sketches WHERE hour < ${new Date(old + hourMs)}`,
    ).toHaveLength(0);
  });
});
