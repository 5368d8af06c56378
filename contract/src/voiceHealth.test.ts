import { describe, expect, test } from 'vitest';
import { voiceHealthOf } from './voiceHealth.ts';

const none = { joinSuccess: null, packetLoss: null, jitterMs: null, crashes: null };

describe('the voice health score (contract.md §4)', () => {
  test('40 x joins + 30 x loss + 20 x jitter + 10 x crashes', () => {
    const { score, parts } = voiceHealthOf({ joinSuccess: 0.9, packetLoss: 0.01, jitterMs: 25, crashes: 0.1 });
    expect(score).toBeCloseTo(36 + 24 + 10 + 9);
    expect(parts.packet_loss).toEqual({ weight: 30, points: expect.closeTo(24) });
  });

  test('all is well: 100; all is lost: 0, and no part gives less than nothing', () => {
    expect(voiceHealthOf({ joinSuccess: 1, packetLoss: 0, jitterMs: 0, crashes: 0 }).score).toBeCloseTo(100);
    expect(voiceHealthOf({ joinSuccess: 0, packetLoss: 0.5, jitterMs: 500, crashes: 3 }).score).toBe(0);
  });

  test('a part without data is left out and the weights are rescaled', () => {
    const { score, parts } = voiceHealthOf({ ...none, joinSuccess: 0.5, crashes: 0 });
    expect(score).toBeCloseTo(80 * 0.5 + 20);
    expect(parts).toMatchObject({
      packet_loss: null,
      jitter: null,
      join_success: { weight: 80 },
      crashes: { weight: 20 },
    });
  });

  test('without any data it is null, never 100', () => {
    expect(voiceHealthOf(none).score).toBeNull();
  });
});
