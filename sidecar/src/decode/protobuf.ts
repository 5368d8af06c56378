import { MAX_REQUEST_RECORDS } from '../limits.ts';
import { type Cursor, DecodeError, placeOf, startCursor, tooMany } from './decodeError.ts';
import { readLogRecord } from './protobuf/logs.ts';
import { readMetric } from './protobuf/metrics.ts';
import { readSpan } from './protobuf/spans.ts';
import { type Merging, readResource, readScope } from './protobuf/values.ts';
import { enter, fieldSet, leave, openWire, skipUnknown, type Wire } from './protobuf/wire.ts';
import type { DecodedRequest, LogRecord, Point, Resource, Scope, Signal, Span } from './records.ts';

/**
 * Decodes an Export*ServiceRequest of opentelemetry-proto 1.11. Reads only the fields of records.ts. Unknown fields are skipped; truncated
 * bytes and wrong wire types throw DecodeError. Protobuf has no number out of range, so nothing is ever spoiled.
 */
export function decodeProtobuf(signal: Signal, bytes: Uint8Array): DecodedRequest {
  switch (signal) {
    case 'metrics':
      return { signal, records: readRequest<Point>(signal, bytes, readMetric), spoiled: [] };
    case 'logs':
      return { signal, records: readRequest<LogRecord>(signal, bytes, readLogRecord), spoiled: [] };
    case 'traces':
      return { signal, records: readRequest<Span>(signal, bytes, readSpan), spoiled: [] };
  }
}

type ReadItem<T> = (wire: Wire, resource: Resource, scope: Scope, records: T[], cursor: Cursor) => void;

/** What a request being read needs at each of its levels, which are the same for all three signals. */
interface Walk<T> {
  readonly wire: Wire;
  readonly cursor: Cursor;
  readonly records: T[];
  readonly readItem: ReadItem<T>;
}

function readRequest<T>(signal: Signal, bytes: Uint8Array, readItem: ReadItem<T>): T[] {
  const walk: Walk<T> = { wire: openWire(bytes), cursor: startCursor(), records: [], readItem };
  try {
    readEnvelope(walk);
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    // The Reader throws RangeError and plain Error for bad bytes; a TypeError or ReferenceError would be our own mistake.
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError) throw error;
    throw new DecodeError(
      `${placeOf(signal, walk.cursor)}, byte ${walk.wire.reader.pos}`,
      'protobuf of opentelemetry-proto 1.x',
    );
  }
  return walk.records;
}

const envelopeFields = fieldSet(1);

function readEnvelope<T>(walk: Walk<T>): void {
  const { reader } = walk.wire;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) readResourceGroup(walk);
    else skipUnknown(walk.wire, tag, envelopeFields);
  }
}

const groupFields = fieldSet(1, 2);

/** ResourceMetrics, ResourceLogs and ResourceSpans: a resource and what it sent, in either order. */
function readResourceGroup<T>(walk: Walk<T>): void {
  const { wire, cursor } = walk;
  const { reader } = wire;
  const outer = enter(wire);
  const resource: Merging<Resource> = { attributes: [] };
  cursor.resource++;
  cursor.scope = -1;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) readResource(wire, resource);
    else if (tag === 0x12) readScopeGroup(walk, resource);
    else skipUnknown(wire, tag, groupFields);
  }
  cursor.scope = -1;
  leave(wire, outer);
}

/** ScopeMetrics, ScopeLogs and ScopeSpans. */
function readScopeGroup<T>(walk: Walk<T>, resource: Resource): void {
  const { wire, cursor, records, readItem } = walk;
  const { reader } = wire;
  const outer = enter(wire);
  const scope: Merging<Scope> = { name: '', version: '', attributes: [] };
  cursor.scope++;
  cursor.item = -1;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) readScope(wire, scope);
    else if (tag === 0x12) {
      cursor.item++;
      readItem(wire, resource, scope, records, cursor);
      if (records.length > MAX_REQUEST_RECORDS) throw tooMany(MAX_REQUEST_RECORDS, 'records');
    } else skipUnknown(wire, tag, groupFields);
  }
  cursor.item = -1;
  leave(wire, outer);
}
