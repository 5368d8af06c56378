import { type TopRoutes, topRoutes } from '@command-center/contract/api/top';
import { explicitSpans, exponentialSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { percentile } from '@command-center/contract/sketch/percentile';
import { countOf, mergeMany, type SpanList } from '@command-center/contract/sketch/spans';
import { connect } from '@command-center/drizzle/connect';
import { newHolder, takeLease } from '@command-center/sidecar/lead/lease';
import { handOverHours, rollUpDirty } from '@command-center/sidecar/lead/rollUp';
import fc from 'fast-check';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDays, seedSeries, seedWindows, type WindowSeed } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

/**
 * What is added up over a range is read from days, hours and minutes, packed or not, whichever tell it: at any time it is what its minutes give, however late
 * they came (docs/adr/0010).
 */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const now = Date.now();
const thisHour = Math.floor(now / hourMs) * hourMs;
const today = Math.floor(now / dayMs) * dayMs;
/** Open, ended, settled, packed with and without the minutes' sketches; some of the same UTC day. */
const hours = [
  thisHour,
  thisHour - hourMs,
  thisHour - 2 * hourMs,
  thisHour - 5 * hourMs,
  thisHour - 20 * hourMs,
  today - 4 * dayMs + 3 * hourMs,
  today - 4 * dayMs + 4 * hourMs,
  today - 8 * dayMs,
];
const windows = [
  [now - hourMs, now],
  [now - 6 * hourMs, now],
  [now - dayMs, now],
  [now - 7 * dayMs, now],
  [now - 30 * dayMs, now],
  [thisHour - 5 * hourMs + 20 * minuteMs, thisHour - 2 * hourMs + 10 * minuteMs],
  [thisHour - 5 * hourMs + 20 * minuteMs, thisHour - 5 * hourMs + 40 * minuteMs],
  [today - 4 * dayMs + 3.5 * hourMs, today - 4 * dayMs + 3.6 * hourMs],
] as const;

const routes = ['/a', '/b'] as const;
const services = ['orders', 'carts'] as const;

interface Reading {
  readonly route: (typeof routes)[number];
  readonly service: (typeof services)[number];
  readonly hour: number;
  readonly minute: number;
  readonly counts: readonly [number, number, number, number];
  readonly isExponential: boolean;
}

const reading: fc.Arbitrary<Reading> = fc.record({
  route: fc.constantFrom(...routes),
  service: fc.constantFrom(...services),
  hour: fc.constantFrom(...hours),
  minute: fc.constantFrom(0, 15, 30, 59),
  counts: fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9)),
  isExponential: fc.boolean(),
});

const startOf = ({ hour, minute }: Reading): number => hour + minute * minuteMs;

function spansOf({ counts, isExponential }: Reading): SpanList {
  const [zeroCount, offset, ...bucketCounts] = counts;
  const options = { factor: 1, isSigned: false };
  if (!isExponential) return explicitSpans([0.1, 1, 10], counts, options);
  const [positive, negative] = [
    { offset, bucketCounts },
    { offset: 0, bucketCounts: [] },
  ];
  return exponentialSpans({ scale: 5, zeroCount, zeroThreshold: 0, positive, negative }, options);
}

let stage: Stage;
let leader: Sql;
let holder: number;
const ids = new Map<string, number>();
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 10 * dayMs, now);
  for (const route of routes)
    for (const service of services)
      for (const metric of ['http.server.request.duration', 'kaiku_http_requests_total', 'kaiku_http_errors_total']) {
        const status = metric === 'kaiku_http_errors_total' ? { 'http.response.status_code': '500' } : {};
        const labels = { 'service.name': service, 'http.route': route, ...status };
        ids.set(`${metric} ${route} ${service}`, await seedSeries(stage.sql, metric, labels));
      }
  leader = connect(stage.databaseUrl, { name: 'leader', max: 1 });
  holder = await newHolder(leader);
});
afterAll(async () => {
  await leader.end();
  await stage.close();
});

async function clear(): Promise<void> {
  await stage.sql`TRUNCATE telemetry_metric_samples, telemetry_metric_packed, telemetry_metric_sketches, telemetry_trend_rollups,
    telemetry_open_windows, telemetry_merged_minutes, telemetry_merged_hours, telemetry_unmerged_hours, telemetry_dirty_hours`;
  // The leader has seen the oldest days, and has the last two hours of data before it.
  const upTo = new Date(thisHour - 2 * hourMs);
  await stage.sql`UPDATE telemetry_rollup_progress SET next_hour = ${upTo}, next_packed_hour = ${upTo}, next_merged_hour = ${upTo}`;
}

