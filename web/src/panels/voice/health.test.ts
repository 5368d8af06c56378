import type { Colour } from '@command-center/contract/api/primitives';
import { describe, expect, it } from 'vitest';
import {
  type HealthPart,
  joinsText,
  partPointsText,
  partValueText,
  scoreText,
  silenceText,
  worstPart,
} from './health.ts';

const nbsp = '\u00a0';
const part = (id: HealthPart['id'], colour: Colour, points: number | null = 10): HealthPart => ({
  id,
  colour,
  weight: points === null ? null : 40,
  points,
  value: points === null ? null : 3.1,
  unit: '%',
  n: 9,
  lo: null,
  hi: null,
  quality: null,
});

describe('the voice health score', () => {
  it('is rounded down: 100 is nothing lost', () => {
    expect([100, 99.99, 58.66, 0].map(scoreText)).toEqual(['100', '99.9', '58.6', '0']);
  });

  it('of no part is not known, and neither 0 nor 100', () => {
    expect(scoreText(null)).toBe('not known');
  });

  it('says of each part what it reads and adds, and of one without data that it is left out', () => {
    expect([partValueText(part('jitter', 'green')), partPointsText(part('jitter', 'green'))]).toEqual([
      `3.1${nbsp}%`,
      '10 of 40',
    ]);
    const silent = part('crashes', null, null);
    expect([partValueText(silent), partPointsText(silent)]).toEqual(['no data', 'left out']);
  });

  it('is marked by its worst part, of equals by the one that lost most', () => {
    const parts = [part('join_success', 'yellow', 30), part('packet_loss', 'yellow', 5), part('jitter', 'green')];
    expect(worstPart(parts)?.id).toBe('packet_loss');
    expect(worstPart([...parts, part('crashes', 'red', 39)])?.id).toBe('crashes');
    expect(worstPart([part('crashes', null), part('jitter', null, null)])).toBeNull();
  });
});

describe('join success', () => {
  it('shows its counts, and below 20 joins why it has no colour', () => {
    expect(joinsText({ n: 1_222, numerator: 1_204 })).toBe('1,204 of 1,222');
    expect(joinsText({ n: 20, numerator: 20 })).toBe('20 of 20');
    expect(joinsText({ n: 19, numerator: 3 })).toBe('3 of 19: too few for a colour (20 needed)');
    expect(joinsText({ n: 0, numerator: 0 })).toBe('none was reported');
  });
});

describe('a level', () => {
  it('of zero is a reading, a silent one says for how long', () => {
    expect(silenceText({ value: 0, age_s: 70, sparkline: [] })).toBe('');
    expect(silenceText({ value: null, age_s: 310, sparkline: [] })).toBe(`silent for 5${nbsp}min`);
    expect(silenceText({ value: null, age_s: null, sparkline: [] })).toBe('nothing heard in the last hour');
  });
});
