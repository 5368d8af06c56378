import { describe, expect, test } from 'vitest';
import { grouped } from './grouped.ts';

/** A writer whose writes end when the test says so. */
function heldWriter(maxItems: number) {
  const writes: { readonly items: readonly number[]; readonly end: PromiseWithResolvers<void> }[] = [];
  const began = new Map<number, PromiseWithResolvers<void>>();
  const beginning = (n: number): PromiseWithResolvers<void> => {
    const known = began.get(n) ?? Promise.withResolvers<void>();
    began.set(n, known);
    return known;
  };
  const group = grouped<number>(maxItems, (items) => {
    const end = Promise.withResolvers<void>();
    writes.push({ items: [...items], end });
    beginning(writes.length).resolve();
    return end.promise;
  });
  return { group, writes, began: (n: number) => beginning(n).promise };
}

describe('items are written in groups', () => {
  test('the first at once, those that come meanwhile together after it', async () => {
    const { group, writes, began } = heldWriter(100);
    const first = group.add(1);
    await began(1);
    const others = [2, 3, 4].map((item) => group.add(item));
    expect(writes.map(({ items }) => items)).toEqual([[1]]);
    writes[0]?.end.resolve();
    await first;
    await began(2);
    expect(writes.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
    writes[1]?.end.resolve();
    await Promise.all(others);
    const late = group.add(5);
    await began(3);
    writes[2]?.end.resolve();
    await late;
    expect(writes).toHaveLength(3);
  });

  test('a group that fails fails for its own items, and the next is written all the same', async () => {
    const { group, writes, began } = heldWriter(100);
    const first = group.add(1);
    await began(1);
    const second = group.add(2);
    writes[0]?.end.reject(new Error('full'));
    await expect(first).rejects.toThrow('full');
    await began(2);
    writes[1]?.end.resolve();
    await expect(second).resolves.toBeUndefined();
  });

  test('a group has a bound', async () => {
    const { group, writes, began } = heldWriter(2);
    const all = [1, 2, 3, 4, 5].map((item) => group.add(item));
    for (const n of [1, 2, 3]) {
      await began(n);
      writes[n - 1]?.end.resolve();
    }
    await Promise.all(all);
    expect(writes.map(({ items }) => items)).toEqual([[1, 2], [3, 4], [5]]);
  });
});
