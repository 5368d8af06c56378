import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryOf } from './catalogue/catalogue.ts';
import {
  colouredPercentile,
  colourOf,
  isTooCoarse,
  thresholdNames,
  thresholds,
  thresholdVariable,
} from './thresholds.ts';

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

describe('a percentile that may be green as well as red (docs/adr/0022)', () => {
  const latency = (value: number, lo: number, hi: number | null) =>
    colouredPercentile(thresholds, 'API_LATENCY_P95', { value, lo, hi });

  it.each([
    ['from below warn to above crit: none', 4_860, 0, 5_000, null],
    ['the same with an open end: none', 0, 0, null, null],
    ['from crit down to below warn: that of its value', 900, 100, 1_000, 'yellow'],
    ['from below warn to a crit that was rounded up to its bin: that of its value', 900, 100, 1_018, 'yellow'],
    ['from below warn to more than a bin above crit: none', 900, 100, 1_030, null],
    ['from warn on: that of its value', 4_860, 200, 5_000, 'red'],
    ['all above crit: red', 4_000, 1_001, 5_000, 'red'],
    ['in the open bucket beyond crit: red', 10_000, 10_000, null, 'red'],
    ['around warn alone: that of its value', 190, 150, 250, 'green'],
    ['around crit alone: that of its value', 1_010, 990, 1_020, 'red'],
  ] as const)('%s', (_, value, lo, hi, expected) => {
    expect(latency(value, lo, hi)).toBe(expected);
  });

  it('has no colour without a value', () => {
    expect(colouredPercentile(thresholds, 'API_LATENCY_P95', null)).toBeNull();
  });

  const number = fc.double({ min: 0, max: 1e4, noNaN: true });
  const sorted = fc.tuple(number, number, number).map((three) => three.toSorted((a, b) => a - b));

  it('takes a colour exactly where not both ends of the scale are possible, whichever of the two is worse', () => {
    fc.assert(
      fc.property(
        sorted,
        fc.tuple(number, number),
        fc.boolean(),
        fc.boolean(),
        (three, edges, isLowerWorse, isOpen) => {
          const [lo = 0, value = 0, top = 0] = three;
          const [low, high] = [Math.min(...edges), Math.max(...edges)];
          const threshold = isLowerWorse
            ? { warn: high, crit: low, isLowerWorse }
            : { warn: low, crit: high, isLowerWorse };
          const hi = isOpen ? null : top;
          // Edges are rounded out to those of a bin: what lies beyond the next one inside is certain.
          const inside = [Math.min(value, lo * 2 ** (1 / 32)), value, Math.max(value, top / 2 ** (1 / 32))];
          const possible = new Set([...inside, ...(isOpen ? [1e9] : [])].map((each) => colourOf(threshold, each)));
          expect(isTooCoarse(threshold, { value, lo, hi })).toBe(possible.has('green') && possible.has('red'));
        },
      ),
    );
  });

  it('of a value that is known exactly is that of the value', () => {
    fc.assert(
      fc.property(number, fc.constantFrom(...thresholdNames), (value, name) => {
        const colour = colouredPercentile(thresholds, name, { value, lo: value, hi: value });
        expect(colour).toBe(colourOf(thresholds[name], value));
      }),
    );
  });
});
