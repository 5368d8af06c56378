import { renamedKey } from '@command-center/contract/labels';
import type { AttributeValue, KeyValue } from '../decode/records.ts';
import { MAX_ATTRIBUTES } from './limits.ts';

/** Attributes by their stable names; where old and new arrive together (`http/dup`), the stable one is taken. */
export type AttributeMap = ReadonlyMap<string, AttributeValue>;

export function renamedAttributes(
  attributes: readonly KeyValue[],
  rename: (key: string) => string = renamedKey,
): AttributeMap {
  const renamed = new Map<string, AttributeValue>();
  for (const { key, value } of attributes.slice(0, MAX_ATTRIBUTES)) {
    const stable = rename(key);
    if (stable === key || !renamed.has(stable)) renamed.set(stable, value);
  }
  return renamed;
}

/** A scalar as text; undefined for lists, bytes, nothing, and the empty string, which names nothing. */
export function scalarText(value: AttributeValue): string | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' ? undefined : value;
    case 'bigint':
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}
