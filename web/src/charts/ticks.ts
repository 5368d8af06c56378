import { dayText, minuteText, partsOf, type Zone } from '../ui/times.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const timeSteps = [
  minuteMs,
  5 * minuteMs,
  10 * minuteMs,
  15 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  3 * hourMs,
  4 * hourMs,
  6 * hourMs,
  12 * hourMs,
  dayMs,
  2 * dayMs,
  5 * dayMs,
  10 * dayMs,
];

/** Instants between two, at whole minutes, hours or days of the zone, at most `most`. */
export function timeTicks(fromMs: number, toMs: number, most: number, zone: Zone): number[] {
  const step = timeSteps.find((one) => (toMs - fromMs) / one <= most) ?? 10 * dayMs;
  const ticks: number[] = [];
  // The offset is asked at each tick: a range may hold a change to summer time.
  for (let wall = Math.ceil((fromMs + offsetMs(fromMs, zone)) / step) * step; ticks.length < most; wall += step) {
    const ms = wall - offsetMs(wall - offsetMs(wall, zone), zone);
    if (ms > toMs) break;
    if (ms >= fromMs) ticks.push(ms);
  }
  return ticks;
}

function offsetMs(ms: number, zone: Zone): number {
  return zone === 'utc' ? 0 : -new Date(ms).getTimezoneOffset() * minuteMs;
}

/** The clock, or the day at its first minute. */
export function tickText(ms: number, zone: Zone): string {
  const { hour, minute } = partsOf(ms, zone);
  return hour === 0 && minute === 0 ? dayText(ms, zone) : minuteText(ms, zone);
}

/**
 * `floor` and round values above, at most `most`, the last at or above `highest`. `unit`: of the values; times and bytes are round in the unit that
 * they read in.
 */
export function valueTicks(highest: number, most: number, floor = 0, unit = ''): number[] {
  const top = highest > floor && Number.isFinite(highest) ? highest : floor + 1;
  const size = sizeOf(top, unit);
  const rough = (top - floor) / size / (most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999999) ?? 10) * power * size;
  const count = Math.ceil((top - floor) / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((floor + index * step).toPrecision(12)));
}

/** How much of `unit` one of what the value reads in is: 3,600 for hours. */
function sizeOf(value: number, unit: string): number {
  if (unit === 's') return [86_400, 3_600, 60].find((size) => value >= 2 * size) ?? 1;
  if (unit === 'By') return 1024 ** Math.max(0, Math.floor(Math.log2(value) / 10));
  return 1;
}

/** Powers of ten from below `lowest` (> 0) to above `highest`; every second or third where they are many. */
export function logTicks(lowest: number, highest: number): number[] {
  const from = Math.floor(Math.log10(lowest) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(Math.log10(highest) - 1e-9));
  const step = Math.ceil((to - from) / 5);
  const count = Math.ceil((to - from) / step);
  return Array.from({ length: count + 1 }, (_, index) => Number(`1e${from + index * step}`));
}
