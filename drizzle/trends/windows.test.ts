import { describe, expect, it } from 'vitest';
import type { TrendRow } from './columns.ts';
import type { PackedHistogram } from './minutes.ts';
import { windowsOf } from './windows.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const hour = 1_000 * hourMs;
const period = { fromMs: hour, toMs: hour + hourMs };

/** An array of double precision as Postgres sends it (sent.ts). */
function sent(values: readonly (number | null)[]): Uint8Array {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32BE(values.length, 12);
  const elements = values.map((value) => {
    const element = Buffer.alloc(value === null ? 4 : 12);
    element.writeInt32BE(value === null ? -1 : 8);
    if (value !== null) element.writeDoubleBE(value, 4);
    return element;
  });
  return Buffer.concat([bytes, ...elements]);
}

const of = <T>(value: T): T[] => Array.from({ length: 60 }, () => value);
const row = (minute: number, columns: Partial<Record<'count' | 'sum' | 'value' | 'min' | 'max', number | null>>) => ({
  member: 0,
  hour: null,
  starts: sent([(hour + minute * minuteMs) / 1000]),
  ...Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, sent([value ?? null])])),
});
const nothing: PackedHistogram = {
  member: 0,
  hour: hour / 1000,
  minutes: null,
  count: null,
  count_wide: null,
  sum: null,
  sum_wide: null,
  min: null,
  min_wide: null,
  max: null,
  max_wide: null,
};
const histogram = (packed: Partial<PackedHistogram>, rows: TrendRow[] = []) =>
  windowsOf('histogram', minuteMs, period, rows, { histograms: [{ ...nothing, ...packed }], sketches: [] });

describe('windows of a trend', () => {
  it('a whole hour and what came late of it add up, minute by minute', () => {
    const whole: TrendRow = { member: 0, hour: hour / 1000, starts: null, sum: sent(of(2)) };
    const sums = windowsOf('counter', minuteMs, period, [row(7, { sum: 5 }), whole]).map(({ sum }) => sum);
    expect(sums).toEqual(of(2).with(7, 7));
  });

  it('of an hour that the period begins or ends within only the minutes in it', () => {
    const whole: TrendRow = { member: 0, hour: hour / 1000, starts: null, sum: sent(of(2)) };
    const cut = { fromMs: hour + 30 * minuteMs - 1, toMs: hour + 40 * minuteMs + 1 };
    const starts = windowsOf('counter', minuteMs, cut, [whole]).map(({ startMs }) => (startMs - hour) / minuteMs);
    expect(starts).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
  });

  it('a gauge reads its greatest or least, an additive one its sum, over series and late parts', () => {
    const read = (shape: 'max' | 'min' | 'additive', columns: Parameters<typeof row>[1], arrays: Partial<TrendRow>) =>
      windowsOf(shape, minuteMs, period, [
        row(0, columns),
        { member: 0, hour: hour / 1000, starts: null, ...arrays },
      ])[0];
    const extremes = { min: sent(of(3)), max: sent(of(4)) };
    expect(read('max', { min: 1, max: 9 }, extremes)).toMatchObject({ value: 9, min: 1, max: 9 });
    expect(read('min', { min: 1, max: 9 }, extremes)).toMatchObject({ value: 1, min: 1, max: 9 });
    expect(read('additive', { value: 5 }, { value: sent(of(2)) })).toMatchObject({ value: 7, min: 7, max: 7 });
  });

  it('numbers of packed histograms lie in one of two arrays; a count left out is the rounded sum, halves to even', () => {
    const minutes = sent([0, 5, 9]);
    const found = histogram({
      minutes,
      sum_wide: sent([2.5, 3.5, 4.4]),
      min: sent([1, 1, 1]),
      max_wide: sent([2, 3, 4]),
    });
    expect(found).toMatchObject([
      { startMs: hour, count: 2, sum: 2.5, min: 1, max: 2 },
      { startMs: hour + 5 * minuteMs, count: 4, sum: 3.5, min: 1, max: 3 },
      { startMs: hour + 9 * minuteMs, count: 4, sum: 4.4, min: 1, max: 4 },
    ]);
  });

  it('extremes are known only where every part with events knows its own', () => {
    const minutes = sent([0]);
    const packed = { minutes, count: sent([2]), sum: sent([3]), min: sent([1]), max: sent([2]) };
    const late = (count: number) => [row(0, { count, sum: 1, min: null, max: null })];
    expect(histogram(packed, late(1))).toMatchObject([{ count: 3, sum: 4, min: null, max: null }]);
    expect(histogram(packed, late(0))).toMatchObject([{ count: 2, sum: 4, min: 1, max: 2 }]);
  });

  it('members stand in their order, and a window without data is missing', () => {
    const other = { ...row(3, { sum: 1 }), member: 1 };
    const found = windowsOf('counter', minuteMs, period, [other, row(4, { sum: null })]);
    expect(found.map(({ member, startMs, sum }) => [member, (startMs - hour) / minuteMs, sum])).toEqual([
      [0, 4, null],
      [1, 3, 1],
    ]);
  });
});
