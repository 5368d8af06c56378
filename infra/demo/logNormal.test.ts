import { describe, expect, it } from 'vitest';
import { drawLogNormal, middleOf, normalCdf } from './logNormal.ts';
import { seededRandom } from './random.ts';

describe('log-normal values by bucket', () => {
  it.each([
    [0, 0.5],
    [1, 0.841345],
    [-1.96, 0.024998],
    [9, 1],
  ])('the part below %d standard deviations is %d', (z, part) => {
    expect(normalCdf(z)).toBeCloseTo(part, 6);
  });

  it.each([1, 2, 17, 5_000])('%i values are drawn, no more and no fewer', (values) => {
    const random = seededRandom(4);
    for (let draw = 0; draw < 200; draw += 1) {
      const { counts } = drawLogNormal(random, values, 0.02, 0.6);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values);
      expect([counts[0], counts.at(-1)]).not.toContain(0);
    }
  });

  it('half of them lie below the median, also where each draw is of one', () => {
    const random = seededRandom(5);
    let below = 0;
    for (let draw = 0; draw < 4_000; draw += 1)
      if (middleOf(drawLogNormal(random, 1, 0.02, 0.6).offset) < 0.02) below += 1;
    expect(below / 4_000).toBeCloseTo(0.5, 1);
  });

  it('none are drawn of none', () => {
    expect(drawLogNormal(seededRandom(6), 0, 1, 0.5).counts).toEqual([]);
  });
});
