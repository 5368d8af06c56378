import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock, MAX_BLOCK_STREAMS, placeOf } from './block.ts';
import type { Distribution } from './distribution.ts';
import { MAX_INTERVALS, MAX_STARTS } from './limits.ts';
import type { StreamState } from './machines.ts';

const time = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const value = fc.oneof(fc.nat(), fc.double(), fc.constantFrom(0, -0, Number.NaN, 2 ** 53, Number.MAX_VALUE));
const count = fc.oneof(fc.nat(), fc.constantFrom(2 ** 60, Number.MAX_SAFE_INTEGER));
const counts = fc.array(count, { maxLength: 20 });
const range = fc.record({ offset: fc.integer(), bucketCounts: counts });
/** Few lists of bounds, as a block has, so that they are met again. */
const bounds = fc.constantFrom([1, 2, 5], [1, 2], [], [-0, 3], [0, 3], [0.005, 0.01, 0.025]);

const distribution: fc.Arbitrary<Distribution> = fc.record({
  count,
  sum: value,
  buckets: fc.oneof(
    fc.record({ layout: fc.constant('none' as const) }),
    fc.record({ layout: fc.constant('explicit' as const), bounds, counts }),
    fc.record({
      layout: fc.constant('exponential' as const),
      scale: fc.integer({ min: -11, max: 20 }),
      zeroCount: count,
      zeroThreshold: fc.double({ min: 0, noNaN: true }),
      positive: range,
      negative: range,
    }),
  ),
});

const sequencesOf = <V>(of: fc.Arbitrary<V>) => ({
  sequences: fc.array(fc.record({ start: time, time, value: of }), { minLength: 1, maxLength: MAX_STARTS }),
  equalStarts: fc.nat({ max: 3 }),
});
const reading = { time, value, isMarked: fc.boolean() };

const state: fc.Arbitrary<StreamState> = fc.oneof(
  fc.record({ kind: fc.constant('cumulativeNumber' as const), ...sequencesOf(value) }),
  fc.record({ kind: fc.constant('cumulativeHistogram' as const), ...sequencesOf(distribution) }),
  fc.record({
    kind: fc.constant('delta' as const),
    intervals: fc.array(fc.record({ start: time, end: time }), { maxLength: MAX_INTERVALS }),
    floor: time,
    running: fc.option(fc.record(reading)),
  }),
  fc.record({ kind: fc.constant('additiveGauge' as const), ...reading }),
);

const digest = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const block = fc.array(fc.tuple(digest, state), { maxLength: MAX_BLOCK_STREAMS }).map((streams) => new Map(streams));

describe('the bytes of a block of stream state (design §5)', () => {
  it('come back as they were, whatever was sent', () => {
    fc.assert(
      fc.property(block, (streams) => {
        expect([...decodeBlock(encodeBlock(streams))]).toEqual([...streams]);
      }),
    );
  });

  it('are read from the middle of a larger buffer, as drivers hand them out', () => {
    fc.assert(
      fc.property(block, (streams) => {
        const bytes = encodeBlock(streams);
        const larger = new Uint8Array(bytes.length + 7);
        larger.set(bytes, 3);
        expect(decodeBlock(larger.subarray(3, 3 + bytes.length))).toEqual(streams);
      }),
    );
  });

  it('are refused when cut short or of another version', () => {
    fc.assert(
      fc.property(digest, state, fc.nat(), (stream, one, at) => {
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
