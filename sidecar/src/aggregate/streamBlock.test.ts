import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock } from './block.ts';
import { StreamBlock } from './streamBlock.ts';
import { blocks } from './testing/states.ts';

describe('a block of rows (design §5)', () => {
  it('gives back every state that was put in, whatever fits a row and whatever does not', () => {
    fc.assert(
      fc.property(blocks, (streams) => {
        const block = StreamBlock.from(streams);
        expect(block.size).toBe(streams.size);
        for (const [stream, state] of streams) expect(block.get(stream)).toEqual(state);
        expect(new Map(block)).toEqual(streams);
      }),
    );
  });

  it('has the bytes of its states', () => {
    fc.assert(
      fc.property(blocks, (streams) => {
        const block = StreamBlock.from(streams);
        expect(block.encode()).toEqual(encodeBlock(new Map(block)));
        expect(decodeBlock(block.encode())).toEqual(streams);
        expect(new Map(StreamBlock.decode(block.encode()))).toEqual(streams);
      }),
    );
  });

  it('keeps the last state of a stream that was put in again, with another shape too', () => {
    fc.assert(
      fc.property(blocks, fc.array(blocks, { maxLength: 4 }), (first, later) => {
        const known = [...first.keys()];
        const block = StreamBlock.from(first);
        const expected = new Map(first);
        for (const streams of later) {
          [...streams.values()].forEach((state, index) => {
            const stream = known[index % Math.max(1, known.length)];
            if (stream === undefined) return;
            block.set(stream, state);
            expected.set(stream, state);
          });
        }
        expect(new Map(block)).toEqual(expected);
        expect(block.size).toBe(expected.size);
        for (const stream of known) {
          const at = block.offsetOf(stream);
          if (at >= 0) expect(block.isRowOf(at, stream)).toBe(true);
        }
      }),
    );
  });

  it('is copied before a batch changes it', () => {
    fc.assert(
      fc.property(blocks, blocks, (streams, changes) => {
        const block = StreamBlock.from(streams);
        const copy = block.copy(new Float64Array(block.rows.length));
        for (const [stream, state] of changes) copy.set(stream, state);
        copy.rows.fill(1);
        expect(new Map(block)).toEqual(streams);
      }),
    );
  });
});
