export type Zone = 'local' | 'utc';

const nbsp = '\u00a0';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const two = (value: number): string => String(value).padStart(2, '0');

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A time apart, in the zone; months from 1. */
export function partsOf(ms: number, zone: Zone): Parts {
  const date = new Date(ms);
  return zone === 'utc'
    ? {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
      }
    : {
        year: date.getFullYear(),
        month: date.getMonth() + 1,
        day: date.getDate(),
        hour: date.getHours(),
        minute: date.getMinutes(),
        second: date.getSeconds(),
      };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** 02:41 */
export function minuteText(ms: number, zone: Zone): string {
  const { hour, minute } = partsOf(ms, zone);
  return `${two(hour)}:${two(minute)}`;
}

/** 02:41:07 */
export function secondText(ms: number, zone: Zone): string {
  return `${minuteText(ms, zone)}:${two(partsOf(ms, zone).second)}`;
}

/** 24 Nov */
export function dayText(ms: number, zone: Zone): string {
  const { day, month } = partsOf(ms, zone);
  return `${day}${nbsp}${months[month - 1] ?? ''}`;
}

/** Nov 2026; months from 1. */
export function monthText(year: number, month: number): string {
  return `${months[month - 1] ?? ''} ${year}`;
}

/** The clock of today, with the day for any other. */
export function whenText(ms: number, nowMs: number, zone: Zone): string {
  return dayText(ms, zone) === dayText(nowMs, zone) && Math.abs(nowMs - ms) < 2 * dayMs
    ? secondText(ms, zone)
    : `${dayText(ms, zone)} ${minuteText(ms, zone)}`;
}

/** 2026-11-24 03:04:11.042 UTC; without a word in local time. */
export function fullText(ms: number, zone: Zone): string {
  const { year, month, day } = partsOf(ms, zone);
  const fraction = String(new Date(ms).getUTCMilliseconds()).padStart(3, '0');
  return `${year}-${two(month)}-${two(day)} ${secondText(ms, zone)}.${fraction}${zone === 'utc' ? ' UTC' : ''}`;
}

/** The value of an `<input type="datetime-local">`. */
export function inputText(ms: number, zone: Zone): string {
  const { year, month, day } = partsOf(ms, zone);
  return `${year}-${two(month)}-${two(day)}T${minuteText(ms, zone)}`;
}

/** Milliseconds of such a value, NaN where there is none. */
export function inputMs(text: string, zone: Zone): number {
  return Date.parse(zone === 'utc' ? `${text}Z` : text);
}

/** How long: 12 s, 23 min, 3 h 5 min, 6 d 3 h. */
export function spanText(ms: number): string {
  const whole = Math.max(0, Math.floor(ms));
  if (whole < minuteMs) return `${Math.floor(whole / 1_000)}${nbsp}s`;
  if (whole < hourMs) return `${Math.floor(whole / minuteMs)}${nbsp}min`;
  const [size, unit, smaller, smallerUnit] = whole < dayMs ? [hourMs, 'h', minuteMs, 'min'] : [dayMs, 'd', hourMs, 'h'];
  const rest = Math.floor((whole % size) / smaller);
  return `${Math.floor(whole / size)}${nbsp}${unit}${rest === 0 ? '' : ` ${rest}${nbsp}${smallerUnit}`}`;
}

/** 3 s ago */
export function ageText(ms: number): string {
  return `${spanText(ms)} ago`;
}

/** How long, in the largest unit alone: 5 h. */
export function roughSpanText(ms: number): string {
  return spanText(ms).split(' ')[0] ?? '';
}

const instants = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Instants inside a sentence of the API, by the reader's clock. */
export function localised(sentence: string, zone: Zone): string {
  return sentence.replace(instants, (instant) => secondText(Date.parse(instant), zone));
}
