import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intoMinuteMs, minuteOf, sharesOf, split } from './minutes.ts';
import { minuteMs, seconds } from './testing/streams.ts';

const MINUTE_NS = 60_000_000_000n;
const spans = fc.record({
  start: fc.bigInt({ min: seconds(0), max: seconds(3_600) }),
  length: fc.bigInt({ min: 1n, max: 20_000n * 1_000_000_000n }),
});

/** The plain reference: the minutes (a, b] that an interval overlaps and by how much, the newest 60. */
function overlaps(start: bigint, end: bigint): { minute: number; overlap: bigint }[] {
  const found: { minute: number; overlap: bigint }[] = [];
  for (let minute = start / MINUTE_NS; minute * MINUTE_NS < end; minute += 1n) {
    const from = minute * MINUTE_NS > start ? minute * MINUTE_NS : start;
    const to = (minute + 1n) * MINUTE_NS < end ? (minute + 1n) * MINUTE_NS : end;
    if (to > from) found.push({ minute: Number(minute) * 60_000, overlap: to - from });
  }
  return found.slice(-60);
}

describe('minutes of data time (OTLP conformance 12)', () => {
  it('hold their last instant and not their first', () => {
    expect([minuteOf(seconds(60)), minuteOf(seconds(60) + 1n), minuteOf(seconds(120))]).toEqual([
      minuteMs(0),
      minuteMs(1),
      minuteMs(1),
    ]);
    expect([intoMinuteMs(seconds(60)), intoMinuteMs(seconds(60) + 1n), intoMinuteMs(seconds(61.5))]).toEqual([
      60_000, 0, 1_500,
    ]);
  });

  it('take an increase over up to 90 s whole, where it ended', () => {
    for (const start of [1, 30, 59]) {
      expect(sharesOf(seconds(start), seconds(start + 90))).toEqual([
        { minuteMs: minuteOf(seconds(start + 90)), cumulative: 1 },
      ]);
    }
    expect(sharesOf(seconds(30), seconds(120) + 1n)).toHaveLength(3);
    expect(sharesOf(undefined, seconds(120))).toEqual([{ minuteMs: minuteMs(1), cumulative: 1 }]);
  });

  it('share a longer one in proportion to their overlap, the newest 60', () => {
    fc.assert(
      fc.property(spans, ({ start, length }) => {
        const end = start + length;
        if (length <= 90_000_000_000n) return;
        const expected = overlaps(start, end);
        const total = expected.reduce((sum, { overlap }) => sum + overlap, 0n);
        const shares = sharesOf(start, end);
        expect(shares.map((share) => share.minuteMs)).toEqual(expected.map(({ minute }) => minute));
        let upTo = 0n;
        expected.forEach(({ overlap }, index) => {
          upTo += overlap;
          expect(shares[index]?.cumulative).toBeCloseTo(Number(upTo) / Number(total), 12);
        });
      }),
    );
  });

  it('share whole numbers by cumulative floor: whole parts that add up, each within one of its proportion', () => {
    fc.assert(
      fc.property(spans, fc.nat({ max: 1e9 }), ({ start, length }, total) => {
        const shares = sharesOf(start, start + length);
        const parts = split(total, shares);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
        let before = 0;
        parts.forEach((part, index) => {
          const proportion = total * ((shares[index]?.cumulative ?? 0) - before);
          before = shares[index]?.cumulative ?? 0;
          expect(Number.isInteger(part) && part >= 0).toBe(true);
          expect(Math.abs(part - proportion)).toBeLessThan(1.000001);
        });
      }),
    );
  });

  it('share fractions in proportion, and lose nothing but rounding', () => {
    fc.assert(
      fc.property(spans, fc.double({ min: 0, max: 1e6, noNaN: true }), ({ start, length }, total) => {
        const parts = split(total, sharesOf(start, start + length));
        expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 6);
        for (const part of parts) expect(part).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
