import { partsOf, type Zone } from './times.ts';

/** A day of a zone; months from 1. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const dayMs = 86_400_000;

export function dayOf(ms: number, zone: Zone): Day {
  const { year, month, day } = partsOf(ms, zone);
  return { year, month, day };
}

/** When a day begins, ms since the epoch. Days past a month's end are those of the next. */
export function startOf({ year, month, day }: Day, zone: Zone): number {
  return zone === 'utc' ? Date.UTC(year, month - 1, day) : new Date(year, month - 1, day).getTime();
}

/** The day so many days later. */
export function addDays({ year, month, day }: Day, days: number): Day {
  const date = new Date(Date.UTC(year, month - 1, day + days));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Days from `left` to `right`; negative where `right` is earlier. */
export function daysBetween(left: Day, right: Day): number {
  return Math.round((startOf(right, 'utc') - startOf(left, 'utc')) / dayMs);
}

/** The weeks that a month touches, Monday first, with the days of its neighbours. */
export function weeksOf({ year, month }: Pick<Day, 'year' | 'month'>): Day[][] {
  const first: Day = { year, month, day: 1 };
  const weekday = (new Date(startOf(first, 'utc')).getUTCDay() + 6) % 7;
  const begin = addDays(first, -weekday);
  const last = addDays({ year, month: month + 1, day: 1 }, -1);
  const weeks = Math.ceil((weekday + last.day) / 7);
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => addDays(begin, week * 7 + day)),
  );
}

/** From the start of one day to the end of another, in either order, no later than now. */
export function spanOf(
  one: Day,
  other: Day,
  zone: Zone,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const [first, last] = daysBetween(one, other) < 0 ? [other, one] : [one, other];
  return { fromMs: startOf(first, zone), toMs: Math.min(nowMs, startOf(addDays(last, 1), zone)) };
}
