import { MAX_VALUE_DEPTH } from '../../limits.ts';
import { noAttributes } from '../draft.ts';
import type { AttributeValue, KeyValue, Resource, Scope } from '../records.ts';
import {
  booleanOf,
  bytesOf,
  type Document,
  doubleOf,
  integerOf,
  isObject,
  type JsonObject,
  listOf,
  objectOf,
  textOf,
  undecodable,
} from './fields.ts';

/** Reads a list of KeyValue (common.proto) at `depth` of nesting. */
export function attributesOf(document: Document, value: unknown, field: string, depth = 0): readonly KeyValue[] {
  const items = listOf(document, value, field);
  if (items.length === 0) return noAttributes;
  document.values += items.length;
  return items.map((item) => {
    const entry = objectOf(document, item, field);
    if (entry === undefined) return { key: '', value: undefined };
    return { key: textOf(document, entry.key, field), value: anyValueOf(document, entry.value, field, depth) };
  });
}

/** Reads an AnyValue (common.proto): an object with one of seven fields. Deeper than MAX_VALUE_DEPTH it is empty, as in protobuf. */
export function anyValueOf(document: Document, value: unknown, field: string, depth: number): AttributeValue {
  if (value === undefined || value === null || depth > MAX_VALUE_DEPTH) return undefined;
  if (!isObject(value)) throw undecodable(document, field, 'an object like {"stringValue": …}');
  return scalarOf(document, value, field) ?? nestedOf(document, value, field, depth);
}

function scalarOf(document: Document, value: JsonObject, field: string): AttributeValue {
  if (isPresent(value.stringValue)) return textOf(document, value.stringValue, field);
  if (isPresent(value.boolValue)) return booleanOf(document, value.boolValue, field);
  if (isPresent(value.intValue)) return integerOf(document, value.intValue, field, 'int64');
  if (isPresent(value.doubleValue)) return doubleOf(document, value.doubleValue, field);
  if (isPresent(value.bytesValue)) return bytesOf(document, value.bytesValue, field);
  return undefined;
}

function nestedOf(document: Document, value: JsonObject, field: string, depth: number): AttributeValue {
  const array = objectOf(document, value.arrayValue, field);
  if (array !== undefined) {
    const items = listOf(document, array.values, field);
    document.values += items.length;
    return items.map((item) => anyValueOf(document, item, field, depth + 1));
  }
  const list = objectOf(document, value.kvlistValue, field);
  return list === undefined ? undefined : { entries: attributesOf(document, list.values, field, depth + 1) };
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function resourceOf(document: Document, value: unknown): Resource {
  const resource = objectOf(document, value, 'resource');
  return { attributes: attributesOf(document, resource?.attributes, 'resource.attributes') };
}

export function scopeOf(document: Document, value: unknown): Scope {
  const scope = objectOf(document, value, 'scope');
  return {
    name: textOf(document, scope?.name, 'scope.name'),
    version: textOf(document, scope?.version, 'scope.version'),
    attributes: attributesOf(document, scope?.attributes, 'scope.attributes'),
  };
}
