import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock, MAX_BLOCK_STREAMS, placeOf } from './block.ts';
import type { StreamState } from './machines.ts';
import { blocks, digest, streamState } from './testing/states.ts';

describe('the bytes of a block of stream state (design §5)', () => {
  it('come back as they were, whatever was sent', () => {
    fc.assert(
      fc.property(blocks, (streams) => {
        expect([...decodeBlock(encodeBlock(streams))]).toEqual([...streams]);
      }),
    );
  });

  it('are read from the middle of a larger buffer, as drivers hand them out', () => {
    fc.assert(
      fc.property(blocks, (streams) => {
        const bytes = encodeBlock(streams);
        const larger = new Uint8Array(bytes.length + 7);
        larger.set(bytes, 3);
        expect(decodeBlock(larger.subarray(3, 3 + bytes.length))).toEqual(streams);
      }),
    );
  });

  it('are refused when cut short or of another version', () => {
    fc.assert(
      fc.property(digest, streamState, fc.nat(), (stream, one, at) => {
        const bytes = encodeBlock(new Map([[stream, one]]));
        const cut = 2 + (at % (bytes.length - 2));
        expect(() => decodeBlock(bytes.subarray(0, cut))).toThrow(/^stream state: /);
      }),
    );
    expect(() => decodeBlock(Uint8Array.from([1]))).toThrow(/version 1/);
    expect(() => decodeBlock(new Uint8Array())).toThrow(/^stream state: /);
  });

  it('hold the bounds of a metric once, and a histogram stream in under 100 bytes', () => {
    const metricBounds = Array.from({ length: 14 }, (_, index) => index * 0.37);
    const streams = Array.from({ length: MAX_BLOCK_STREAMS }, (_, index): [string, StreamState] => {
      const buckets = { layout: 'explicit' as const, bounds: [...metricBounds], counts: Array<number>(15).fill(index) };
      const sequence = { start: 1n, time: 2n, value: { count: index * 15, sum: index * 1.1, buckets } };
      return [
        index.toString(16).padStart(32, '0'),
        { kind: 'cumulativeHistogram', sequences: [sequence], equalStarts: 0 },
      ];
    });
    expect(encodeBlock(new Map(streams)).length).toBeLessThan(MAX_BLOCK_STREAMS * 100);
  });
});

describe('the place of a stream in its family', () => {
  it('is the first bits of its digest, so that each split halves a block', () => {
    fc.assert(
      fc.property(digest, fc.integer({ min: 0, max: 31 }), (stream, depth) => {
        expect(placeOf(stream, depth)).toBe(Number(BigInt(`0x${stream}`) >> BigInt(128 - depth)));
        expect(Math.floor(placeOf(stream, depth + 1) / 2)).toBe(placeOf(stream, depth));
      }),
    );
  });
});
