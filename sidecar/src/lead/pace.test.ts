import { describe, expect, test } from 'vitest';
import { createPace } from './pace.ts';

const timeout = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
/** A database that ends what is larger than `most`. */
function database(most: number): (size: number) => Promise<number> {
  return (size) => (size > most ? Promise.reject(timeout) : Promise.resolve(size));
}

describe('a piece of work that is too large for a slow database is made smaller until it fits', () => {
  test('halved at each timeout, and larger again once the database is quick', async () => {
    const pace = createPace(1_000, 10);
    const slow: (number | undefined)[] = [];
    for (let i = 0; i < 4; i += 1) slow.push(await pace.run(database(260)));
    expect(slow).toEqual([undefined, undefined, 250, undefined]);
    for (let i = 0; i < 20; i += 1) await pace.run(database(1_000));
    expect(pace.size).toBe(1_000);
  });

  test('what the least cannot do is an error, and so is any other error at once', async () => {
    const pace = createPace(20, 10);
    expect(await pace.run(database(0))).toBeUndefined();
    await expect(pace.run(database(0))).rejects.toBe(timeout);
    const broken = new Error('relation does not exist');
    await expect(createPace(20, 10).run(() => Promise.reject(broken))).rejects.toBe(broken);
  });
});
