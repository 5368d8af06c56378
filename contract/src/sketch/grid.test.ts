import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerEdge, maxOrdinal, minOrdinal, ordinalAbove, ordinalOf, ordinalOfBin, upperEdge } from './grid.ts';

const onGrid = fc.double({ min: 2 ** -40, max: 2 ** 40, noNaN: true });

describe('the grid (design §4)', () => {
  it('holds every value in one bin (lower, upper], also each edge and its neighbours', () => {
    const edges = Array.from({ length: 2560 }, (_, index) => 2 ** ((index - 1279) / 32));
    fc.assert(
      fc.property(fc.oneof(onGrid, fc.constantFrom(...edges)), (value) => {
        const ordinal = ordinalOf(value);
        expect(lowerEdge(ordinal)).toBeLessThan(value);
        expect(upperEdge(ordinal)).toBeGreaterThanOrEqual(value * (1 - 1e-11));
      }),
    );
  });

  it('has every edge in the bin below it, exactly at powers of two', () => {
    for (let exponent = -39; exponent < 40; exponent += 1) {
      const value = 2 ** exponent;
      expect(upperEdge(ordinalOf(value))).toBe(value);
      expect(lowerEdge(ordinalAbove(value))).toBe(value);
      expect(lowerEdge(ordinalOf(value * (1 + 1e-9)))).toBe(value);
    }
  });

  it('finds an edge again after a change of unit', () => {
    for (let bin = -900; bin <= 900; bin += 1) {
      const edge = 2 ** (bin / 32);
      for (const factor of [0.001, 1000, 1_048_576, 60])
        expect(ordinalOf((edge / factor) * factor)).toBe(ordinalOfBin(bin));
    }
  });

  it('mirrors negatives and stands in one order', () => {
    fc.assert(
      fc.property(onGrid, (value) => {
        expect(ordinalOf(-value)).toBe(-ordinalOf(value));
      }),
    );
    expect([lowerEdge(ordinalOf(-4)), upperEdge(ordinalOf(-4))]).toEqual([-4, -lowerEdge(ordinalOf(4))]);
    let last = Number.NEGATIVE_INFINITY;
    for (let ordinal = minOrdinal; ordinal <= maxOrdinal; ordinal += 1) {
      expect(lowerEdge(ordinal)).toBeGreaterThanOrEqual(last);
      last = upperEdge(ordinal);
    }
  });

  it('clips what lies past it', () => {
    expect(ordinalOf(2 ** 50)).toBe(maxOrdinal);
    expect(ordinalOf(Number.MIN_VALUE)).toBe(ordinalOfBin(-1280));
    expect(ordinalOf(-Number.MAX_VALUE)).toBe(minOrdinal);
  });
});
