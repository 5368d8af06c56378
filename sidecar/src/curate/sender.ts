import type { ReasonCode } from '@command-center/contract/reasons';
import type { Resource } from '../decode/records.ts';
import { renamedAttributes, scalarText } from './attributes.ts';
import type { Curation, Receipt } from './curated.ts';
import type { Identify } from './recall.ts';

/** Where a resource does not say who it is (OpenTelemetry resource conventions). */
export const UNKNOWN_SERVICE = 'unknown_service';

/** Why a record was not kept. */
export type Refusal = Exclude<Curation<never>, { readonly outcome: 'kept' }>;

/** Who sent a record: what is kept of its resource. */
export interface Sender {
  /** Undefined where the resource names none. */
  readonly service: string | undefined;
  readonly environment: string | undefined;
  readonly receipts: readonly Receipt[];
  /** The same object for the same reason, so that most records, which are refused alike, cost none and are counted together. */
  refuse(outcome: Refusal['outcome'], reason: ReasonCode): Refusal;
}

/** Reads each resource once; decoders share one object among all records of a resource. */
export function createSenders(identify: Identify): (resource: Resource) => Sender {
  const known = new WeakMap<Resource, Sender>();
  let last: { readonly resource: Resource; readonly sender: Sender } | undefined;
  return (resource) => {
    // Records of a resource come one after another.
    if (last?.resource === resource) return last.sender;
    const sender = known.get(resource) ?? senderOf(resource, identify);
    known.set(resource, sender);
    last = { resource, sender };
    return sender;
  };
}

function senderOf(resource: Resource, identify: Identify): Sender {
  const attributes = renamedAttributes(resource.attributes);
  const receipts: Receipt[] = [];
  const read = (key: string): string | undefined => {
    const value = scalarText(attributes.get(key));
    return value === undefined ? undefined : identify(value, key, receipts);
  };
  const service = read('service.name');
  return {
    service,
    environment: read('deployment.environment.name'),
    receipts,
    refuse: createRefuse(service ?? UNKNOWN_SERVICE),
  };
}

function createRefuse(service: string): Sender['refuse'] {
  const known = new Map<ReasonCode, Refusal>();
  return (outcome, reason) => {
    const before = known.get(reason);
    if (before !== undefined) return before;
    const refusal: Refusal = { outcome, reason, service, name: '', receipts: [] };
    known.set(reason, refusal);
    return refusal;
  };
}
