import { ByteReader, ByteWriter, times } from './bytes.ts';
import { type BoundsTable, readDistribution, writeDistribution } from './distributionBytes.ts';
import type { StreamState } from './machines.ts';
import type { Sequence, Sequences } from './sequences.ts';

/** Stream state is kept in blocks of one (resource, scope, metric): few wide rows in place of many narrow ones (design §5). */

export type StreamEntry = StreamState;

/** A fuller block is split. */
export const MAX_BLOCK_STREAMS = 64;

const VERSION = 2;
export const DIGEST_BYTES = 16;
const kinds = ['cumulativeNumber', 'cumulativeHistogram', 'delta', 'additiveGauge'] as const;

/** Which of the 2^depth parts of a family a stream belongs to: the first `depth` bits (at most 32) of its digest. */
export function placeOf(streamHex: string, depth: number): number {
  return depth === 0 ? 0 : Number.parseInt(streamHex.slice(0, 8), 16) >>> (32 - depth);
}

/** Digests (32 hex digits) and states, in the map's order. */
export function encodeBlock(streams: ReadonlyMap<string, StreamState>): Uint8Array {
  const writer = new ByteWriter();
  const table: BoundsTable = [];
  beginBlock(writer);
  for (const [stream, state] of streams) writeStream(writer, stream, state, table);
  return writer.finish();
}

export function beginBlock(writer: ByteWriter): void {
  writer.byte(VERSION);
}

export function writeKind(writer: ByteWriter, kind: StreamState['kind']): void {
  writer.byte(kinds.indexOf(kind));
}

export function writeStream(writer: ByteWriter, stream: string, state: StreamState, table: BoundsTable): void {
  writer.hex(stream);
  writeKind(writer, state.kind);
  writeState(writer, state, table);
}

/** @throws Error on bytes that `encodeBlock` cannot have written. */
export function decodeBlock(bytes: Uint8Array): Map<string, StreamState> {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new Error(`stream state: version ${version} is not ${VERSION}`);
  const table: BoundsTable = [];
  const streams = new Map<string, StreamState>();
  while (!reader.isAtEnd) {
    const stream = reader.hex(DIGEST_BYTES);
    streams.set(stream, readState(reader, table));
  }
  return streams;
}

function writeState(writer: ByteWriter, state: StreamState, table: BoundsTable): void {
  switch (state.kind) {
    case 'cumulativeNumber':
      writeSequences(writer, state, (value) => writer.number(value));
      return;
    case 'cumulativeHistogram':
      writeSequences(writer, state, (value) => writeDistribution(writer, value, table));
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

function readState(reader: ByteReader, table: BoundsTable): StreamState {
  const kind = kinds[reader.byte()];
  switch (kind) {
    case 'cumulativeNumber':
      return { kind, ...readSequences(reader, () => reader.number()) };
    case 'cumulativeHistogram':
      return { kind, ...readSequences(reader, () => readDistribution(reader, table)) };
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
  writer.number(reading.value);
  writer.byte(reading.isMarked ? 1 : 0);
}

function readReading(reader: ByteReader): { time: bigint; value: number; isMarked: boolean } {
  return { time: reader.time(), value: reader.number(), isMarked: reader.byte() === 1 };
}
