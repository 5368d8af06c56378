import { describe, expect, it } from 'vitest';
import { addCounts, countsLine, parseCounts } from './counts.ts';

describe('the last line of a test script', () => {
  it.each([
    [{ passed: 12, failed: 0, skipped: 0 }, '12 passed, 0 failed'],
    [{ passed: 0, failed: 2, skipped: 3 }, '0 passed, 2 failed, 3 skipped'],
  ])('%j is written and read as %s', (counts, line) => {
    expect(countsLine(counts)).toBe(line);
    expect(parseCounts(line)).toEqual(counts);
  });

  it.each(['', 'Tests  12 passed (12)', '12 passed', 'x 1 passed, 0 failed', '1 passed, 0 failed, 2 todo'])(
    '%j is no such line',
    (line) => {
      expect(parseCounts(line)).toBeUndefined();
    },
  );

  it('adds up over scripts', () => {
    const counts = { passed: 3, failed: 1, skipped: 2 };
    expect(addCounts([counts, counts, { passed: 1, failed: 0, skipped: 0 }])).toEqual({
      passed: 7,
      failed: 2,
      skipped: 4,
    });
    expect(addCounts([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});
