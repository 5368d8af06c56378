import { describe, expect, it } from 'vitest';
import { barsOf, edgesOf, edgeText, rangeText } from './histogram.ts';

const bin = (lower: number, upper: number | null, count = 1) => ({ lower, upper, count });
const nbsp = '\u00a0';

describe('a bin of a histogram', () => {
  it.each([
    [bin(0, 30), 's', `up to 30${nbsp}s`],
    [bin(30, 60), 's', `30${nbsp}s to 1${nbsp}min`],
    [bin(7_200, null), 's', `over 2${nbsp}h`],
    [bin(0, 1), '{participant}', 'up to 1'],
    [bin(-4, 1), '{participant}', 'up to 1'],
    [bin(-1, 0), '{participant}', '0'],
    [bin(1, 2), '{participant}', '2'],
    [bin(4, 6), '{participant}', '5 to 6'],
    [bin(25, null), '{participant}', 'over 25'],
    [bin(1.5, 2.5), '{participant}', '1.5 to 2.5'],
  ])('%j in %s reads %s', (one, unit, text) => {
    expect(rangeText(one, unit)).toBe(text);
  });

  it('has the edge that its sender meant, where that is within what is known of it', () => {
    expect([302, 3_629, 7_143, 3.03, 1.77].map((edge) => edgeText(edge, 's'))).toEqual([
      `5${nbsp}min`,
      `1${nbsp}h`,
      `2${nbsp}h`,
      `3${nbsp}s`,
      `1.77${nbsp}s`,
    ]);
  });
});

describe('bars', () => {
  const distribution = { unit: 's', bins: [bin(0, 1, 30), bin(1, 5, 60), bin(5, null, 10)] };

  it('are as high as their share of the highest, and know their share of all', () => {
    expect(barsOf(distribution).map(({ share, height }) => [share, height])).toEqual([
      [30, 50],
      [60, 100],
      [10, expect.closeTo(16.67)],
    ]);
  });

  it('of nothing have no share and no height', () => {
    expect(barsOf({ unit: 's', bins: [bin(0, 1, 0)] })).toMatchObject([{ share: null, height: 0 }]);
    expect(barsOf({ unit: 's', bins: [] })).toEqual([]);
  });

  it('have every edge between them where there is room, the open end none', () => {
    expect(edgesOf(distribution, 9)).toEqual([
      { at: 0, text: `0${nbsp}s` },
      { at: 1, text: `1${nbsp}s` },
      { at: 2, text: `5${nbsp}s` },
    ]);
    expect(edgesOf({ unit: '', bins: [bin(0, 1), bin(1, 2)] }, 9).map(({ text }) => text)).toEqual(['0', '1', '2']);
  });

  it('have fewer where there is not', () => {
    const many = { unit: '', bins: Array.from({ length: 40 }, (_, at) => bin(at, at + 1)) };
    expect(edgesOf(many, 6).map(({ at }) => at)).toEqual([0, 7, 14, 21, 28, 35]);
    expect(edgesOf(many, 0)).toHaveLength(1);
  });
});
