import { describe, expect, it } from 'vitest';
import { MAX_ATTRIBUTES, MAX_ROUTED_SERVICES } from './limits.ts';
import { createIdentify, Recall } from './recall.ts';
import { createRouteReader } from './routes.ts';
import { type Attributes, attributes, curator, gauge, kept, logRecord, numberPoint } from './testing/records.ts';

describe('bounds of what curation remembers', () => {
  it('a memory holds its number of entries and starts anew one past it', () => {
    const recall = new Recall<number>(2);
    recall.set('a', 1);
    recall.set('b', 2);
    expect([recall.get('a'), recall.get('b')]).toEqual([1, 2]);
    expect(recall.set('c', 3)).toBe(3);
    expect([recall.get('a'), recall.get('b'), recall.get('c')]).toEqual([undefined, undefined, 3]);
  });

  it('routes of 500 services are known, those of the next are not', () => {
    const routes = createRouteReader(createIdentify());
    const read = (service: number, values: Attributes): string | undefined =>
      routes.of(`s${service}`, new Map(Object.entries(values)), [])?.value;
    for (let service = 0; service <= MAX_ROUTED_SERVICES; service++) read(service, { 'http.route': '/a' });
    expect(read(MAX_ROUTED_SERVICES - 1, { 'url.path': '/a' })).toBe('/a');
    expect(read(MAX_ROUTED_SERVICES, { 'url.path': '/a' })).toBe('_OTHER');
  });

  it('256 attributes of a record are looked at, no more', () => {
    const many = (count: number): Attributes =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 1n]));
    const receiptsOf = (count: number): number => {
      const { point, log } = curator();
      const ofLog = log(logRecord({ attributes: attributes(many(count)) })).receipts.length;
      expect(point(numberPoint(gauge('process.uptime'), many(count))).receipts.length).toBe(ofLog);
      return ofLog;
    };
    expect(receiptsOf(MAX_ATTRIBUTES)).toBe(MAX_ATTRIBUTES);
    expect(receiptsOf(MAX_ATTRIBUTES + 1)).toBe(MAX_ATTRIBUTES);
    expect(kept(curator().log(logRecord({ body: { entries: attributes(many(1_000)) } }))).attributes).toEqual({});
  });
});
