import { describe, expect, it } from 'vitest';
import { config } from '../../../dev/answers.ts';
import { durationColour, thresholdOf } from './duration.ts';

/** contract.md §5: yellow from, red above. */
describe('the colour of a duration', () => {
  it.each([
    ['other', 199.999, 'green'],
    ['other', 200, 'yellow'],
    ['other', 200.001, 'yellow'],
    ['other', 999.999, 'yellow'],
    ['other', 1_000, 'yellow'],
    ['other', 1_000.001, 'red'],
    ['db', 99.999, 'green'],
    ['db', 100, 'yellow'],
    ['db', 100.001, 'yellow'],
    ['db', 499.999, 'yellow'],
    ['db', 500, 'yellow'],
    ['db', 500.001, 'red'],
    ['auth', 0, 'green'],
  ] as const)('of a span of %s that took %d ms is %s', (domain, duration_ms, colour) => {
    expect(durationColour(config, { domain, duration_ms })).toBe(colour);
  });

  it('follows the bounds that the operator set', () => {
    const thresholds = config.thresholds.map((one) =>
      one.name === 'DB_QUERY_P95' ? { ...one, warn: 10, crit: 20 } : one,
    );
    const set = { ...config, thresholds };
    expect([9, 10, 20, 21].map((duration_ms) => durationColour(set, { domain: 'db', duration_ms }))).toEqual([
      'green',
      'yellow',
      'yellow',
      'red',
    ]);
    expect(durationColour(set, { domain: 'chat', duration_ms: 21 })).toBe('green');
  });

  it('is none while the bounds are not known', () => {
    expect(durationColour(null, { domain: 'db', duration_ms: 10_000 })).toBeNull();
  });

  it('is judged as slow spans are chosen', () => {
    expect(['db', 'auth', 'chat', 'other'].map((domain) => thresholdOf({ domain }))).toEqual([
      'DB_QUERY_P95',
      'API_LATENCY_P95',
      'API_LATENCY_P95',
      'API_LATENCY_P95',
    ]);
  });
});
