import { describe, expect, test } from 'vitest';
import { type StreamEnd, streamOf } from './stream.ts';

const slow = { stallMs: 60_000, wholeMs: 60_000 };

/** Parts 0, 1, 2 …, how many were made, and whether their source was ended. */
function source(count: number, failsAt = Number.POSITIVE_INFINITY) {
  const seen = { made: 0, isEnded: false };
  const parts = async function* (): AsyncGenerator<Uint8Array, void> {
    try {
      for (let part = 0; part < count; part += 1) {
        if (part === failsAt) throw new Error('a value of a row');
        seen.made += 1;
        yield Uint8Array.of(part);
      }
    } finally {
      seen.isEnded = true;
    }
  };
  return { seen, parts: parts() };
}

function opened(parts: AsyncGenerator<Uint8Array, void>, bounds = slow) {
  const ends: StreamEnd[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const stream = streamOf(parts, bounds, (end) => {
    ends.push(end);
    resolve();
  });
  return { reader: stream.getReader(), ends, ended };
}

describe('a streamed body', () => {
  test('makes a part only when it is asked for', async () => {
    const { seen, parts } = source(5);
    const { reader, ends } = opened(parts);
    expect(seen.made).toBe(0);
    await reader.read();
    expect(seen.made).toBe(1);
    await reader.cancel();
    expect([seen.made, seen.isEnded, ends]).toEqual([1, true, [{ outcome: 'left' }]]);
  });

  test('ends whole once all of it was taken', async () => {
    const { parts } = source(2);
    const { reader, ends } = opened(parts);
    expect(await reader.read()).toEqual({ done: false, value: Uint8Array.of(0) });
    expect(ends).toEqual([]);
    await reader.read();
    expect((await reader.read()).done).toBe(true);
    expect(ends).toEqual([{ outcome: 'whole' }]);
  });

  test('breaks where its source fails, without a word of what failed', async () => {
    const { parts } = source(2, 1);
    const { reader, ends } = opened(parts);
    await reader.read();
    await expect(reader.read()).rejects.toThrow('an export was broken off: its source failed');
    expect(ends).toMatchObject([{ outcome: 'failed', error: { message: 'a value of a row' } }]);
  });

  test('is broken off by the runtime, where that prints errors of streams', async () => {
    const { parts } = source(2, 1);
    const { promise: brokenOff, resolve } = Promise.withResolvers<void>();
    const ends: StreamEnd[] = [];
    const reader = streamOf(parts, slow, (end) => ends.push(end), resolve).getReader();
    await reader.read();
    const next = reader.read();
    await brokenOff;
    await reader.cancel();
    expect((await next).done).toBe(true);
    expect(ends).toMatchObject([{ outcome: 'failed' }]);
  });

  test.each([
    ['never begins', { stallMs: 20, wholeMs: 60_000 }, 0],
    ['stops taking', { stallMs: 20, wholeMs: 60_000 }, 1],
    ['takes too long for the whole', { stallMs: 60_000, wholeMs: 20 }, 1],
  ])('breaks before a reader that %s, and lets go of its source', async (_name, bounds, reads) => {
    const { seen, parts } = source(5);
    const { reader, ends, ended } = opened(parts, bounds);
    for (let n = 0; n < reads; n += 1) await reader.read();
    await ended;
    await expect(reader.read()).rejects.toThrow('an export was broken off: the client took too long');
    expect(ends).toEqual([{ outcome: 'stalled' }]);
    expect([seen.made, (await parts.next()).done]).toEqual([reads, true]);
  });
});
