import type { ExponentialRange } from '../decode/records.ts';
import { type ByteReader, type ByteWriter, times } from './bytes.ts';
import type { Buckets, Distribution } from './distribution.ts';

/** Bytes of a histogram's state. Lists of bounds, nearly always one a metric, stand once in a block, where the first distribution that has them does. */

/** The lists of bounds that were met so far in a block, in order. */
export type BoundsTable = (readonly number[])[];

const layouts = ['none', 'explicit', 'exponential'] as const;

export function writeDistribution(writer: ByteWriter, { count, sum, buckets }: Distribution, table: BoundsTable): void {
  writer.number(count);
  writer.number(sum);
  writer.byte(layouts.indexOf(buckets.layout));
  switch (buckets.layout) {
    case 'none':
      return;
    case 'explicit':
      writeBounds(writer, buckets.bounds, table);
      writeCounts(writer, buckets.counts);
      return;
    case 'exponential':
      writer.signedVarint(buckets.scale);
      writer.number(buckets.zeroCount);
      writer.number(buckets.zeroThreshold);
      writeRange(writer, buckets.positive);
      writeRange(writer, buckets.negative);
  }
}

export function readDistribution(reader: ByteReader, table: BoundsTable): Distribution {
  return { count: reader.number(), sum: reader.number(), buckets: readBuckets(reader, table) };
}

function readBuckets(reader: ByteReader, table: BoundsTable): Buckets {
  const layout = layouts[reader.byte()];
  switch (layout) {
    case 'none':
      return { layout };
    case 'explicit':
      return { layout, bounds: readBounds(reader, table), counts: readCounts(reader) };
    case 'exponential':
      return {
        layout,
        scale: reader.signedVarint(),
        zeroCount: reader.number(),
        zeroThreshold: reader.number(),
        positive: readRange(reader),
        negative: readRange(reader),
      };
    default:
      throw new Error('stream state: unknown bucket layout');
  }
}

/** The list's place in the table; one past its end announces a new list. */
export function writeBounds(writer: ByteWriter, bounds: readonly number[], table: BoundsTable): void {
  const known = table.findIndex((list) => list === bounds || isSameList(list, bounds));
  writer.varint(known === -1 ? table.length : known);
  if (known !== -1) return;
  table.push(bounds);
  writer.varint(bounds.length);
  for (const bound of bounds) writer.double(bound);
}

function readBounds(reader: ByteReader, table: BoundsTable): readonly number[] {
  const at = reader.varint();
  const known = table[at];
  if (known !== undefined) return known;
  if (at !== table.length) throw new Error('stream state: unknown bounds');
  const bounds = times(reader.varint(), () => reader.double());
  table.push(bounds);
  return bounds;
}

/** Bit for bit: what comes back must be what was written, also where it is -0. */
function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}

function writeRange(writer: ByteWriter, range: ExponentialRange): void {
  writer.signedVarint(range.offset);
  writeCounts(writer, range.bucketCounts);
}

function readRange(reader: ByteReader): ExponentialRange {
  return { offset: reader.signedVarint(), bucketCounts: readCounts(reader) };
}

/** Counts are whole and mostly small: varints, unless one lies past 2^53. */
function writeCounts(writer: ByteWriter, counts: readonly number[]): void {
  writer.varint(counts.length);
  if (counts.length === 0) return;
  const areShort = counts.every((count) => Number.isSafeInteger(count) && count >= 0);
  writer.byte(areShort ? 0 : 1);
  for (const count of counts) {
    if (areShort) writer.varint(count);
    else writer.double(count);
  }
}

function readCounts(reader: ByteReader): number[] {
  const length = reader.varint();
  if (length === 0) return [];
  const areShort = reader.byte() === 0;
  return times(length, () => (areShort ? reader.varint() : reader.double()));
}
