import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSketch, encodeSketch } from './codec.ts';
import { mergeEncoded, mergeSketches } from './mergeEncoded.ts';
import { mergeMany } from './spans.ts';
import { lists as anyLists } from './testing/lists.ts';

const framed = (sketches: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(
    sketches.flatMap((sketch) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(sketch.length);
      return [length, sketch];
    }),
  );

describe('sketches are merged from their bytes', () => {
  it('into what merging their lists gives, also past the bound of spans', () => {
    fc.assert(
      fc.property(fc.array(anyLists, { maxLength: 30 }), (lists) => {
        const bytes = lists.map(encodeSketch);
        expect(mergeEncoded(bytes)).toEqual(mergeMany(bytes.map(decodeSketch)));
      }),
    );
  });

  it('also where together they have more spans than the table begins with room for', () => {
    const every = (from: number) => ({
      spans: Array.from({ length: 400 }, (_, at) => ({ first: from + 2 * at, width: 1, count: at + 1 })),
      isInexact: false,
    });
    const lists = [every(0), every(1), every(800)];
    expect(mergeEncoded(lists.map(encodeSketch))).toEqual(mergeMany(lists));
  });

  it('also where they lie one after another, each behind its length', () => {
    fc.assert(
      fc.property(fc.array(anyLists, { maxLength: 8 }), fc.array(anyLists, { maxLength: 8 }), (lying, loose) => {
        const bytes = loose.map(encodeSketch);
        const all = [...bytes, ...lying.map(encodeSketch)];
        expect(mergeSketches({ framed: framed(lying.map(encodeSketch)), loose: bytes })).toEqual(mergeEncoded(all));
      }),
    );
  });

  it('one that lies before another ends where it says, and within no number', () => {
    const sketch = encodeSketch({ spans: [{ first: -3, width: 2, count: 2 ** 40 }], isInexact: false });
    for (let length = 0; length < sketch.length; length += 1) {
      const cut = framed([sketch.subarray(0, length), sketch]);
      if (length === 2) expect(mergeSketches({ framed: cut, loose: [] })).toEqual(decodeSketch(sketch));
      else expect(() => mergeSketches({ framed: cut, loose: [] })).toThrow(/sketch/);
    }
    // One that says to end sooner than it does.
    const short = framed([sketch]);
    short[3] = sketch.length - 1;
    expect(() => mergeSketches({ framed: short, loose: [] })).toThrow(/sketch/);
    // What was added before another failed is in no later sum.
    expect(() => mergeEncoded([sketch, sketch.subarray(0, 3)])).toThrow(/sketch/);
    expect(mergeEncoded([sketch])).toEqual(decodeSketch(sketch));
  });

  it('nothing of nothing', () => {
    expect(mergeEncoded([])).toEqual({ spans: [], isInexact: false });
  });

  it('and bytes that are no sketch are refused, as by the decoder', () => {
    const sketch = encodeSketch({ spans: [{ first: -3, width: 2, count: 2 ** 40 }], isInexact: false });
    for (let length = 0; length < sketch.length; length += 1) {
      const cut = sketch.subarray(0, length);
      // Cut after its head, it is an empty one.
      if (length === 2) expect(mergeEncoded([cut])).toEqual(decodeSketch(cut));
      else expect(() => mergeEncoded([sketch, cut])).toThrow(/sketch/);
    }
    expect(() => mergeEncoded([Uint8Array.of(2, 0)])).toThrow(/version/);
    expect(() => mergeEncoded([Uint8Array.of(1, 0, 2, 0, 1)])).toThrow(/empty/);
  });
});
