import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { counterRow, minuteBefore, openTelemetry, type Telemetry } from '../lead/testing/telemetry.ts';
import { moveOldWindows, moveOwnWindows } from './moveWindows.ts';

let telemetry: Telemetry;
beforeEach(async () => {
  telemetry = await openTelemetry();
});
afterEach(() => telemetry.close());

/** Opens windows by hand: the store would write minutes that ended to the samples at once. */
async function open(writer: number, series: number, ...agos: readonly number[]): Promise<void> {
  for (const ago of agos) {
    await telemetry.sql`INSERT INTO telemetry_open_windows (ts, series_id, writer, value_count, value_sum)
      VALUES (${new Date(minuteBefore(telemetry.nowMs, ago))}, ${series}, ${writer}, ${ago}, ${ago})`;
  }
}

async function stored(table: 'telemetry_open_windows' | 'telemetry_metric_samples') {
  const { sql } = telemetry;
  const rows = await sql<{ writer: number; value_sum: number }[]>`
    SELECT writer, value_sum FROM ${sql(table)} ORDER BY writer, value_sum`;
  return rows.map((row) => [row.writer, row.value_sum]);
}

describe('a closed window lies in one table, and moves in one statement (design §4)', () => {
  test('a writer moves its own windows two minutes after their minute ended', async () => {
    const series = await telemetry.series('kaiku_http_requests_total', { 'service.name': 'orders' });
    await open(1, series, 0, 1, 5, 1500);
    await open(2, series, 5);
    expect(await moveOwnWindows(telemetry.sql, 1)).toBe(2);
    expect(await stored('telemetry_metric_samples')).toEqual([
      [1, 5],
      [1, 1500],
    ]);
    expect(await stored('telemetry_open_windows')).toEqual([
      [1, 0],
      [1, 1],
      [2, 5],
    ]);
    expect(await moveOwnWindows(telemetry.sql, 1)).toBe(0);
  });

  test('the leader moves those of any writer after fifteen', async () => {
    const series = await telemetry.series('kaiku_http_requests_total', { 'service.name': 'orders' });
    await open(1, series, 5, 20);
    await open(2, series, 30);
    expect(await moveOldWindows(telemetry.sql)).toBe(2);
    expect(await stored('telemetry_open_windows')).toEqual([[1, 5]]);
    expect(await stored('telemetry_metric_samples')).toEqual([
      [1, 20],
      [2, 30],
    ]);
  });

  test('what its writer changed meanwhile counts once, with the writer and the leader at it together', async () => {
    const series = await telemetry.series('kaiku_http_requests_total', { 'service.name': 'orders' });
    await open(1, series, 20);
    const late = counterRow(series, minuteBefore(telemetry.nowMs, 20), 21);
    await Promise.all([moveOldWindows(telemetry.sql), telemetry.write(1, late)]);
    await moveOldWindows(telemetry.sql);
    expect(await stored('telemetry_open_windows')).toEqual([]);
    expect(await stored('telemetry_metric_samples')).toEqual([[1, 21]]);
  });
});
