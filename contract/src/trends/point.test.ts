import { describe, expect, it } from 'vitest';
import { minuteResolution, type PointWindow, pointOf } from './point.ts';

const startMs = Date.UTC(2026, 0, 31, 23, 50);
const at = (minute: number): PointWindow => ({ startMs: startMs + minute * 60_000, sum: minute, percentiles: [] });
const endedMs = startMs + 1e9;

describe('a window is presented as a point', () => {
  it('with its start, also where more starts were written than are kept', () => {
    const minutes = Array.from({ length: 5_000 }, (_, minute) => minute);
    for (const minute of [...minutes, ...minutes]) {
      const ts = new Date(startMs + minute * 60_000).toISOString();
      expect(pointOf(at(minute), 'counter', minuteResolution, endedMs)).toEqual({ ts, sum: minute, rate: minute / 60 });
    }
  });

  it('that is partial until it has ended', () => {
    const partialAt = (nowMs: number) => pointOf(at(0), 'counter', minuteResolution, nowMs).partial;
    expect(partialAt(startMs + 59_999)).toBe(true);
    expect(partialAt(startMs + 60_000)).toBeUndefined();
  });

  it('percentiles are all null where a part came without buckets', () => {
    const point = pointOf({ ...at(0), count: 3 }, 'histogram', minuteResolution, endedMs);
    expect(point).toMatchObject({ count: 3, p50: null, p50_lo: null, p95_quality: null, p99: null, p99_hi: null });
  });
});
