import { hash } from 'node:crypto';
import type { AttributeValue, KeyValue, Metric, Point, Resource, Scope } from '../decode/records.ts';
import { hexOf } from './traceContext.ts';

/** Bytes of an identity: 128 bits of SHA-256. */
const DIGEST_BYTES = 16;

/** A 128-bit digest of a canonical form, 32 hex digits. */
function digestOf(canonical: string): string {
  // A part of a longer string would keep all of it in memory.
  return hash('sha256', canonical, 'buffer').toString('hex', 0, DIGEST_BYTES);
}

/** The same for one that is gone with its batch: 0.8 us in place of 1.4, in twice the memory. */
export function passingDigestOf(canonical: string): string {
  return hash('sha256', canonical, 'hex').slice(0, DIGEST_BYTES * 2);
}

/** Attributes in one form whatever their order and encoding: typed, length-prefixed, sorted (design §5). Int 1 is not "1", nor double 1. */
export function canonicalAttributes(attributes: readonly KeyValue[]): string {
  if (attributes.length === 0) return '';
  return attributes
    .map(({ key, value }) => `${key.length}:${key}${canonicalValue(value)}`)
    .sort()
    .join('');
}

/** A value with its type; no value's form is the beginning of another's. */
export function canonicalValue(value: AttributeValue): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'bigint':
      return `i${value};`;
    case 'number':
      // -0 and 0 are one value, and so are all NaN.
      return `d${value === 0 ? 0 : value};`;
    case 'undefined':
      return 'u';
  }
  if (value instanceof Uint8Array) return canonicalBytes(hexOf(value));
  if (isList(value)) return `a${value.length}:${value.map(canonicalValue).join('')}`;
  return `m${value.entries.length}:${canonicalAttributes(value.entries)}`;
}

/** Bytes by their hex. */
export function canonicalBytes(hex: string): string {
  return `x${hex};`;
}

function isList(value: object): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

/** Digests that many records share, by reference: decoders make one object per resource, scope and metric of a request. */
const resources = new WeakMap<Resource, string>();
const scopes = new WeakMap<Scope, string>();
const metrics = new WeakMap<Metric, { readonly owner: string; readonly prefix: string }>();

function remembered<K extends object, V>(memory: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make(key);
  memory.set(key, made);
  return made;
}

export function resourceDigest(resource: Resource): string {
  return remembered(resources, resource, ({ attributes }) => digestOf(canonicalAttributes(attributes)));
}

export function scopeDigest(scope: Scope): string {
  return remembered(scopes, scope, ({ name, version, attributes }) =>
    digestOf(`${canonicalValue(name)}${canonicalValue(version)}${canonicalAttributes(attributes)}`),
  );
}

function metricIdentity(metric: Metric): { readonly owner: string; readonly prefix: string } {
  return remembered(metrics, metric, ({ resource, scope, name, unit, kind, temporality, isMonotonic }) => {
    const owner = digestOf(`${resourceDigest(resource)}${scopeDigest(scope)}${canonicalValue(name)}`);
    return { owner, prefix: `${owner}${canonicalValue(unit)}${kind}:${temporality}:${isMonotonic}:` };
  });
}

/** Resource, scope and metric name as sent: the owner of a family of stream-state blocks (design §5). */
export function ownerDigest(metric: Metric): string {
  return metricIdentity(metric).owner;
}

/** The whole identity of a point's stream (otlp-conformance item 9); description, bounds, scale, int or double value are no part of it. */
export function streamDigest(point: Pick<Point, 'metric' | 'attributes'>): string {
  return digestOf(metricIdentity(point.metric).prefix + canonicalAttributes(point.attributes));
}
