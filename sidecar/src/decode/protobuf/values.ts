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
