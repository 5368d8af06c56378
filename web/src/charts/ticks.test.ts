import { describe, expect, it } from 'vitest';
import { quantity } from '../ui/numbers.ts';
import { logTicks, timeTicks, valueTicks } from './ticks.ts';

describe('values at an edge', () => {
  it.each([
    [0, ['0', '0.25', '0.5', '0.75', '1']],
    [1.38, ['0', '0.5', '1', '1.5']],
    [214, ['0', '100', '200', '300']],
    [12_840, ['0', '5,000', '10,000', '15,000']],
  ])('up to %d are %j', (highest, words) => {
    expect(valueTicks(highest, 5).map((tick) => quantity(tick, ''))).toEqual(words);
  });

  it.each([
    [20_000, 's', ['0\u00a0s', '2\u00a0h', '4\u00a0h', '6\u00a0h']],
    [400, 's', ['0\u00a0s', '2\u00a0min', '4\u00a0min', '6\u00a0min', '8\u00a0min']],
    [0.8, 's', ['0\u00a0s', '200\u00a0ms', '400\u00a0ms', '600\u00a0ms', '800\u00a0ms']],
    [500 * 2 ** 20, 'By', ['0\u00a0B', '200\u00a0MiB', '400\u00a0MiB', '600\u00a0MiB']],
  ])('%d %s are round in the unit that they read in', (highest, unit, words) => {
    expect(valueTicks(highest, 5, 0, unit).map((tick) => quantity(tick, unit))).toEqual(words);
  });

  it('begin at a floor', () => {
    expect(valueTicks(100, 5, 80)).toEqual([80, 85, 90, 95, 100]);
  });

  it('on a logarithmic scale are powers of ten around all values, never more than six', () => {
    expect(logTicks(0.03, 1.4)).toEqual([0.01, 0.1, 1, 10]);
    expect(logTicks(1, 1)).toEqual([1, 10]);
    const many = logTicks(1e-6, 1e6);
    expect(many.length).toBeLessThanOrEqual(6);
    expect(many.at(-1)).toBeGreaterThanOrEqual(1e6);
  });
});

describe('times at an edge', () => {
  it('stand at whole hours of the zone', () => {
    const from = Date.UTC(2026, 10, 27, 8, 13);
    const ticks = timeTicks(from, from + 6 * 3_600_000, 6, 'utc');
    expect(ticks.map((ms) => new Date(ms).getUTCHours())).toEqual([9, 10, 11, 12, 13, 14]);
  });
});
