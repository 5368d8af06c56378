import { MAX_REQUEST_RECORDS } from '../limits.ts';
import { asDecodeError, type Cursor, placeOf, startCursor, tooMany } from './decodeError.ts';
import { PointTable } from './pointTable.ts';
import { type KnownResource, type KnownScope, knownResource } from './protobuf/headers.ts';
import { readLogRecord } from './protobuf/logs.ts';
import { readMetric } from './protobuf/metrics.ts';
import { readSpan } from './protobuf/spans.ts';
import { advance, countValue, enter, fieldSet, leave, openWire, skipUnknown, type Wire } from './protobuf/wire.ts';
import type { LogRecord, Signal, Span } from './records.ts';
import type { DecodedRequest } from './request.ts';

/**
 * Decodes an Export*ServiceRequest of opentelemetry-proto 1.11. Reads only the fields of records.ts. Unknown fields are skipped; truncated
 * bytes and wrong wire types throw DecodeError. Protobuf has no number out of range, so nothing is ever spoiled.
 */
export function decodeProtobuf(signal: Signal, bytes: Uint8Array): DecodedRequest {
  switch (signal) {
    case 'metrics': {
      const records = new PointTable();
      const values = readRequest(signal, bytes, (wire, scope, cursor) => readMetric(wire, scope, records, cursor));
      return { signal, records, spoiled: [], values };
    }
    case 'logs': {
      const records: LogRecord[] = [];
      const values = readRequest(signal, bytes, (wire, scope) => {
        readLogRecord(wire, scope, records);
        if (records.length > MAX_REQUEST_RECORDS) throw tooMany(MAX_REQUEST_RECORDS, 'records');
      });
      return { signal, records, spoiled: [], values };
    }
    case 'traces': {
      const records: Span[] = [];
      const values = readRequest(signal, bytes, (wire, scope) => {
        readSpan(wire, scope, records);
        if (records.length > MAX_REQUEST_RECORDS) throw tooMany(MAX_REQUEST_RECORDS, 'records');
      });
      return { signal, records, spoiled: [], values };
    }
  }
}

type ReadItem = (wire: Wire, scope: KnownScope, cursor: Cursor) => void;

/** What a request being read needs at each of its levels, which are the same for all three signals. */
interface Walk {
  readonly wire: Wire;
  readonly cursor: Cursor;
  readonly readItem: ReadItem;
}

/** Gives the attributes and list items read; those of points are kept as bytes alone. */
function readRequest(signal: Signal, bytes: Uint8Array, readItem: ReadItem): number {
  const walk: Walk = { wire: openWire(bytes), cursor: startCursor(), readItem };
  try {
    readEnvelope(walk);
    return walk.wire.counted.values;
  } catch (error) {
    throw asDecodeError(error, `${placeOf(signal, walk.cursor)}, byte ${walk.wire.reader.pos}`);
  }
}

const envelopeFields = fieldSet(1);

function readEnvelope(walk: Walk): void {
  const { reader } = walk.wire;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) readResourceGroup(walk);
    else skipUnknown(walk.wire, tag, envelopeFields);
  }
}

/** ResourceMetrics, ResourceLogs and ResourceSpans: a resource and what it sent. */
function readResourceGroup(walk: Walk): void {
  const { wire, cursor } = walk;
  countValue(wire);
  const outer = enter(wire);
  cursor.resource++;
  cursor.scope = -1;
  const resource = knownResource(headerOf(wire), wire.counted);
  eachChild(wire, () => readScopeGroup(walk, resource));
  cursor.scope = -1;
  leave(wire, outer);
}

/** ScopeMetrics, ScopeLogs and ScopeSpans. */
function readScopeGroup(walk: Walk, resource: KnownResource): void {
  const { wire, cursor, readItem } = walk;
  countValue(wire);
  const outer = enter(wire);
  cursor.scope++;
  cursor.item = -1;
  const scope = resource.scope(headerOf(wire), wire.counted);
  eachChild(wire, () => {
    cursor.item++;
    readItem(wire, scope, cursor);
  });
  cursor.item = -1;
  leave(wire, outer);
}

const groupFields = fieldSet(1, 2);

/** Field 1 of a group, wherever it stands in it; sent twice it is merged, which is what its bytes in a row mean. The wire stays where it was. */
function headerOf(wire: Wire): Buffer {
  const { reader, buffer } = wire;
  const start = reader.pos;
  let parts = 0;
  let bytes = 0;
  let last = 0;
  eachHeader(wire, (from, to) => {
    parts++;
    bytes += to - from;
    last = from;
  });
  reader.pos = start;
  if (parts <= 1) return buffer.subarray(last, last + bytes);
  // Parts are counted and not collected: a request may say a header millions of times.
  const joined = Buffer.allocUnsafe(bytes);
  let at = 0;
  eachHeader(wire, (from, to) => {
    at += buffer.copy(joined, at, from, to);
  });
  reader.pos = start;
  return joined;
}

function eachHeader(wire: Wire, take: (from: number, to: number) => void): void {
  const { reader } = wire;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a || tag === 0x12) {
      const from = advance(reader, reader.size());
      if (tag === 0x0a) take(from, reader.pos);
    } else skipUnknown(wire, tag, groupFields);
  }
}

/** Calls `read` with the wire before each of the group's field 2. */
function eachChild(wire: Wire, read: () => void): void {
  const { reader } = wire;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x12) read();
    else reader.skipType(tag & 7);
  }
}
