/**
 * Postgres array literals, so that a batch travels as a few parameters for `unnest` whatever its size.
 * Written by hand because the driver guesses an array's type from its first element, which is wrong for null, bytea and timestamps.
 * Source: PostgreSQL manual, "Array Input and Output Syntax".
 */

/** Integers and doubles; `null` = NULL. Infinity and NaN are written as Postgres reads them. */
export function numberArray(values: readonly (number | bigint | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`;
}

/** For bigint: whole numbers, those that a double cannot count exactly at the largest that it can. One absurd count must not cost its batch. */
export function bigintArray(values: readonly (number | null)[]): string {
  return numberArray(values.map((value) => value && between(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)));
}

const MAX_REAL = 3.4028234663852886e38;

/** For real, which refuses what is too large or too small for it: the nearest it has. */
export function realArray(values: readonly (number | null)[]): string {
  return numberArray(values.map((value) => value && between(Math.fround(value), -MAX_REAL, MAX_REAL)));
}

function between(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

export function booleanArray(values: readonly boolean[]): string {
  return `{${values.map((value) => (value ? 't' : 'f')).join(',')}}`;
}

/** Any text, also what holds quotes, commas, braces or backslashes. Must hold no U+0000. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`;
}

const special = /["\\]/;

function quoted(value: string): string {
  const escaped = special.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"') : value;
  return `"${escaped}"`;
}
