import { describe, expect, it } from 'vitest';
import { historyPhase, progressOn } from './progress.ts';
import { emptyTally } from './sender.ts';

function output(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 60, written, write: (text: string) => written.push(text) > 0 };
}

describe('the progress of the demo', () => {
  it('is one line written over on a terminal, never wider than it', () => {
    const terminal = output(true);
    const progress = progressOn(terminal);
    for (let second = 0; second < 3; second += 1)
      progress.show(second, 'calm, and a long story about it', emptyTally());
    expect(terminal.written).toHaveLength(3);
    for (const text of terminal.written) {
      expect(text.startsWith('\r\u001b[K')).toBe(true);
      expect(text).not.toContain('\n');
      expect(text.length).toBeLessThanOrEqual('\r\u001b[K'.length + 59);
    }
  });

  it('is a line every ten seconds elsewhere, and one at each turn of the story', () => {
    const file = output(false);
    const progress = progressOn(file);
    for (let second = 0; second < 20; second += 1)
      progress.show(
        second,
        second < 15 ? `calm, next incident in ${15 - second} s` : 'incident building up',
        emptyTally(),
      );
    expect(file.written.map((line) => line.slice(0, 4))).toEqual(['0:00', '0:10', '0:15']);
  });

  it('says how many exports failed and why the last one did', () => {
    const file = output(false);
    progressOn(file).end(61, { ...emptyTally(), points: 1_200, failedExports: 2, lastFailure: 'Unauthorized' });
    expect(file.written).toEqual([
      '1:01  ended; 1,200 points, 0 logs, 0 spans sent; 2 exports failed, last: Unauthorized\n',
    ]);
  });

  it('says of the past how much of it is sent, how fast, and what is left', () => {
    const tally = { ...emptyTally(), points: 300_000 };
    expect(historyPhase(0.25, 30 * 86_400, 30, tally)).toBe('the past: day 7 of 30, 10,000 points/s, 1:30 left');
    expect(historyPhase(0, 7_200, 0, emptyTally())).toBe('the past: hour 0 of 2, 0 points/s');
  });
});
