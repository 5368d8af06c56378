import type { Resource } from '../decode/records.ts';
import { renamedAttributes, scalarText } from './attributes.ts';
import type { Receipt } from './curated.ts';
import type { Identify } from './recall.ts';

/** Where a resource does not say who it is (OpenTelemetry resource conventions). */
export const UNKNOWN_SERVICE = 'unknown_service';

/** Who sent a record: what is kept of its resource. */
export interface Sender {
  /** Undefined where the resource names none. */
  readonly service: string | undefined;
  readonly environment: string | undefined;
  readonly receipts: readonly Receipt[];
}

/** Reads each resource once; decoders share one object among all records of a resource. */
export function createSenders(identify: Identify): (resource: Resource) => Sender {
  const known = new WeakMap<Resource, Sender>();
  return (resource) => {
    const before = known.get(resource);
    if (before !== undefined) return before;
    const attributes = renamedAttributes(resource.attributes);
    const receipts: Receipt[] = [];
    const read = (key: string): string | undefined => {
      const value = scalarText(attributes.get(key));
      return value === undefined ? undefined : identify(value, key, receipts);
    };
    const sender = { service: read('service.name'), environment: read('deployment.environment.name'), receipts };
    known.set(resource, sender);
    return sender;
  };
}
