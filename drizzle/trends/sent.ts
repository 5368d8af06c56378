import type { Fragment, ISql } from 'postgres';

/**
 * Arrays in the form that Postgres sends to those who ask for binary: a row for each of their elements takes the driver ten times as long to read, and
 * Postgres as long to write as to compute. Source: PostgreSQL, array_send (utils/adt/arrayfuncs.c).
 */

const headerBytes = 20;
const isNull = 0xffff_ffff;

/** A column of a group as one array; `expression` is SQL without any value of a caller's. */
export function sent(sql: ISql, expression: string): Fragment {
  return sql.unsafe(`array_send(array_agg(${expression}))`);
}

/** Numbers of an array of real, double precision or smallint; NaN = null. A missing or empty array has none. */
export function numbersOf(bytes: Uint8Array | null | undefined): Float64Array {
  if (bytes === null || bytes === undefined || bytes.length < headerBytes) return new Float64Array(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float64Array(view.getUint32(12));
  let at = headerBytes;
  for (let i = 0; i < numbers.length; i += 1) {
    const length = view.getUint32(at);
    at += 4;
    if (length === 8) numbers[i] = view.getFloat64(at);
    else if (length === 4) numbers[i] = view.getFloat32(at);
    else if (length === 2) numbers[i] = view.getInt16(at);
    else numbers[i] = Number.NaN;
    if (length !== isNull) at += length;
  }
  return numbers;
}

/** Elements of an array of bytea; an empty one where it is null. */
export function bytesOf(bytes: Uint8Array | null | undefined): Uint8Array[] {
  if (bytes === null || bytes === undefined || bytes.length < headerBytes) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(12);
  const elements: Uint8Array[] = [];
  for (let i = 0, at = headerBytes; i < count; i += 1) {
    const length = view.getUint32(at);
    const end = at + 4 + (length === isNull ? 0 : length);
    elements.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return elements;
}
