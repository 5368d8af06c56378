import { describe, expect, it } from 'vitest';
import { voiceSummaryOf } from '../../../dev/voice.ts';
import { withPulse } from './pulse.ts';

const data = voiceSummaryOf('ok', Date.UTC(2026, 10, 27, 3));
const held = { data, receivedAtMs: 10_000 };
const pulse = (rate: number | null, receivedAtMs = 15_000) => ({
  data: { active_sessions: 71, active_rooms: null, join_success_rate_1h: rate },
  receivedAtMs,
});

describe('a pulse of voice', () => {
  it('moves sessions, rooms and join success of the hour; the score and the day stay as they were fetched', () => {
    const now = withPulse(held, pulse(96));
    expect([now.sessions.value, now.rooms.value, now.join_success_1h.value]).toEqual([71, null, 96]);
    expect(now.sessions.sparkline).toBe(data.sessions.sparkline);
    expect([now.health, now.join_success_24h]).toEqual([data.health, data.join_success_24h]);
  });

  it.each([
    [95.1, 'green'],
    [95, 'yellow'],
    [80, 'yellow'],
    [79.9, 'red'],
    [null, null],
  ])('colours join success anew: %j is %j (contract.md §5)', (rate, colour) => {
    expect(withPulse(held, pulse(rate)).join_success_1h.colour).toBe(colour);
  });

  it('of fewer than 20 joins takes no colour', () => {
    const few = { ...held, data: { ...data, join_success_1h: { ...data.join_success_1h, n: 19 } } };
    expect(withPulse(few, pulse(50)).join_success_1h.colour).toBeNull();
  });

  it('that came before the answer changes nothing', () => {
    expect(withPulse(held, pulse(50, 10_000))).toBe(data);
    expect(withPulse(held, null)).toBe(data);
  });
});
