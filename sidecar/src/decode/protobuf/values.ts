import { MAX_VALUE_DEPTH } from '../../limits.ts';
import type { Draft } from '../draft.ts';
import type { AttributeValue, KeyValue, Resource, Scope } from '../records.ts';
import { bytes, countValue, double, enter, fieldSet, int64, leave, skipUnknown, text, type Wire } from './wire.ts';

const keyValueFields = fieldSet(1, 2);

/** Reads a KeyValue (common.proto) at `depth` of nesting. */
export function readKeyValue(wire: Wire, depth: number): KeyValue {
  const { reader } = wire;
  const outer = enter(wire);
  countValue(wire);
  let key = '';
  let value: AttributeValue;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) key = text(wire);
    else if (tag === 0x12) value = readValue(wire, depth);
    else skipUnknown(wire, tag, keyValueFields);
  }
  leave(wire, outer);
  return { key, value };
}

/**
 * Whether the KeyValue at [start, end) may have one of the keys: certain where it says no, and of what was written as everyone writes it (the
 * key, then the value, nothing else) where it says yes.
 */
export function mayHold({ raw }: Wire, start: number, end: number, keys: readonly Uint8Array[]): boolean {
  const length = raw[start + 1] ?? 0;
  const value = start + 2 + length;
  const isUsual =
    raw[start] === 0x0a && length < 128 && value < end && raw[value] === 0x12 && fieldEnds(raw, value + 1, end);
  if (!isUsual) return true;
  for (const key of keys) if (key.length === length && isSame(key, raw, start + 2)) return true;
  return false;
}

/** Whether the length at `at` says that its field ends at `end`; a length of two bytes is the longest that is usual. */
function fieldEnds(raw: Uint8Array, at: number, end: number): boolean {
  const first = raw[at] ?? 0;
  if (first < 128) return at + 1 + first === end;
  const second = raw[at + 1] ?? 0;
  return second < 128 && at + 2 + (first & 127) + second * 128 === end;
}

function isSame(key: Uint8Array, raw: Uint8Array, start: number): boolean {
  for (let at = 0; at < key.length; at++) if (key[at] !== raw[start + at]) return false;
  return true;
}

const valueFields = fieldSet(1, 2, 3, 4, 5, 6, 7);

/** Reads an AnyValue (common.proto). Deeper than MAX_VALUE_DEPTH it is skipped and empty. */
export function readValue(wire: Wire, depth: number): AttributeValue {
  const { reader } = wire;
  const outer = enter(wire);
  let value: AttributeValue;
  if (depth > MAX_VALUE_DEPTH) reader.pos = reader.len;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    switch (tag) {
      case 0x0a: // string_value
        value = text(wire);
        break;
      case 0x10: // bool_value
        value = reader.bool();
        break;
      case 0x18: // int_value
        value = int64(wire);
        break;
      case 0x21: // double_value
        value = double(wire);
        break;
      case 0x2a: // array_value
        value = readItems(wire, depth, readValue);
        break;
      case 0x32: // kvlist_value
        value = { entries: readItems(wire, depth, readKeyValue) };
        break;
      case 0x3a: // bytes_value
        value = bytes(wire);
        break;
      default:
        skipUnknown(wire, tag, valueFields);
    }
  }
  leave(wire, outer);
  return value;
}

const itemsFields = fieldSet(1);

/** ArrayValue and KeyValueList (common.proto) are the same on the wire: a repeated field 1. */
function readItems<T>(wire: Wire, depth: number, readItem: (wire: Wire, depth: number) => T): T[] {
  const { reader } = wire;
  const outer = enter(wire);
  const items: T[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) {
      countValue(wire);
      items.push(readItem(wire, depth + 1));
    } else skipUnknown(wire, tag, itemsFields);
  }
  leave(wire, outer);
  return items;
}

const resourceFields = fieldSet(1);

/** Reads the fields of a Resource (resource.proto) up to the wire's end. */
export function readResource(wire: Wire, resource: Draft<Resource>): void {
  const { reader } = wire;
  const attributes: KeyValue[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) attributes.push(readKeyValue(wire, 0));
    else skipUnknown(wire, tag, resourceFields);
  }
  resource.attributes = attributes;
}

const scopeFields = fieldSet(1, 2, 3);

/** Reads the fields of an InstrumentationScope (common.proto) up to the wire's end. */
export function readScope(wire: Wire, scope: Draft<Scope>): void {
  const { reader } = wire;
  const attributes: KeyValue[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) scope.name = text(wire);
    else if (tag === 0x12) scope.version = text(wire);
    else if (tag === 0x1a) attributes.push(readKeyValue(wire, 0));
    else skipUnknown(wire, tag, scopeFields);
  }
  scope.attributes = attributes;
}
