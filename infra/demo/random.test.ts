import { describe, expect, it } from 'vitest';
import { seededRandom } from './random.ts';

describe('one seed, one sequence', () => {
  it('the same seed gives the same values, another gives others', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 50 }, () => random.next());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it.each([0.5, 20, 400])('poisson(%d) has that mean', (mean) => {
    const random = seededRandom(7);
    const draws = Array.from({ length: 20_000 }, () => random.poisson(mean));
    const average = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    // Five standard errors.
    expect(Math.abs(average - mean)).toBeLessThan(5 * Math.sqrt(mean / draws.length));
    expect(draws.every((draw) => Number.isInteger(draw) && draw >= 0)).toBe(true);
  });

  it('half of logNormal lies below its median', () => {
    const random = seededRandom(3);
    const below = Array.from({ length: 10_000 }, () => random.logNormal(0.1, 0.8)).filter((value) => value < 0.1);
    expect(below.length / 10_000).toBeCloseTo(0.5, 1);
  });

  it('integers reach both ends and nothing else', () => {
    const random = seededRandom(5);
    const seen = new Set(Array.from({ length: 1_000 }, () => random.integer(-1, 2)));
    expect([...seen].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
  });
});
