import { describe, expect, it } from 'vitest';
import { entryOf } from './catalogue/catalogue.ts';
import { services } from './services.ts';

describe('the seven services (contract.md §6)', () => {
  it('are these, in this order', () => {
    expect(services.map((service) => service.id)).toEqual([
      'http_api',
      'websocket_hub',
      'voice_sfu',
      'postgresql',
      'valkey',
      's3',
      'otel_pipeline',
    ]);
  });

  it.each(services)('$id is judged by metrics of the catalogue', ({ conditions }) => {
    expect(conditions.length).toBeGreaterThan(0);
    for (const condition of conditions) {
      if ('metric' in condition) expect(entryOf(condition.metric)).toBeDefined();
      if (condition.type === 'moving') expect(entryOf(condition.whileAbove)?.kind).toBe('gauge');
      if (condition.type === 'aboveZero')
        expect(entryOf(condition.metric)?.labels).toEqual(expect.arrayContaining(Object.keys(condition.labels)));
    }
  });
});
