import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSketch, encodeSketch } from './codec.ts';
import { openOrdinal } from './grid.ts';
import { countOf, maxSpans, spansFrom } from './spans.ts';
import { durationBounds, explicitOf, lists } from './testing/lists.ts';

describe('the bytes of a sketch', () => {
  it('come back as they were, with their mark', () => {
    fc.assert(
      fc.property(lists, fc.boolean(), (list, isInexact) => {
        expect(decodeSketch(encodeSketch({ ...list, isInexact }))).toEqual({ ...list, isInexact });
      }),
    );
  });

  it('come back after a merge past 512 spans', () => {
    const list = spansFrom(Array.from({ length: 700 }, (_, index) => ({ first: index, width: 3, count: 7 })));
    expect(decodeSketch(encodeSketch(list))).toEqual(list);
  });

  it('hold counts up to 2^53', () => {
    const list = spansFrom([{ first: openOrdinal, width: 1, count: Number.MAX_SAFE_INTEGER }]);
    expect(countOf(decodeSketch(encodeSketch(list)))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('are few: a minute of explicit buckets is under 100 bytes', () => {
    expect(
      encodeSketch(explicitOf(durationBounds.flatMap((bound) => Array<number>(100).fill(bound)))).length,
    ).toBeLessThan(100);
  });

  it('can be read whatever was counted: past 2^53 the count stays there', () => {
    const absurd = { spans: [{ first: 1, width: 1, count: 2 ** 63 }], isInexact: false };
    expect(decodeSketch(encodeSketch(absurd)).spans).toEqual([{ first: 1, width: 1, count: Number.MAX_SAFE_INTEGER }]);
  });

  it.each([
    ['no version', []],
    ['another version', [2, 0]],
    ['no flags', [1]],
    ['unknown flags', [1, 7]],
    ['a span cut short', [1, 0, 5]],
    ['a width of 0', [1, 0, 4, 0, 1]],
    ['a count of 0', [1, 0, 4, 1, 0]],
    ['a count past 2^53', [1, 0, 4, 1, 255, 255, 255, 255, 255, 255, 255, 31]],
    ['a number without end', [1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
    ['a span past the grid', [1, 0, 4, 255, 63, 1]],
    ['a first ordinal below the grid', [1, 0, 255, 255, 1, 1, 1]],
    ['the same span twice', [1, 0, 4, 2, 1, 0, 2, 1]],
    ['a narrower span after a wider one', [1, 0, 4, 2, 1, 0, 1, 1]],
    ['513 spans', [1, 0, 0, 1, 1, ...Array.from({ length: maxSpans }, () => [1, 1, 1]).flat()]],
  ])('are refused with %s', (_, bytes) => {
    expect(() => decodeSketch(Uint8Array.from(bytes))).toThrow(/^sketch: /);
  });

  it('of any garbage are read or refused, never misread', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (garbage) => {
        const bytes = Uint8Array.from([1, 0, ...garbage]);
        try {
          const list = decodeSketch(bytes);
          expect(decodeSketch(encodeSketch(list))).toEqual(list);
        } catch (error) {
          expect(String(error)).toContain('sketch: ');
        }
      }),
    );
  });
});
