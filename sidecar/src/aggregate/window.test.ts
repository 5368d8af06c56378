import { explicitSpans } from '@command-center/contract/sketch/build';
import { countOf, emptySpans } from '@command-center/contract/sketch/spans';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Increment } from './step.ts';
import { percentilesOf, type Window } from './window.ts';
import { applyIncrement } from './windowCell.ts';

const entry = (kind: 'counter' | 'gauge' | 'histogram', merge: 'sum' | 'max' | 'min' | 'last' = 'sum') => ({
  name: 'm',
  kind,
  merge,
});
const unsigned = { factor: 1, isSigned: false };
const counter = (increase: number): Increment => ({ type: 'counter', minuteMs: 0, increase });
const reading = (value: number, lastMs: number): Increment => ({ type: 'gauge', minuteMs: 0, value, lastMs });
const contribution = (value: number, lastMs = 0): Increment => ({
  type: 'additiveGauge',
  minuteMs: 0,
  contribution: value,
  reading: value,
  lastMs,
});
const distribution = (counts: number[], extremes: { min: number | null; max: number | null }): Increment => {
  const count = counts.reduce((sum, n) => sum + n, 0);
  return {
    type: 'histogram',
    minuteMs: 0,
    count,
    sum: count * 2,
    ...extremes,
    spans: explicitSpans([1, 4], counts, unsigned),
  };
};
const unknown = { min: null, max: null };

function all(
  increments: readonly Increment[],
  of: ReturnType<typeof entry>,
  field: 'value' | 'count' = 'value',
): Window {
  const window = increments.reduce<Window | undefined>((w, one) => applyIncrement(w, one, of, field), undefined);
  if (window === undefined) throw new Error('no increment, no window');
  return window;
}

const shuffled = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });

describe("a counter's minute (design §4)", () => {
  it('holds the increase, and the same rounded as its count', () => {
    expect(all([counter(2.4), counter(1.3)], entry('counter'))).toMatchObject({
      sum: 3.7,
      count: 4,
      last: null,
      spans: null,
    });
  });

  it('is there, with 0, when nothing was added', () => {
    expect(all([counter(0)], entry('counter'))).toMatchObject({ sum: 0, count: 0 });
  });

  it('may be fed by the count of a histogram', () => {
    const window = all([distribution([1, 2, 3], unknown), distribution([0, 0, 4], unknown)], entry('counter'), 'count');
    expect(window).toMatchObject({ sum: 10, count: 10, spans: null });
    expect(percentilesOf(window)).toEqual({ p50: null, p95: null, p99: null });
  });
});

describe("a histogram's minute", () => {
  it('adds up counts, sums and spans in any order', () => {
    const parts = [
      distribution([1, 2, 3], unknown),
      distribution([5, 0, 0], unknown),
      distribution([0, 0, 0], unknown),
    ];
    const whole = all(parts, entry('histogram'));
    expect(whole).toMatchObject({ count: 11, sum: 22 });
    expect(whole.spans && countOf(whole.spans)).toBe(11);
    fc.assert(
      fc.property(shuffled(parts), (order) => {
        expect(all(order, entry('histogram'))).toEqual(whole);
      }),
    );
  });

  it('knows its extremes only where every part that holds something does', () => {
    const known = distribution([1, 1, 0], { min: 0.5, max: 3 });
    const wider = distribution([1, 0, 1], { min: 0.2, max: 9 });
    const nothing = distribution([0, 0, 0], unknown);
    const cumulative = distribution([1, 0, 0], unknown);
    fc.assert(
      fc.property(shuffled([known, wider, nothing]), (order) => {
        expect(all(order, entry('histogram'))).toMatchObject({ min: 0.2, max: 9 });
      }),
    );
    fc.assert(
      fc.property(shuffled([known, wider, nothing, cumulative]), (order) => {
        expect(all(order, entry('histogram'))).toMatchObject({ min: null, max: null });
      }),
    );
  });

  it('has an empty sketch and no percentiles when nothing was added', () => {
    const window = all([distribution([0, 0, 0], unknown)], entry('histogram'));
    expect(window).toMatchObject({ count: 0, sum: 0, spans: emptySpans });
    expect(percentilesOf(window)).toEqual({ p50: null, p95: null, p99: null });
  });

  it('has percentiles clamped to its extremes, and none where a part came without buckets', () => {
    const known = distribution([0, 10, 0], { min: 2, max: 2.5 });
    const window = all([known], entry('histogram'));
    expect(percentilesOf(window)).toMatchObject({ p95: 2.5, p99: 2.5 });
    expect(percentilesOf(window).p50).toBeGreaterThanOrEqual(2);
    const bare: Increment = { type: 'histogram', minuteMs: 0, count: 1, sum: 3, min: 3, max: 3, spans: emptySpans };
    expect(percentilesOf(all([known, bare], entry('histogram')))).toEqual({ p50: null, p95: null, p99: null });
  });
});

describe("a gauge's minute", () => {
  it('holds least, greatest and newest reading; of two at one time the greater is the newest', () => {
    const readings = [reading(5, 10_000), reading(-2, 50_000), reading(1, 60_000), reading(3, 60_000), reading(9, 0)];
    fc.assert(
      fc.property(shuffled(readings), (order) => {
        expect(all(order, entry('gauge', 'max'))).toMatchObject({
          min: -2,
          max: 9,
          last: 3,
          lastMs: 60_000,
          sum: null,
        });
      }),
    );
  });

  it('that adds up holds the sum of contributions, without least and greatest', () => {
    const window = all([contribution(3, 100), contribution(4, 50), contribution(-1, 70)], entry('gauge', 'sum'));
    expect(window).toMatchObject({ last: 6, min: null, max: null, sum: null });
  });

  it('that does not add up takes the whole value of an UpDownCounter', () => {
    const changes: Increment[] = [
      { type: 'additiveGauge', minuteMs: 0, contribution: 3, reading: 3, lastMs: 1 },
      { type: 'additiveGauge', minuteMs: 0, contribution: 1, reading: 4, lastMs: 2 },
    ];
    expect(all(changes, entry('gauge', 'last'))).toMatchObject({ last: 4, min: 3, max: 4 });
  });
});

describe('an increment of another kind', () => {
  it('is a fault of ours, for curation lets none through', () => {
    expect(() => applyIncrement(undefined, reading(1, 0), entry('counter'), 'value')).toThrow(/gauge/);
    expect(() => applyIncrement(undefined, counter(1), entry('histogram'), 'value')).toThrow(/counter/);
    expect(() => applyIncrement(undefined, counter(1), entry('gauge'), 'value')).toThrow(/counter/);
    expect(() => applyIncrement(undefined, distribution([1, 0, 0], unknown), entry('counter'), 'value')).toThrow(
      /histogram/,
    );
  });
});
