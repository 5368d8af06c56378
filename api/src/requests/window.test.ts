import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { windowOf } from './window.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const hour = 3_600_000;
const day = 24 * hour;

describe('range, from and to choose one window (interfaces.md §1)', () => {
  test.each([
    [{}, day],
    [{ range: '1h' }, hour],
    [{ range: '6h' }, 6 * hour],
    [{ range: '7d' }, 7 * day],
    [{ range: '30d' }, 30 * day],
  ] as const)('%j reaches up to now', (parameters, length) => {
    expect(windowOf(parameters, now)).toEqual({ window: { fromMs: now - length, toMs: now } });
  });

  test('to is now where it is left out', () => {
    expect(windowOf({ from: now - hour }, now)).toEqual({ window: { fromMs: now - hour, toMs: now } });
  });

  test('a window that lies wholly beyond the 30-day line is empty', () => {
    const to = now - 31 * day;
    expect(windowOf({ from: to - day, to }, now)).toEqual({ window: { fromMs: to, toMs: to } });
  });

  test('whatever is asked, what is answered is within 30 days of now and not longer', () => {
    const instants = fc.integer({ min: now - 90 * day, max: now + 5 * day });
    fc.assert(
      fc.property(instants, instants, (from, to) => {
        const answer = windowOf({ from, to }, now);
        if ('refusal' in answer) {
          expect(from >= to || to - from > 30 * day).toBe(true);
          expect(answer.refusal.parameter).toBe('from');
          return;
        }
        const { fromMs, toMs } = answer.window;
        expect(toMs).toBe(to);
        expect(toMs - fromMs).toBeLessThanOrEqual(30 * day);
        expect(fromMs).toBe(Math.min(to, Math.max(from, now - 30 * day)));
      }),
    );
  });
});
