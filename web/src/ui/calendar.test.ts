import { describe, expect, it } from 'vitest';
import { addDays, dayOf, daysBetween, spanOf, startOf, weeksOf } from './calendar.ts';

const day = (year: number, month: number, of: number) => ({ year, month, day: of });

describe('a calendar', () => {
  it('shows whole weeks from Monday, with the days of the months around', () => {
    const weeks = weeksOf({ year: 2026, month: 11 });
    expect(weeks).toHaveLength(6);
    expect(weeks[0]?.[0]).toEqual(day(2026, 10, 26));
    expect(weeks[0]?.[6]).toEqual(day(2026, 11, 1));
    expect(weeks.at(-1)?.[0]).toEqual(day(2026, 11, 30));
  });

  it.each([
    [2026, 2, 5],
    [2027, 2, 4],
    [2028, 2, 5],
    [2026, 12, 5],
  ])('of %i-%i has %i weeks', (year, month, weeks) => {
    expect(weeksOf({ year, month })).toHaveLength(weeks);
  });

  it('counts days over the ends of months and years', () => {
    expect(addDays(day(2026, 12, 31), 1)).toEqual(day(2027, 1, 1));
    expect(addDays(day(2028, 3, 1), -1)).toEqual(day(2028, 2, 29));
    expect(daysBetween(day(2026, 11, 27), day(2026, 12, 2))).toBe(5);
    expect(daysBetween(day(2026, 12, 2), day(2026, 11, 27))).toBe(-5);
  });

  it('chooses whole days in either order, and never what has not been', () => {
    const nowMs = Date.UTC(2026, 10, 27, 14);
    const [early, late] = [day(2026, 11, 20), day(2026, 11, 22)];
    const whole = { fromMs: Date.UTC(2026, 10, 20), toMs: Date.UTC(2026, 10, 23) };
    expect(spanOf(early, late, 'utc', nowMs)).toEqual(whole);
    expect(spanOf(late, early, 'utc', nowMs)).toEqual(whole);
    expect(spanOf(late, day(2026, 11, 27), 'utc', nowMs).toMs).toBe(nowMs);
  });

  it('knows the day of an instant and when it began', () => {
    const ms = Date.UTC(2026, 10, 27, 23, 59);
    expect(dayOf(ms, 'utc')).toEqual(day(2026, 11, 27));
    expect(startOf(dayOf(ms, 'utc'), 'utc')).toBe(Date.UTC(2026, 10, 27));
    expect(startOf(dayOf(ms, 'local'), 'local')).toBeLessThanOrEqual(ms);
  });
});
