import { defaultCatalogue } from '@command-center/contract/catalogue/catalogue';
import { minuteSketchesFromMs } from '@command-center/contract/retention';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newHolder, takeLease } from './lease.ts';
import { mergeSettled } from './merge.ts';
import { purge } from './purge.ts';
import { rollUpDirty } from './rollUp.ts';
import { counterRow, histogramRow, hourMs, minuteMs, openTelemetry, type Telemetry } from './testing/telemetry.ts';

/** What charts show of merged hours: tests/api/merged.test.ts. */

let telemetry: Telemetry;
let holder: number;
/** An hour of yesterday. */
let hour: number;
beforeEach(async () => {
  telemetry = await openTelemetry();
  holder = await newHolder(telemetry.sql);
  await takeLease(telemetry.sql, holder);
  hour = (Math.floor(telemetry.nowMs / hourMs) - 26) * hourMs;
});
afterEach(() => telemetry.close());

const requests = 'kaiku_http_requests_total';
const durations = 'http.server.request.duration';

async function pack(): Promise<void> {
  while ((await rollUpDirty(telemetry.sql, holder)).isMoreLeft);
}
async function mergeAll(catalogue = defaultCatalogue): Promise<number> {
  let merged = 0;
  for (;;) {
    const round = await mergeSettled(telemetry.sql, holder, catalogue);
    merged += round.merged;
    if (!round.isMoreLeft) return merged;
  }
}
async function rowsOf(table: string): Promise<Record<string, unknown>[]> {
  return [
    ...(await telemetry.sql`SELECT to_jsonb(t) - 'hour' AS row FROM ${telemetry.sql(table)} AS t ORDER BY metric_name, hour`),
  ].map(({ row }) => row);
}

describe('hours of a metric are merged over all its series once they have settled (docs/adr/0015)', () => {
  test('the hour, and its minutes one array a value', async () => {
    const [a, b] = [
      await telemetry.series(requests, { 'service.name': 'a' }),
      await telemetry.series(requests, { 'service.name': 'b' }),
    ];
    await telemetry.write(1, counterRow(a, hour, 1), counterRow(b, hour, 2), counterRow(b, hour + 59 * minuteMs, 4));
    await pack();
    expect(await mergeAll()).toBe(1);
    expect(await rowsOf('telemetry_merged_minutes')).toMatchObject([
      {
        metric_name: requests,
        size: 2,
        points: [
          { ts: new Date(hour).toISOString(), sum: 3, rate: 3 / 60 },
          { ts: new Date(hour + 59 * minuteMs).toISOString(), sum: 4 },
        ],
      },
    ]);
    expect(await rowsOf('telemetry_merged_hours')).toMatchObject([
      { metric_name: requests, point: { ts: new Date(hour).toISOString(), sum: 7, rate: 7 / 3600 } },
    ]);
    expect(await mergeAll()).toBe(0);
  });

  test('one that changed since waits to be rolled up, the others do not', async () => {
    const [a, b] = [
      await telemetry.series(requests, { 'service.name': 'a' }),
      await telemetry.series(durations, { 'service.name': 'a' }),
    ];
    await telemetry.write(1, counterRow(a, hour, 1), histogramRow(b, hour, [1], [1, 1]));
    await pack();
    await telemetry.write(2, counterRow(a, hour, 1));
    expect(await mergeAll()).toBe(1);
    expect(await rowsOf('telemetry_merged_hours')).toMatchObject([{ metric_name: durations }]);
    await pack();
    expect(await mergeAll()).toBe(1);
    expect(await rowsOf('telemetry_merged_hours')).toMatchObject([{ metric_name: durations }, { point: { sum: 2 } }]);
  });

  test('minutes of histograms are merged and kept for as long as they have sketches, all else for thirty days', async () => {
    const [a, b] = [
      await telemetry.series(requests, { 'service.name': 'a' }),
      await telemetry.series(durations, { 'service.name': 'a' }),
    ];
    const old = minuteSketchesFromMs(telemetry.nowMs) - hourMs;
    for (const start of [old, hour])
      await telemetry.write(1, counterRow(a, start, 1), histogramRow(b, start, [1], [1, 1]));
    await pack();
    expect(await mergeAll()).toBe(4);
    const names = async () => (await rowsOf('telemetry_merged_minutes')).map(({ metric_name }) => metric_name);
    expect(await names()).toEqual([durations, requests, requests]);
    expect(await rowsOf('telemetry_merged_hours')).toHaveLength(4);
    // Days later.
    await telemetry.sql`UPDATE telemetry_merged_minutes SET hour = hour - interval '3 days'`;
    await purge(telemetry.sql, holder, 30);
    expect(await names()).toEqual([requests, requests]);
    await telemetry.sql`UPDATE telemetry_merged_minutes SET hour = hour - interval '28 days'`;
    await telemetry.sql`UPDATE telemetry_merged_hours SET hour = hour - interval '31 days'`;
    await telemetry.sql`INSERT INTO telemetry_unmerged_hours (hour, metric_name) VALUES (now() - interval '31 days', ${requests})`;
    await purge(telemetry.sql, holder, 30);
    for (const table of ['telemetry_merged_minutes', 'telemetry_merged_hours', 'telemetry_unmerged_hours'])
      expect(await rowsOf(table)).toEqual([]);
  });

  test('what was merged of a metric that left the contract goes', async () => {
    const a = await telemetry.series(requests, { 'service.name': 'a' });
    await telemetry.write(1, counterRow(a, hour, 1));
    await pack();
    await mergeAll();
    await telemetry.sql`INSERT INTO telemetry_unmerged_hours (hour, metric_name) SELECT hour, metric_name FROM telemetry_merged_hours`;
    expect(await mergeAll({ ...defaultCatalogue, entryOf: () => undefined })).toBe(1);
    for (const table of ['telemetry_merged_minutes', 'telemetry_merged_hours', 'telemetry_unmerged_hours'])
      expect(await rowsOf(table)).toEqual([]);
  });

  test('settled hours are handed over, never past them', async () => {
    await telemetry.series(requests, { 'service.name': 'a' });
    await telemetry.sql`UPDATE telemetry_rollup_progress SET next_hour = ${new Date(hour)}, next_merged_hour = ${new Date(hour - 3 * hourMs)}`;
    expect(await mergeAll()).toBe(3);
    const [progress] =
      await telemetry.sql`SELECT next_merged_hour = next_hour AS is_done FROM telemetry_rollup_progress`;
    expect(progress).toEqual({ is_done: true });
  });

  test('who no longer leads merges nothing', async () => {
    const a = await telemetry.series(requests, { 'service.name': 'a' });
    await telemetry.write(1, counterRow(a, hour, 1));
    await pack();
    await telemetry.sql`UPDATE telemetry_leader SET holder = holder + 1000`;
    await expect(mergeSettled(telemetry.sql, holder)).rejects.toThrow(/no longer leads/);
    expect(await rowsOf('telemetry_merged_hours')).toEqual([]);
  });
});