/** As sidecars write: into open windows what is of the open hour; else into the samples, and its hour is marked where it had ended. */
async function arrive(readings: readonly Reading[], writer: number): Promise<void> {
  for (const one of readings) {
    const spans = spansOf(one);
    const key = { ts: new Date(startOf(one)).toISOString(), writer };
    const id = (metric: string): number => ids.get(`${metric} ${one.route} ${one.service}`) ?? 0;
    const rows: WindowSeed[] = [
      {
        ...key,
        series_id: id('http.server.request.duration'),
        value_count: countOf(spans),
        value_sum: 1,
        sketch: encodeSketch(spans),
      },
      { ...key, series_id: id('kaiku_http_requests_total'), value_sum: 10 + one.counts[0], value_count: 10 },
      { ...key, series_id: id('kaiku_http_errors_total'), value_sum: one.counts[1], value_count: one.counts[1] },
    ];
    const isOpen = one.hour === thisHour;
    await seedWindows(stage.sql, isOpen ? 'telemetry_open_windows' : 'telemetry_metric_samples', rows);
    if (isOpen) continue;
    for (const { series_id } of rows)
      await stage.sql`INSERT INTO telemetry_dirty_hours (hour, series_id) VALUES (${new Date(one.hour)}, ${series_id})`;
  }
}

/** One reading a minute, series and writer. */
function distinct(readings: readonly Reading[]): readonly Reading[] {
  return [...new Map(readings.map((one) => [`${one.route} ${one.service} ${startOf(one)}`, one])).values()];
}

const ask = async ([from, to]: readonly [number, number]): Promise<TopRoutes> =>
  topRoutes.parse(
    await stage.read(`${base}/top-routes?from=${Math.max(from, now - 30 * dayMs)}&to=${Math.round(to)}&sort=errors`),
  );

/** What the minutes within an answer's range give, one by one. */
function bruteForce(all: readonly Reading[], { from, to }: TopRoutes) {
  const within = all.filter((one) => startOf(one) >= Date.parse(from) && startOf(one) < Date.parse(to));
  return [...Map.groupBy(within, ({ route }) => route)]
    .map(([route, own]) => {
      const p95 = percentile(mergeMany(own.map(spansOf)), 0.95);
      const count = own.reduce((sum, one) => sum + 10 + one.counts[0], 0);
      const error_count = own.reduce((sum, one) => sum + one.counts[1], 0);
      return {
        route,
        count,
        p95: p95?.value ?? null,
        p95_lo: p95?.lo ?? null,
        p95_hi: p95?.hi ?? null,
        p95_quality: p95?.quality ?? null,
        error_count,
        error_rate: error_count / count,
      };
    })
    .sort((a, b) => (a.route < b.route ? -1 : 1));
}

async function expectTrue(all: readonly Reading[]): Promise<void> {
  for (const window of windows) {
    const answer = await ask(window);
    const items = answer.items.toSorted((a, b) => (a.route < b.route ? -1 : 1));
    expect(items).toEqual(bruteForce(all, answer));
  }
}

describe('a range adds up to its minutes, wherever they lie', () => {
  test('for any data at every step of the leader, late parts included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(reading, { minLength: 1, maxLength: 30 }).map(distinct),
        fc.array(reading, { maxLength: 6 }).map(distinct),
        async (first, late) => {
          await clear();
          const all: Reading[] = [];
          for (const [at, readings] of [first, late].entries()) {
            await takeLease(leader, holder);
            await arrive(readings, at + 1);
            all.push(...readings);
            await expectTrue(all);
            // Some of the marked hours, then the rest: packed and unpacked ones lie side by side meanwhile.
            await rollUpDirty(leader, holder, undefined, { size: 5, run: (work) => work(5) });
            await expectTrue(all);
            while (await handOverHours(leader, holder));
            await expectTrue(all);
            while ((await rollUpDirty(leader, holder)).isMoreLeft);
            await expectTrue(all);
          }
        },
      ),
      { numRuns: 8, endOnFailure: true },
    );
  }, 120_000);

  test('more changed hours than are read one by one', async () => {
    await clear();
    const many = Array.from(
      { length: 30 },
      (_, n): Reading => ({
        route: '/a',
        service: 'orders',
        hour: thisHour - (4 + 2 * n) * hourMs,
        minute: 15,
        counts: [1, 2, 3, 4],
        isExponential: true,
      }),
    );
    await takeLease(leader, holder);
    await arrive(many, 1);
    while ((await rollUpDirty(leader, holder)).isMoreLeft);
    await arrive(many, 2);
    await expectTrue([...many, ...many]);
  });
});
