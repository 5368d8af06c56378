import { describe, expect, it } from 'vitest';
import { intensityAt, phaseOf } from './story.ts';

const AFTER_S = 120;

describe('the plot of the demo: calm, build up, incident, recovery, again', () => {
  it('is calm before the first incident and between two', () => {
    expect([0, 60, 119, 230, 400].map((second) => intensityAt(second, AFTER_S))).toEqual([0, 0, 0, 0, 0]);
  });

  it('builds up, holds and passes without a jump', () => {
    const seconds = Array.from({ length: 130 }, (_, index) => intensityAt(AFTER_S + index, AFTER_S));
    expect(Math.max(...seconds)).toBe(1);
    for (const [index, intensity] of seconds.entries())
      expect(Math.abs(intensity - (seconds[index - 1] ?? 0))).toBeLessThan(0.1);
  });

  it('comes again', () => {
    expect(intensityAt(AFTER_S + 300 + 30, AFTER_S)).toBe(1);
  });

  it('names each phase', () => {
    expect([0, 125, 150, 200, 300].map((second) => phaseOf(second, AFTER_S))).toEqual([
      'calm, next incident in 120 s',
      'incident building up',
      'INCIDENT: database pool exhausted',
      'recovering',
      'calm, next incident in 120 s',
    ]);
  });
});
