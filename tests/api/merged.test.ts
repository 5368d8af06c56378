import { type TrendSeries, trends } from '@command-center/contract/api/trends';
import { explicitSpans, exponentialSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { countOf } from '@command-center/contract/sketch/spans';
import { connect } from '@command-center/drizzle/connect';
import { newHolder, takeLease } from '@command-center/sidecar/lead/lease';
import { mergeSettled } from '@command-center/sidecar/lead/merge';
import { rollUpDirty } from '@command-center/sidecar/lead/rollUp';
import fc from 'fast-check';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seedDays, seedSeries, seedWindows, type WindowSeed } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

/**
 * A chart of a whole metric is read from what the leader merged (docs/adr/0015). The same question with a condition that every series meets is computed
 * from the series themselves: both must say the same at any time.
 */

const hourMs = 3_600_000;
const now = Date.now();
/** Of these hours no sidecar holds a minute any more. */
const firstHour = (Math.floor(now / hourMs) - 8) * hourMs;
const hours = [firstHour, firstHour + hourMs, firstHour + 2 * hourMs];
const everySeries = 'where=deployment.environment.name:production';

/** One metric of each way in which series merge. */
const metrics = {
  counter: 'kaiku_http_requests_total',
  additive: 'kaiku_ws_connections_active',
  max: 'process.memory.usage',
  last: 'kaiku_users_active',
  histogram: 'http.server.request.duration',
} as const;
type Kind = keyof typeof metrics;
const kinds = Object.keys(metrics) as Kind[];

let stage: Stage;
/** The leader's own connection: not every type is read there as the API reads it. */
let leader: Sql;
let holder: number;
const ids = new Map<string, number>();
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 2 * 24 * hourMs, now);
  for (const kind of kinds)
    for (const service of ['a', 'b', 'c'])
      ids.set(
        `${kind} ${service}`,
        await seedSeries(stage.sql, metrics[kind], {
          'service.name': service,
          'deployment.environment.name': 'production',
        }),
      );
  leader = connect(stage.databaseUrl, { name: 'leader', max: 1 });
  holder = await newHolder(leader);
});
afterAll(async () => {
  await leader.end();
  await stage.close();
});
beforeEach(async () => {
  await takeLease(leader, holder);
  await stage.sql`TRUNCATE telemetry_metric_samples, telemetry_metric_packed, telemetry_metric_sketches, telemetry_trend_rollups,
    telemetry_merged_minutes, telemetry_merged_hours, telemetry_unmerged_hours, telemetry_dirty_hours`;
  const upTo = new Date(firstHour + 4 * hourMs);
  await stage.sql`UPDATE telemetry_rollup_progress SET next_hour = ${upTo}, next_packed_hour = ${upTo}, next_merged_hour = ${upTo}`;
});

/** What one series has of one minute; counts become what its kind needs. */
interface Reading {
  readonly kind: Kind;
  readonly service: string;
  readonly hour: number;
  readonly minute: number;
  readonly counts: readonly [number, number, number, number];
  readonly isExponential: boolean;
  readonly knowsExtremes: boolean;
}

const reading: fc.Arbitrary<Reading> = fc.record({
  kind: fc.constantFrom(...kinds),
  service: fc.constantFrom('a', 'b', 'c'),
  hour: fc.constantFrom(...hours),
  minute: fc.constantFrom(0, 1, 30, 59),
  counts: fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9)),
  isExponential: fc.boolean(),
  knowsExtremes: fc.boolean(),
});

function windowOf(
  { kind, service, hour, minute, counts, isExponential, knowsExtremes }: Reading,
  writer: number,
): WindowSeed {
  const [a, b, c, d] = counts;
  const key = {
    series_id: ids.get(`${kind} ${service}`) ?? 0,
    ts: new Date(hour + minute * 60_000).toISOString(),
    writer,
  };
  if (kind === 'counter') return { ...key, value_sum: a, value_count: a };
  if (kind === 'additive') return { ...key, value_last: a };
  if (kind !== 'histogram')
    return { ...key, value_min: a, value_last: a + b, value_max: a + b + c, value_last_ms: 1_000 * d + writer };
  const spans = isExponential
    ? exponentialSpans(
        {
          scale: 5,
          zeroCount: a,
          zeroThreshold: 0,
          positive: { offset: b, bucketCounts: [c, d] },
          negative: { offset: 0, bucketCounts: [] },
        },
        { factor: 1, isSigned: false },
      )
    : explicitSpans([0.1, 1, 10], counts, { factor: 1, isSigned: false });
  const extremes = knowsExtremes ? { value_min: 0.01, value_max: 2 } : {};
  return { ...key, value_count: countOf(spans), value_sum: a + d / 8, sketch: encodeSketch(spans), ...extremes };
}

/** As sidecars write what is late: a part of its own, and its hour marked. */
async function arrive(readings: readonly Reading[], writer: number): Promise<void> {
  const known = new Map(readings.map((one) => [`${one.kind} ${one.service} ${one.hour} ${one.minute}`, one]));
  const windows = [...known.values()].map((one) => windowOf(one, writer));
  await seedWindows(stage.sql, 'telemetry_metric_samples', windows);
  for (const { ts, series_id } of windows)
    await stage.sql`INSERT INTO telemetry_dirty_hours (hour, series_id) VALUES (date_trunc('hour', ${ts}::timestamptz, 'UTC'), ${series_id})`;
}

