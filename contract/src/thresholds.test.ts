import { describe, expect, it } from 'vitest';
import { entryOf } from './catalogue/catalogue.ts';
import { colourOf, thresholdNames, thresholds, thresholdVariable } from './thresholds.ts';

describe('thresholds (contract.md §5)', () => {
  it.each([
    ['API_LATENCY_P95', 199.9, 'green'],
    ['API_LATENCY_P95', 200, 'yellow'],
    ['API_LATENCY_P95', 1000, 'yellow'],
    ['API_LATENCY_P95', 1000.1, 'red'],
    ['VOICE_JOIN_SUCCESS', 95.1, 'green'],
    ['VOICE_JOIN_SUCCESS', 95, 'yellow'],
    ['VOICE_JOIN_SUCCESS', 80, 'yellow'],
    ['VOICE_JOIN_SUCCESS', 79.9, 'red'],
    ['OTEL_DROPPED_SPANS', 0, 'green'],
    ['OTEL_DROPPED_SPANS', 1, 'yellow'],
    ['OTEL_DROPPED_SPANS', 101, 'red'],
  ] as const)('%s at %d is %s', (name, value, expected) => {
    expect(colourOf(thresholds[name], value)).toBe(expected);
  });

  it('has no colour without a value, nor for a ratio of fewer than 20 events', () => {
    const { API_ERROR_RATE: rate } = thresholds;
    expect([colourOf(rate, null), colourOf(rate, Number.NaN), colourOf(rate, 50, 19)]).toEqual([null, null, null]);
    expect(colourOf(rate, 50, 20)).toBe('red');
  });

  it('is named in the environment as the specification says', () => {
    expect(thresholdVariable('API_LATENCY_P95', 'warn')).toBe('COMMAND_CENTER_API_LATENCY_P95_WARN_MS');
    expect(thresholdVariable('OTEL_DROPPED_SPANS', 'crit')).toBe('COMMAND_CENTER_OTEL_DROPPED_SPANS_CRIT_COUNT');
  });

  it.each(thresholdNames)('%s divides metrics of the catalogue', (name) => {
    const { ratio, warn, crit, isLowerWorse } = thresholds[name];
    expect(isLowerWorse ? warn >= crit : warn <= crit).toBe(true);
    for (const metric of [...(ratio?.numerator ?? []), ...(ratio?.denominator ?? [])])
      expect(entryOf(metric)?.kind).toBe('counter');
  });
});
