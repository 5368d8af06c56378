import { describe, expect, it } from 'vitest';
import { floorOf, joinSeries, shareSeries, sharesOf } from './quality.ts';

const ts = (minute: number): string => new Date(minute * 60_000).toISOString();
const window = { resolution: '1m', to: ts(3) } as const;

describe('quality reports', () => {
  it('are shares that add up to all', () => {
    expect(sharesOf({ poor: 1, fair: 1, good: 3, excellent: 5 })).toEqual({
      poor: 10,
      fair: 10,
      good: 30,
      excellent: 50,
    });
  });

  it('of nobody have no shares, and leave a gap', () => {
    const none = { poor: 0, fair: 0, good: 0, excellent: 0 };
    expect(sharesOf(none)).toBeNull();
    const points = [
      { ts: ts(0), ...none, poor: 4 },
      { ts: ts(1), ...none },
      { ts: ts(2.5), ...none, good: 2, poor: 2 },
    ];
    const [poor, , good] = shareSeries({ ...window, quality: { totals: none, points } });
    expect(poor?.points).toEqual([
      { tsMs: 0, isOpen: false, value: 100, of: 4 },
      { tsMs: 150_000, isOpen: true, value: 50, of: 4 },
    ]);
    expect(good?.points.map(({ value }) => value)).toEqual([0, 50]);
  });
});

describe('join success over time', () => {
  const of = (...values: (number | null)[]) =>
    joinSeries({ ...window, join_success: values.map((value, at) => ({ ts: ts(at), value, n: 9, numerator: 0 })) });

  it('leaves a gap where nobody tried, which is not 0 %', () => {
    expect(of(0, null, 100).points.map(({ tsMs, value }) => [tsMs, value])).toEqual([
      [0, 0],
      [120_000, 100],
    ]);
  });

  it('begins at 80 % where all of it lies above, else at 0', () => {
    expect([of(80.1, null, 100), of(80, 99), of(), of(null)].map(floorOf)).toEqual([80, 0, 0, 0]);
  });
});