async function pack(): Promise<void> {
  while ((await rollUpDirty(leader, holder)).isMoreLeft);
}
async function merge(): Promise<number> {
  let merged = 0;
  for (;;) {
    const round = await mergeSettled(leader, holder);
    merged += round.merged;
    if (!round.isMoreLeft) return merged;
  }
}

async function read(query: string): Promise<TrendSeries[]> {
  return trends.parse(await stage.read(`${base}/trends?${query}`)).series;
}

const periods = [
  // From within an hour: by the minute; over 24 h: by the hour.
  `from=${firstHour + 20 * 60_000}&to=${firstHour + 3 * hourMs}`,
  `from=${now - 30 * hourMs}&to=${now}`,
];

const allMetrics = kinds.map((kind) => `metric=${metrics[kind]}`).join('&');

/** Every chart as it is answered, and as it is computed from its series. */
async function bothAnswers(): Promise<{ readonly merged: unknown; readonly computed: unknown }> {
  const [merged, computed] = await Promise.all(
    ['', `&${everySeries}`].map(async (condition) => {
      const answers = await Promise.all(periods.map((period) => read(`${allMetrics}&${period}${condition}`)));
      return answers.flat().map(({ metric_name, points, resolution }) => ({ metric_name, points, resolution }));
    }),
  );
  return { merged, computed };
}

async function expectSame(): Promise<void> {
  const { merged, computed } = await bothAnswers();
  expect(merged).toEqual(computed);
}

const rich: readonly Reading[] = kinds.flatMap((kind) =>
  ['a', 'b'].flatMap((service, at) =>
    hours.map((hour) => ({
      kind,
      service,
      hour,
      minute: 30,
      counts: [1, 2, 3, at] as const,
      isExponential: false,
      knowsExtremes: true,
    })),
  ),
);

describe('what is merged over all series is what they give (docs/adr/0015)', () => {
  test('for any data, late parts included, at every step of the leader', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(reading, { minLength: 1, maxLength: 40 }),
        fc.array(reading, { maxLength: 6 }),
        async (first, late) => {
          await stage.sql`TRUNCATE telemetry_metric_samples, telemetry_metric_packed, telemetry_metric_sketches, telemetry_trend_rollups,
          telemetry_merged_minutes, telemetry_merged_hours, telemetry_unmerged_hours, telemetry_dirty_hours`;
          for (const [at, readings] of [first, late].entries()) {
            await takeLease(leader, holder);
            await arrive(readings, at + 1);
            await expectSame();
            await pack();
            await expectSame();
            await merge();
            await expectSame();
          }
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  }, 60_000);

  test('the chart is read from what was merged, and percentiles with their bounds from there too', async () => {
    await arrive(rich, 1);
    await pack();
    expect(await merge()).toBe(kinds.length * hours.length);
    await expectSame();
    await stage.sql`UPDATE telemetry_merged_minutes SET points = jsonb_set(points::jsonb, '{0,sum}', '777')`;
    await stage.sql`UPDATE telemetry_merged_hours SET point = jsonb_set(point::jsonb, '{sum}', '777')`;
    const answers = await Promise.all(periods.map((period) => read(`metric=${metrics.histogram}&${period}`)));
    for (const [series] of answers) {
      expect(series?.points.map(({ sum }) => sum)).toEqual([777, 777, 777]);
      expect(series?.points[0]).toMatchObject({ count: 13, p50_quality: 'bounded', p50_lo: expect.any(Number) });
    }
  });

  test('what came late is in the chart before anybody merges it anew', async () => {
    await arrive(rich, 1);
    await pack();
    await merge();
    const total = async () => (await read(`metric=${metrics.counter}&${periods[0]}`))[0]?.points.map(({ sum }) => sum);
    expect(await total()).toEqual([2, 2, 2]);
    const [one] = rich;
    if (one === undefined) throw new Error('no reading');
    await arrive([{ ...one, hour: firstHour + hourMs, counts: [40, 0, 0, 0] }], 2);
    expect(await total()).toEqual([2, 42, 2]);
    await pack();
    expect(await total()).toEqual([2, 42, 2]);
    expect(await merge()).toBe(1);
    expect(await total()).toEqual([2, 42, 2]);
  });

  test('hours that were rolled up by a sidecar that does not merge are computed from their series', async () => {
    await stage.sql`UPDATE telemetry_rollup_progress SET next_merged_hour = ${new Date(firstHour + hourMs)}, next_hour = ${new Date(firstHour + hourMs)}`;
    await arrive(rich, 1);
    await pack();
    expect(await merge()).toBe(kinds.length);
    await expectSame();
    // The next one that leads catches up.
    await stage.sql`UPDATE telemetry_rollup_progress SET next_hour = ${new Date(firstHour + 3 * hourMs)}`;
    expect(await merge()).toBe(kinds.length * 2);
    await expectSame();
  });
});
