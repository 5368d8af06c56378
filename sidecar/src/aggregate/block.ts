import type { ExponentialRange } from '../decode/records.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { Buckets, Distribution } from './distribution.ts';
import type { StreamState } from './machines.ts';
import type { Sequence, Sequences } from './sequences.ts';

/** Stream state is kept in blocks of one (resource, scope, metric): few wide rows in place of many narrow ones (design §5). */

export type StreamEntry = StreamState;

/** A fuller block is split. */
export const MAX_BLOCK_STREAMS = 64;

const VERSION = 1;
const DIGEST_BYTES = 16;
const kinds = ['cumulativeNumber', 'cumulativeHistogram', 'delta', 'additiveGauge'] as const;
const layouts = ['none', 'explicit', 'exponential'] as const;

/** Which of the 2^depth parts of a family a stream belongs to: the first `depth` bits (at most 32) of its digest. */
export function placeOf(streamHex: string, depth: number): number {
  return depth === 0 ? 0 : Number.parseInt(streamHex.slice(0, 8), 16) >>> (32 - depth);
}

/** Digests (32 hex digits) and states, in the map's order. */
export function encodeBlock(streams: ReadonlyMap<string, StreamState>): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(VERSION);
  for (const [stream, state] of streams) {
    writer.hex(stream);
    writer.byte(kinds.indexOf(state.kind));
    writeState(writer, state);
  }
  return writer.finish();
}

/** @throws Error on bytes that `encodeBlock` cannot have written. */
export function decodeBlock(bytes: Uint8Array): Map<string, StreamState> {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new Error(`stream state: version ${version} is not ${VERSION}`);
  const streams = new Map<string, StreamState>();
  while (!reader.isAtEnd) {
    const stream = reader.hex(DIGEST_BYTES);
    streams.set(stream, readState(reader));
  }
  return streams;
}

function writeState(writer: ByteWriter, state: StreamState): void {
  switch (state.kind) {
    case 'cumulativeNumber':
      writeSequences(writer, state, (value) => writeNumber(writer, value));
      return;
    case 'cumulativeHistogram':
      writeSequences(writer, state, (value) => writeDistribution(writer, value));
      return;
    case 'delta':
      writer.varint(state.intervals.length);
      for (const interval of state.intervals) {
        writer.time(interval.start);
        writer.time(interval.end);
      }
      writer.time(state.floor);
      writer.byte(state.running === null ? 0 : 1);
      if (state.running !== null) writeReading(writer, state.running);
      return;
    case 'additiveGauge':
      writeReading(writer, state);
  }
}

function readState(reader: ByteReader): StreamState {
  const kind = kinds[reader.byte()];
  switch (kind) {
    case 'cumulativeNumber':
      return { kind, ...readSequences(reader, () => readNumber(reader)) };
    case 'cumulativeHistogram':
      return { kind, ...readSequences(reader, () => readDistribution(reader)) };
    case 'delta': {
      const intervals = times(reader.varint(), () => ({ start: reader.time(), end: reader.time() }));
      const floor = reader.time();
      return { kind, intervals, floor, running: reader.byte() === 0 ? null : readReading(reader) };
    }
    case 'additiveGauge':
      return { kind, ...readReading(reader) };
    default:
      throw new Error('stream state: unknown kind');
  }
}

function writeSequences<V>(writer: ByteWriter, state: Sequences<V>, writeValue: (value: V) => void): void {
  writer.byte(state.equalStarts);
  writer.varint(state.sequences.length);
  for (const sequence of state.sequences) {
    writer.time(sequence.start);
    writer.time(sequence.time);
    writeValue(sequence.value);
  }
}

function readSequences<V>(reader: ByteReader, readValue: () => V): Sequences<V> {
  const equalStarts = reader.byte();
  const sequences = times(
    reader.varint(),
    (): Sequence<V> => ({ start: reader.time(), time: reader.time(), value: readValue() }),
  );
  return { sequences, equalStarts };
}

function writeReading(writer: ByteWriter, reading: { time: bigint; value: number; isMarked: boolean }): void {
  writer.time(reading.time);
  writeNumber(writer, reading.value);
  writer.byte(reading.isMarked ? 1 : 0);
}

function readReading(reader: ByteReader): { time: bigint; value: number; isMarked: boolean } {
  return { time: reader.time(), value: readNumber(reader), isMarked: reader.byte() === 1 };
}

/** Counters are mostly whole and small: 0 and a varint; anything else is 1 and a double. */
function writeNumber(writer: ByteWriter, value: number): void {
  const isShort = Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
  writer.byte(isShort ? 0 : 1);
  if (isShort) writer.varint(value);
  else writer.double(value);
}

function readNumber(reader: ByteReader): number {
  return reader.byte() === 0 ? reader.varint() : reader.double();
}

function writeDistribution(writer: ByteWriter, { count, sum, buckets }: Distribution): void {
  writeNumber(writer, count);
  writeNumber(writer, sum);
  writer.byte(layouts.indexOf(buckets.layout));
  switch (buckets.layout) {
    case 'none':
      return;
    case 'explicit':
      writer.varint(buckets.bounds.length);
      for (const bound of buckets.bounds) writer.double(bound);
      for (const bucket of buckets.counts) writeNumber(writer, bucket);
      return;
    case 'exponential':
      writer.signedVarint(buckets.scale);
      writeNumber(writer, buckets.zeroCount);
      writer.double(buckets.zeroThreshold);
      writeRange(writer, buckets.positive);
      writeRange(writer, buckets.negative);
  }
}

function readDistribution(reader: ByteReader): Distribution {
  return { count: readNumber(reader), sum: readNumber(reader), buckets: readBuckets(reader) };
}

function readBuckets(reader: ByteReader): Buckets {
  const layout = layouts[reader.byte()];
  switch (layout) {
    case 'none':
      return { layout };
    case 'explicit': {
      const bounds = times(reader.varint(), () => reader.double());
      return { layout, bounds, counts: times(bounds.length + 1, () => readNumber(reader)) };
    }
    case 'exponential':
      return {
        layout,
        scale: reader.signedVarint(),
        zeroCount: readNumber(reader),
        zeroThreshold: reader.double(),
        positive: readRange(reader),
        negative: readRange(reader),
      };
    default:
      throw new Error('stream state: unknown bucket layout');
  }
}

function writeRange(writer: ByteWriter, range: ExponentialRange): void {
  writer.signedVarint(range.offset);
  writer.varint(range.bucketCounts.length);
  for (const count of range.bucketCounts) writeNumber(writer, count);
}

function readRange(reader: ByteReader): ExponentialRange {
  const offset = reader.signedVarint();
  return { offset, bucketCounts: times(reader.varint(), () => readNumber(reader)) };
}

/** Ends with an error of the reader where the bytes hold fewer. */
function times<T>(count: number, read: () => T): T[] {
  const values: T[] = [];
  for (let index = 0; index < count; index += 1) values.push(read());
  return values;
}
