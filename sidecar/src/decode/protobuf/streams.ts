import { MAX_KNOWN_STREAM_BYTES, MAX_KNOWN_STREAMS } from '../../limits.ts';
import type { KeyValue, Metric, SentStream } from '../records.ts';
import { type BytesEntry, BytesTable, hashOf } from './bytesTable.ts';
import { readKeyValue } from './values.ts';
import { fieldLength, openWire, type Wire } from './wire.ts';

/**
 * Streams by their metric and the bytes of their attributes, kept across requests: a stream reports every few seconds with the same bytes, and
 * then nothing of its attributes is read. Only the bytes are kept; attributes are read again when someone asks.
 */

type Streams = BytesTable<KnownStream>;

class KnownStream implements SentStream, BytesEntry {
  memo: unknown = undefined;
  next: BytesEntry | undefined = undefined;
  readonly parent: Metric;
  readonly hash: number;
  readonly at: number;
  readonly length: number;
  readonly table: Streams;

  constructor(table: Streams, metric: Metric, hash: number, at: number, length: number) {
    this.table = table;
    this.parent = metric;
    this.hash = hash;
    this.at = at;
    this.length = length;
  }

  get metric(): Metric {
    return this.parent;
  }

  get attributes(): readonly KeyValue[] {
    return attributesOf(this.table.bytesOf(this));
  }
}

let known: Streams = new BytesTable(MAX_KNOWN_STREAMS, MAX_KNOWN_STREAM_BYTES);
let last: KnownStream | undefined;

/**
 * The stream whose attributes, repeated fields of `tag`, begin where the wire stands and end with the last one in a row; the wire stands behind
 * them afterwards. What is new is decoded, and so is known to be sound from then on.
 */
export function readStream(wire: Wire, metric: Metric, tag: number): SentStream {
  const { reader, raw, view } = wire;
  const start = reader.pos;
  const guess = last?.next;
  if (guess instanceof KnownStream && guess.parent === metric && guess.table === known) {
    const end = start + guess.length;
    if (end <= reader.len && (end === reader.len || raw[end] !== tag) && known.holds(guess, view, start)) {
      reader.pos = end;
      last = guess;
      return guess;
    }
  }
  let end = start;
  while (end < reader.len && raw[end] === tag) end = fieldLength(wire, end + 1);
  reader.pos = end;
  return streamOf(metric, view, start, end - start);
}

/** The stream of a point whose attributes do not stand in a row, or of one without any. */
export function streamOfBytes(metric: Metric, bytes: Uint8Array): SentStream {
  if (bytes.length === 0 && last?.length === 0 && last.parent === metric) return last;
  return streamOf(metric, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
}

function streamOf(metric: Metric, view: DataView, start: number, length: number): SentStream {
  const hash = hashOf(view, start, length);
  const found = known.find(metric, hash, view, start, length) ?? added(metric, hash, view, start, length);
  if (last !== undefined) last.next = found;
  last = found;
  return found;
}

function added(metric: Metric, hash: number, view: DataView, start: number, length: number): KnownStream {
  // Unsound attributes are refused before they are remembered.
  attributesOf(new Uint8Array(view.buffer, view.byteOffset + start, length));
  let at = known.keep(view, start, length);
  if (at === undefined) {
    // Streams of before keep the table they lie in, for as long as someone holds them.
    known = new BytesTable(MAX_KNOWN_STREAMS, MAX_KNOWN_STREAM_BYTES);
    last = undefined;
    at = known.keep(view, start, length);
  }
  // Attributes longer than a whole table are nobody's twice.
  const stream =
    at === undefined
      ? new KnownStream(aloneOf(view, start, length), metric, hash, 0, length)
      : new KnownStream(known, metric, hash, at, length);
  if (at !== undefined) known.add(stream);
  return stream;
}

function aloneOf(view: DataView, start: number, length: number): Streams {
  const table: Streams = new BytesTable(1, length + 4);
  table.keep(view, start, length);
  return table;
}

/** Attributes from the fields of a point, whatever their field number. */
function attributesOf(bytes: Uint8Array): KeyValue[] {
  const wire = openWire(bytes);
  const attributes: KeyValue[] = [];
  while (wire.reader.pos < wire.reader.len) {
    wire.reader.tag();
    attributes.push(readKeyValue(wire, 0));
  }
  return attributes;
}
