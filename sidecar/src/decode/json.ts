import type { ReasonCode } from '@command-center/contract/reasons';
import { MAX_REQUEST_RECORDS } from '../limits.ts';
import { DecodeError, namesOf, placeOf, startCursor, tooMany } from './decodeError.ts';
import { type Document, isObject, type JsonObject, listOf, undecodable } from './json/fields.ts';
import { type Keep, readLogRecord, readMetric, readSpan } from './json/items.ts';
import { parseExact } from './json/parse.ts';
import { excessOf } from './json/size.ts';
import { resourceOf, scopeOf } from './json/values.ts';
import { PointTable } from './pointTable.ts';
import type { LogRecord, Point, Resource, Scope, Signal, Span, SpoiledRecord } from './records.ts';
import type { DecodedRequest } from './request.ts';

/**
 * Decodes the JSON form of an Export*ServiceRequest (OTLP 1.11, "JSON Protobuf Encoding") into the records that protobuf gives. What is not
 * JSON, or has another type than its field, throws DecodeError; an integer out of range spoils its record only. Zero bytes are an empty request.
 */
export function decodeJson(signal: Signal, bytes: Uint8Array): DecodedRequest {
  const root = parseRequest(bytes);
  switch (signal) {
    case 'metrics': {
      const { records, ...rest } = readRequest<Point>(signal, root, readMetric);
      return { signal, records: PointTable.from(records), ...rest };
    }
    case 'logs':
      return { signal, ...readRequest<LogRecord>(signal, root, readLogRecord) };
    case 'traces':
      return { signal, ...readRequest<Span>(signal, root, readSpan) };
  }
}

function parseRequest(bytes: Uint8Array): JsonObject {
  if (bytes.length === 0) return {};
  const { buffer, byteOffset, byteLength } = bytes;
  const excess = excessOf(bytes);
  if (excess !== undefined) throw excess;
  let root: unknown;
  try {
    root = parseExact(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'));
  } catch (error) {
    // SyntaxError; RangeError where nesting exhausts the stack; Error where the text is longer than a string can be. Its message may quote the body.
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    throw new DecodeError('request', 'JSON');
  }
  if (!isObject(root)) throw new DecodeError('request', 'a JSON object');
  return root;
}

type ReadItem<T> = (document: Document, resource: Resource, scope: Scope, item: JsonObject, keep: Keep<T>) => void;

function readRequest<T>(
  signal: Signal,
  root: JsonObject,
  readItem: ReadItem<T>,
): { records: T[]; spoiled: SpoiledRecord[]; values: number } {
  const document: Document = { signal, cursor: startCursor(), spoiledField: undefined, values: 0 };
  const { cursor } = document;
  const [resources, scopes, items] = namesOf(signal);
  const records: T[] = [];
  const spoiled: SpoiledRecord[] = [];
  let headerField: string | undefined;
  const keep: Keep<T> = (record) => {
    const field = document.spoiledField ?? headerField;
    if (records.length + spoiled.length >= MAX_REQUEST_RECORDS) throw tooMany(MAX_REQUEST_RECORDS, 'records');
    if (field === undefined) records.push(record);
    else spoiled.push({ reason: outOfRange, where: `${placeOf(signal, cursor)}.${field}` });
    document.spoiledField = undefined;
  };
  for (const group of groupsOf(document, root, resources, 'resource')) {
    const resource = resourceOf(document, group.resource);
    const resourceField = takeSpoiled(document);
    for (const scopeGroup of groupsOf(document, group, scopes, 'scope')) {
      const scope = scopeOf(document, scopeGroup.scope);
      headerField = resourceField ?? takeSpoiled(document);
      for (const item of groupsOf(document, scopeGroup, items, 'item')) readItem(document, resource, scope, item, keep);
    }
  }
  return { records, spoiled, values: document.values };
}

const outOfRange: ReasonCode = 'number_out_of_range';

/** An integer out of range in a resource or scope spoils the records below it. */
function takeSpoiled(document: Document): string | undefined {
  const field = document.spoiledField;
  document.spoiledField = undefined;
  return field;
}

/** The objects of a list, with the cursor on each in turn; null counts as an empty one. */
function* groupsOf(
  document: Document,
  parent: JsonObject,
  name: string,
  level: 'resource' | 'scope' | 'item',
): Generator<JsonObject> {
  const { cursor } = document;
  const list = listOf(document, parent[name], name);
  for (let index = 0; index < list.length; index++) {
    cursor[level] = index;
    const value = list[index];
    if (value === undefined || value === null) continue;
    if (!isObject(value)) throw undecodable(document, name, 'an object');
    yield value;
  }
  cursor[level] = -1;
}
