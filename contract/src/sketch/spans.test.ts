import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile } from './percentile.ts';
import { countOf, emptySpans, maxSpans, mergeMany, mergeSpans, spansFrom } from './spans.ts';
import { lists } from './testing/lists.ts';

describe('merging', () => {
  it('is addition: in any order and batching the same, count for count', () => {
    fc.assert(
      fc.property(lists, lists, lists, (a, b, c) => {
        expect(mergeSpans(a, b)).toEqual(mergeSpans(b, a));
        expect(mergeSpans(mergeSpans(a, b), c)).toEqual(mergeSpans(a, mergeSpans(b, c)));
        expect(mergeMany([c, a, b])).toEqual(mergeSpans(mergeSpans(a, b), c));
        expect(mergeSpans(a, b)).toEqual(spansFrom([...b.spans, ...a.spans]));
        expect(countOf(mergeMany([a, b, c]))).toBe(countOf(a) + countOf(b) + countOf(c));
      }),
    );
  });

  it('with nothing changes nothing', () => {
    fc.assert(
      fc.property(lists, (list) => {
        expect(mergeSpans(emptySpans, list)).toEqual(list);
      }),
    );
    expect(mergeMany([])).toEqual(emptySpans);
  });

  it('leaves its parts as they were', () => {
    fc.assert(
      fc.property(lists, lists, (a, b) => {
        const before = structuredClone([a, b]);
        mergeSpans(a, b);
        mergeMany([a, b, a]);
        expect([a, b]).toEqual(before);
      }),
    );
  });
});

describe('a sketch of more than 512 spans', () => {
  const wide = Array.from({ length: 700 }, (_, index) => ({ first: index * 3 - 700, width: 2, count: index + 1 }));
  const total = (700 * 701) / 2;

  it('joins the lowest neighbours until 512 are left, keeps every count, and says so', () => {
    const many = spansFrom(wide);
    expect(many.spans).toHaveLength(maxSpans);
    expect(many.isInexact).toBe(true);
    expect(countOf(many)).toBe(total);
    expect(many.spans[0]).toEqual({ first: -700, width: (699 - 511) * 3 + 2, count: (189 * 190) / 2 });
    expect(many.spans.slice(1)).toEqual(wide.slice(189));
  });

  it('keeps one of exactly 512 as it is', () => {
    expect(spansFrom(wide.slice(0, maxSpans))).toEqual({ spans: wide.slice(0, maxSpans), isInexact: false });
  });

  it('stays bounded, marked and true however often it is merged', () => {
    const halves = [
      spansFrom(wide.filter((_, index) => index % 2 === 0)),
      spansFrom(wide.filter((_, index) => index % 2)),
    ];
    const merged = halves.reduce(mergeSpans, emptySpans);
    expect(merged.spans.length).toBeLessThanOrEqual(maxSpans);
    expect(merged.isInexact && mergeSpans(merged, emptySpans).isInexact).toBe(true);
    expect(countOf(merged)).toBe(total);
    // The high end, which percentiles above the median read, is untouched.
    expect(percentile(merged, 0.95)).toEqual(percentile({ spans: wide, isInexact: false }, 0.95));
  });
});
