import { describe, expect, test } from 'vitest';
import { type KeptBounds, keep } from './kept.ts';

/** A source that is answered by hand, and a clock that is moved by hand. */
function open(bounds: Partial<KeptBounds> = {}) {
  const asked: PromiseWithResolvers<{ n: number }>[] = [];
  const clock = { ms: 1_000_000 };
  const load = () => {
    const question = Promise.withResolvers<{ n: number }>();
    asked.push(question);
    return question.promise;
  };
  const all = { freshMs: 100, pauseMs: 10, retryMs: 5, mayBeStale: false, ...bounds };
  const kept = keep(load, all, () => clock.ms);
  return {
    kept,
    asked,
    clock,
    async first() {
      const read = kept.read();
      asked[0]?.resolve({ n: 1 });
      return read;
    },
  };
}

describe('what is kept of the identity provider', () => {
  test('is loaded once while it is fresh, and again after that', async () => {
    const { kept, asked, clock, first } = open();
    expect(await first()).toEqual({ n: 1 });
    clock.ms += 99;
    expect(await kept.read()).toEqual({ n: 1 });
    expect(asked).toHaveLength(1);
    clock.ms += 1;
    const again = kept.read();
    asked[1]?.resolve({ n: 2 });
    expect(await again).toEqual({ n: 2 });
  });

  test('is replaced for who found it wanting, but not right after it was loaded', async () => {
    const { kept, asked, clock, first } = open();
    const one = await first();
    clock.ms += 9;
    expect(await kept.another(one)).toBe(one);
    clock.ms += 1;
    const other = kept.another(one);
    asked[1]?.resolve({ n: 2 });
    expect(await other).toEqual({ n: 2 });
  });

  test('who comes with an old one right after it was replaced gets the new one', async () => {
    const { kept, asked, clock, first } = open();
    const one = await first();
    clock.ms += 10;
    const other = kept.another(one);
    asked[1]?.resolve({ n: 2 });
    await other;
    expect(await kept.another(one)).toEqual({ n: 2 });
    expect(asked).toHaveLength(2);
  });

  test.each([
    ['is still used where an old one is better than none', true],
    ['is not used where it is not', false],
  ])('a stale one %s', async (_what, mayBeStale) => {
    const { kept, asked, clock, first } = open({ mayBeStale });
    await first();
    clock.ms += 100;
    const read = kept.read();
    asked[1]?.reject(new Error('away'));
    if (mayBeStale) expect(await read).toEqual({ n: 1 });
    else await expect(read).rejects.toThrow('away');
  });

  test('a failure is not tried again at once', async () => {
    const { kept, asked, clock } = open();
    const failed = kept.read();
    asked[0]?.reject(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    await expect(kept.read()).rejects.toThrow('away');
    expect(asked).toHaveLength(1);
    clock.ms += 5;
    const again = kept.read();
    asked[1]?.resolve({ n: 2 });
    expect(await again).toEqual({ n: 2 });
  });
});
