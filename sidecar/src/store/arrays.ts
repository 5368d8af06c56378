/**
 * Postgres array literals, so that a batch travels as a few parameters for `unnest` whatever its size.
 * Written by hand because the driver guesses an array's type from its first element, which is wrong for null, bytea and timestamps.
 * Source: PostgreSQL manual, "Array Input and Output Syntax".
 */

/** Integers and doubles; `null` = NULL. Infinity and NaN are written as Postgres reads them. */
export function numberArray(values: readonly (number | bigint | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`;
}

export function booleanArray(values: readonly boolean[]): string {
  return `{${values.map((value) => (value ? 't' : 'f')).join(',')}}`;
}

/** Any text, also what holds quotes, commas, braces or backslashes. Must hold no U+0000. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`;
}

/** Bytes in the hex form of bytea. */
export function byteaArray(values: readonly (Uint8Array | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : `"\\\\x${hexOf(value)}"`)).join(',')}}`;
}

function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
