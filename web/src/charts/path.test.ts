import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksPath, linePath } from './path.ts';

const same = (value: number): number => value;
/** Every point of a path of absolute M, L and V commands. */
function pointsOf(path: string): [number, number][] {
  const points: [number, number][] = [];
  for (const [, command, numbers = ''] of path.matchAll(/([MLV])([^MLV]*)/g)) {
    const [first = 0, second = 0] = numbers.split(',').map(Number);
    points.push(command === 'V' ? [points.at(-1)?.[0] ?? 0, first] : [first, second]);
  }
  return points;
}

describe('a line', () => {
  it('goes through every point where each has a column of its own', () => {
    const points = [
      { tsMs: 0, value: 1 },
      { tsMs: 5, value: 3.25 },
      { tsMs: 9, value: 2 },
    ];
    expect(linePath(points, same, same)).toBe('M0,1L5,3.3L9,2');
  });

  it('of nothing is nothing', () => {
    expect(linePath([], same, same)).toBe('');
  });

  it('keeps the lowest and the highest of a column, whose points it does not all draw', () => {
    const points = Array.from({ length: 1_440 }, (_, index) => ({
      tsMs: index,
      value: index === 700 ? 999 : index % 7,
    }));
    const path = pointsOf(linePath(points, (ms) => ms / 10, same));
    expect(path.length).toBeLessThanOrEqual(4 * 145);
    expect(Math.max(...path.map(([, y]) => y))).toBe(999);
  });

  it('begins and ends where its points do, and stays within them', () => {
    const values = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 400 }), (heights, width) => {
        const points = heights.map((value, tsMs) => ({ tsMs, value }));
        const path = pointsOf(linePath(points, (ms) => (ms * width) / heights.length, same));
        const ys = path.map(([, y]) => y);
        expect(ys[0]).toBe(heights[0]);
        expect(ys.at(-1)).toBe(heights.at(-1));
        expect(Math.max(...ys)).toBe(Math.max(...heights));
        expect(Math.min(...ys)).toBe(Math.min(...heights));
        expect(path.map(([x]) => x)).toEqual(path.map(([x]) => x).toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('a layer', () => {
  const block = (tsMs: number, lower: number, upper: number) => ({ tsMs, lower, upper });

  it('is as wide as its windows last, so that a lone one is seen', () => {
    expect(blocksPath([block(10, 0, 4)], 10, same, same)).toBe('M10,4H20L20,0H10Z');
  });

  it('joins what follows at once and leaves a gap open', () => {
    const path = blocksPath([block(0, 0, 1), block(10, 0, 2), block(30, 0, 3)], 10, same, same);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path).toBe('M0,1H10L10,2H20L20,0H10L10,0H0ZM30,3H40L40,0H30Z');
  });
});
