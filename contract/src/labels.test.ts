import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enumerated, hasOwnForm, isLabelKey, labelKeys, labelRegistry, labelsKey, renamedKey } from './labels.ts';

describe('listed values (contract.md §1)', () => {
  it.each([
    ['http.request.method', 'GET', 'GET'],
    ['http.request.method', 'QUERY', 'QUERY'],
    ['http.request.method', 'get', '_OTHER'],
    ['http.request.method', 'CONNECT', '_OTHER'],
    ['outcome', 'error', 'failure'],
    ['outcome', 'Success', 'success'],
    ['outcome', 'maybe', '_OTHER'],
    ['db.operation.name', 'select', 'SELECT'],
    ['db.operation.name', 'TRUNCATE', '_OTHER'],
    ['voice.session_outcome', 'disconnected', 'disconnected'],
    ['db.client.connection.state', 'used', 'used'],
    ['os.type', 'Linux', 'linux'],
    ['quality', 'superb', '_OTHER'],
    ['http.response.status_code', '100', '100'],
    ['http.response.status_code', '599', '599'],
    ['http.response.status_code', '600', '_OTHER'],
    ['http.response.status_code', '0200', '_OTHER'],
    ['service.name', 'anything', 'anything'],
  ])('%s %s is %s', (key, value, expected) => {
    expect(enumerated(key, value)).toBe(expected);
  });

  it('has at most one value more than its list, whatever comes in', () => {
    fc.assert(
      fc.property(fc.constantFrom(...labelKeys), fc.string(), (key, value) => {
        const { form } = labelRegistry[key];
        if (form.type === 'listed') expect([...form.values, '_OTHER']).toContain(enumerated(key, value));
        expect(enumerated(key, enumerated(key, value))).toBe(enumerated(key, value));
      }),
    );
  });

  it('tells keys with a form of their own from identifiers', () => {
    expect(['outcome', 'http.response.status_code', 'otel.metric.overflow'].every(hasOwnForm)).toBe(true);
    expect(['service.name', 'http.route', 'error.type', 'unknown'].some(hasOwnForm)).toBe(false);
  });
});

describe('older semantic-convention names', () => {
  it.each([
    ['http.method', 'http.request.method'],
    ['http.status_code', 'http.response.status_code'],
    ['db.sql.table', 'db.collection.name'],
    ['db.operation', 'db.operation.name'],
    ['state', 'db.client.connection.state'],
    ['deployment.environment', 'deployment.environment.name'],
    ['http.route', 'http.route'],
    ['constructor', 'constructor'],
  ])('%s is %s', (older, stable) => {
    expect(renamedKey(older)).toBe(stable);
  });

  it('renames no key of the registry, and nothing twice', () => {
    for (const key of labelKeys) expect(renamedKey(key)).toBe(key);
    expect(renamedKey(renamedKey('http.method'))).toBe('http.request.method');
    expect(isLabelKey('toString')).toBe(false);
  });
});

describe('the key of a label set', () => {
  it('is canonical JSON: one text for one set, whatever the order', () => {
    expect(labelsKey({ b: 'x"y', a: true })).toBe('{"a":true,"b":"x\\"y"}');
    expect(labelsKey({})).toBe('{}');
    const sets = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.constant(true as const)));
    fc.assert(
      fc.property(sets, (labels) => {
        const reversed = Object.fromEntries(Object.entries(labels).reverse());
        expect(labelsKey(reversed)).toBe(labelsKey(labels));
        expect(JSON.parse(labelsKey(labels))).toEqual({ ...labels });
      }),
    );
  });
});
