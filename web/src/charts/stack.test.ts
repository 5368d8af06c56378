import { describe, expect, it } from 'vitest';
import { stackOf } from './stack.ts';

const point = (tsMs: number, value: number | null, isOpen = false) => ({ tsMs, value, isOpen });

describe('layers on one another', () => {
  const stack = stackOf([
    { name: 'low', colour: 'a', points: [point(0, 2), point(1, 3), point(3, 1, true)] },
    { name: 'high', colour: 'b', points: [point(0, 5), point(2, 4), point(3, 1, true)] },
  ]);

  it('begin where the ones below end; who has nothing in a window counts nothing', () => {
    expect(stack.layers[1]?.solid).toEqual([
      { tsMs: 0, lower: 2, upper: 7 },
      { tsMs: 2, lower: 0, upper: 4 },
    ]);
  });

  it('draw the window that still counts apart', () => {
    expect(stack.layers.map(({ open }) => open)).toEqual([
      [{ tsMs: 3, lower: 0, upper: 1 }],
      [{ tsMs: 3, lower: 1, upper: 2 }],
    ]);
  });

  it('are as high as the highest sum of a window', () => {
    expect(stack.highest).toBe(7);
    expect(stackOf([]).highest).toBe(0);
  });

  it('are drawn for no zero and for nothing unknown', () => {
    expect(stackOf([{ name: 'none', colour: 'a', points: [point(0, 0), point(1, null)] }]).layers[0]?.solid).toEqual(
      [],
    );
  });
});
