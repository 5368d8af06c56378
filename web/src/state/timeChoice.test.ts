import { describe, expect, it } from 'vitest';
import { customTime, movedBy, shifted, type TimeChoice, windowOf } from './timeChoice.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 10, 27, 12);

describe('the time range', () => {
  it('goes half of itself earlier, and comes back to now', () => {
    const earlier = shifted({ type: 'range', range: '6h' }, -1, nowMs);
    expect(windowOf(earlier, nowMs)).toEqual({ fromMs: nowMs - 9 * hourMs, toMs: nowMs - 3 * hourMs });
    expect(shifted(earlier, 1, nowMs)).toEqual({ type: 'range', range: '6h' });
  });

  it('comes back to now also where the clock went on meanwhile', () => {
    const back = [-1, -1, 1, 1] as const;
    let time: TimeChoice = { type: 'range', range: '1h' };
    for (const [step, direction] of back.entries()) time = shifted(time, direction, nowMs + step * 1_000);
    expect(time).toEqual({ type: 'range', range: '1h' });
  });

  it('moves as far as it is dragged, never past now', () => {
    expect(windowOf(movedBy({ type: 'range', range: '1h' }, -5 * hourMs, nowMs), nowMs).toMs).toBe(nowMs - 5 * hourMs);
    const odd = customTime(nowMs - 3 * hourMs, nowMs - hourMs) ?? { type: 'range', range: '1h' };
    expect(windowOf(movedBy(odd, 4 * hourMs, nowMs), nowMs)).toEqual({ fromMs: nowMs - 2 * hourMs, toMs: nowMs });
  });

  it('is at most 30 days, and runs forward', () => {
    expect(customTime(nowMs - 720 * hourMs, nowMs)).not.toBeNull();
    expect(customTime(nowMs - 720 * hourMs - 1, nowMs)).toBeNull();
    expect(customTime(nowMs, nowMs)).toBeNull();
  });
});
