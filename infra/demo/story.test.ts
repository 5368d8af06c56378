import { describe, expect, it } from 'vitest';
import { crowdAt, intensityAt, pastIncidents, pastIntensityAt, phaseOf, uptimeAt } from './story.ts';

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

describe("the demo's past: a week that repeats", () => {
  const at = (day: number, hour: number, minute: number): number => Date.UTC(2026, 10, day, hour, minute);

  it.each([
    ['Monday rush', at(16, 9, 15), 0.7],
    ['Wednesday outage', at(18, 14, 50), 1],
    ['Friday evening', at(20, 20, 10), 0.85],
    ['nightly backup', at(21, 3, 4), 0.3],
  ])('%s', (name, timeMs, worst) => {
    expect(pastIntensityAt(timeMs)).toBeCloseTo(worst, 6);
    expect(pastIntensityAt(timeMs + 7 * 86_400_000)).toBe(pastIntensityAt(timeMs));
    expect(pastIncidents.map((incident) => incident.name)).toContain(name);
  });

  it('is calm otherwise', () => {
    expect([at(16, 12, 0), at(17, 14, 50), at(18, 15, 20), at(22, 20, 10)].map(pastIntensityAt)).toEqual([0, 0, 0, 0]);
  });

  it('has fewest people in the morning and most in the evening, more of them at the weekend', () => {
    expect(crowdAt(at(18, 19, 0))).toBeGreaterThan(2 * crowdAt(at(18, 7, 0)));
    expect(crowdAt(at(21, 19, 0))).toBeGreaterThan(crowdAt(at(18, 19, 0)));
  });

  it('deploys on Tuesdays at 10:00 UTC', () => {
    expect([at(17, 10, 0), at(17, 10, 1), at(24, 9, 59)].map(uptimeAt)).toEqual([0, 60, 7 * 86_400 - 60]);
  });
});
