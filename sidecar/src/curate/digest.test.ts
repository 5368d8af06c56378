import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeValue, KeyValueList } from '../decode/records.ts';
import { canonicalAttributes, canonicalValue, ownerDigest, resourceDigest, streamDigest } from './digest.ts';
import { attributes, gauge, metric, numberPoint, resource, scope } from './testing/records.ts';

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.boolean(),
    fc.bigInt(),
    fc.double(),
    fc.uint8Array({ maxLength: 8 }),
    fc.constant(undefined),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.record({ key: fc.string(), value: tie('value') }), { selector: ({ key }) => key, maxLength: 3 })
      .map((entries) => ({ entries })),
  ),
}));
const attributeList = fc.uniqueArray(fc.record({ key: fc.string(), value }), {
  selector: ({ key }) => key,
  maxLength: 6,
});
const shuffled = attributeList.chain((list) =>
  fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }).map((other) => [list, other] as const),
);

describe('stream identity (otlp-conformance item 9)', () => {
  it('does not depend on the order of attributes', () => {
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(canonicalAttributes(other)).toBe(canonicalAttributes(list));
        expect(resourceDigest({ attributes: other })).toBe(resourceDigest({ attributes: list }));
        const of = metric('m');
        expect(streamDigest({ metric: of, attributes: other })).toBe(streamDigest({ metric: of, attributes: list }));
      }),
    );
  });

  it('tells any two different values apart', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        if (canonicalValue(a) === canonicalValue(b)) expect(normal(a)).toEqual(normal(b));
      }),
    );
  });

  it.each<[string, AttributeValue, AttributeValue]>([
    ['int 1 and string "1"', 1n, '1'],
    ['int 1 and double 1', 1n, 1],
    ['true and "true"', true, 'true'],
    ['bytes and their text', Uint8Array.of(65), 'A'],
    ['["ab"] and ["a","b"]', ['ab'], ['a', 'b']],
    ['nothing and the empty string', undefined, ''],
  ])('%s differ', (_name, a, b) => {
    expect(canonicalValue(a)).not.toBe(canonicalValue(b));
  });

  it('-0 and every NaN have one form', () => {
    expect(canonicalValue(-0)).toBe(canonicalValue(0));
    expect(canonicalValue(Number.NaN)).toBe(canonicalValue(-Number.NaN));
  });

  it('holds resource, scope, name, unit, kind, temporality and monotonicity, but no value', () => {
    const base = metric('m');
    const identities = [
      base,
      { ...base, resource: resource({ 'service.name': 'b' }) },
      { ...base, scope: { ...scope, name: 'other' } },
      { ...base, scope: { ...scope, version: '2' } },
      { ...base, scope: { ...scope, attributes: attributes({ a: 1n }) } },
      { ...base, name: 'n' },
      { ...base, unit: 'ms' },
      { ...base, temporality: 'delta' as const },
      { ...base, isMonotonic: false },
      gauge('m'),
    ].map((of) => streamDigest(numberPoint(of)));
    expect(new Set(identities).size).toBe(identities.length);
    expect(streamDigest(numberPoint(base, {}, { value: 2, timeUnixNano: 1n }))).toBe(identities[0]);
    expect(identities[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('its owner is resource, scope and name', () => {
    const base = metric('m');
    expect(ownerDigest({ ...base, unit: 'ms', kind: 'histogram' })).toBe(ownerDigest(base));
    expect(ownerDigest({ ...base, name: 'n' })).not.toBe(ownerDigest(base));
  });
});

/** A value in which only what the canonical form ignores is made equal. */
function normal(of: AttributeValue): unknown {
  if (typeof of === 'number') return of === 0 ? 0 : of;
  if (typeof of !== 'object') return of;
  if (of instanceof Uint8Array) return [...of];
  if (!isKeyValueList(of)) return of.map(normal);
  return new Map(of.entries.map((entry) => [entry.key, normal(entry.value)]));
}

function isKeyValueList(of: Exclude<AttributeValue & object, Uint8Array>): of is KeyValueList {
  return !Array.isArray(of);
}
