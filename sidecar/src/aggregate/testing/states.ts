import fc from 'fast-check';
import { MAX_BLOCK_STREAMS } from '../block.ts';
import type { Distribution } from '../distribution.ts';
import { MAX_INTERVALS, MAX_STARTS } from '../limits.ts';
import type { StreamState } from '../machines.ts';

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

export const streamState: fc.Arbitrary<StreamState> = fc.oneof(
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

export const digest = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
/** Digests and states of a block, any of them. */
export const blocks = fc
  .array(fc.tuple(digest, streamState), { maxLength: MAX_BLOCK_STREAMS })
  .map((streams) => new Map(streams));
