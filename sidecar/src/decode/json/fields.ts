import { MAX_INTEGER_DIGITS } from '../../limits.ts';
import { type Cursor, DecodeError, placeOf } from '../decodeError.ts';
import { noBytes } from '../draft.ts';
import type { Signal } from '../records.ts';

/** A JSON document being read: where it stands, and whether the record at hand holds an integer that does not fit its type. */
export interface Document {
  readonly signal: Signal;
  readonly cursor: Cursor;
  /** Name of the first field of the record whose integer is out of range; the readers set it and give 0. */
  spoiledField: string | undefined;
  /** Attributes and list items read so far. */
  values: number;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Integer types of protobuf. An enum is an int32 that tolerates numbers it does not know. */
const ranges = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const satisfies Record<string, readonly [bigint, bigint]>;

export type IntegerType = keyof typeof ranges;

export function undecodable(document: Document, field: string, expected: string): DecodeError {
  return new DecodeError(`${placeOf(document.signal, document.cursor)}.${field}`, expected);
}

/** Absent and null are undefined. */
export function objectOf(document: Document, value: unknown, field: string): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw undecodable(document, field, 'an object');
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const noItems: readonly unknown[] = Object.freeze([]);

/** Absent and null are empty. */
export function listOf(document: Document, value: unknown, field: string): readonly unknown[] {
  if (value === undefined || value === null) return noItems;
  if (!Array.isArray(value)) throw undecodable(document, field, 'an array');
  return value;
}

/** Lone surrogates are replaced by U+FFFD, as invalid UTF-8 is in protobuf. */
export function textOf(document: Document, value: unknown, field: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw undecodable(document, field, 'a string');
  return value.toWellFormed();
}

export function booleanOf(document: Document, value: unknown, field: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw undecodable(document, field, 'true or false');
  return value;
}

/** An integer as number or decimal string, exact; one out of the range of `type` spoils the record and reads as 0. */
export function integerOf(document: Document, value: unknown, field: string, type: IntegerType): bigint {
  if (value === undefined || value === null) return 0n;
  const integer = exactInteger(document, value, field);
  const [least, greatest] = ranges[type];
  if (integer !== undefined && integer >= least && integer <= greatest) return integer;
  document.spoiledField ??= field;
  return 0n;
}

/** As `integerOf`, to the nearest double. */
export function countOf(document: Document, value: unknown, field: string, type: IntegerType): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31) return value;
  return Number(integerOf(document, value, field, type));
}

/** undefined = longer than any integer type. */
function exactInteger(document: Document, value: unknown, field: string): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  if (typeof value !== 'string' || !/^-?\d+$/.test(value)) throw undecodable(document, field, 'an integer');
  return value.length > MAX_INTEGER_DIGITS ? undefined : BigInt(value);
}

/** A double as number, numeric string, "NaN", "Infinity" or "-Infinity"; absent and null are undefined. */
export function doubleOf(document: Document, value: unknown, field: string): number | undefined {
  if (typeof value === 'number') return value;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') {
    if (value === 'NaN') return Number.NaN;
    if (/^-?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|Infinity)$/.test(value)) return Number(value);
  }
  throw undecodable(document, field, 'a number, or "NaN", "Infinity", "-Infinity"');
}

/** Hexadecimal in either case, of any even length: trace and span ids. */
export function idOf(document: Document, value: unknown, field: string): Uint8Array {
  if (value === undefined || value === null || value === '') return noBytes;
  if (typeof value !== 'string' || value.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(value)) {
    throw undecodable(document, field, 'hexadecimal digits');
  }
  return new Uint8Array(Buffer.from(value, 'hex'));
}

/** Base64, also in its URL-safe alphabet and without padding. */
export function bytesOf(document: Document, value: unknown, field: string): Uint8Array {
  if (value === undefined || value === null || value === '') return noBytes;
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*=*$/.test(value)) throw undecodable(document, field, 'base64');
  return new Uint8Array(Buffer.from(value, 'base64'));
}
