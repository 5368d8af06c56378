import { liveClose } from '@command-center/contract/live';
import { describe, expect, it } from 'vitest';
import { retryAfterClose, retryDelayMs } from './liveRetry.ts';

const almostOne = 1 - Number.EPSILON;

describe('the wait before the next try', () => {
  it('has a bound that doubles from 1 s to 30 s', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7, 1_000].map((failures) => retryDelayMs(failures, almostOne));
    expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is any part of it (full jitter), so that consoles that were lost together do not return together', () => {
    expect([0, 0.25, 0.5].map((random) => retryDelayMs(3, random))).toEqual([0, 1_000, 2_000]);
  });

  it.each([
    ['refused', liveClose.refused],
    ['late', liveClose.late],
    ['slow', liveClose.slow],
    ['busy', liveClose.busy],
    ['closed by the server that goes', 1001],
    ['cut', 1006],
  ])('%s: the same', (_, code) => {
    expect(retryAfterClose(code, 2, 0.5)).toBe(1_000);
  });

  it('malformed: minutes, as the next try would be no better', () => {
    expect(retryAfterClose(liveClose.malformed, 1, 0)).toBe(300_000);
  });

  it('ended: none at first, to be told where to sign in; then the same', () => {
    expect(retryAfterClose(liveClose.ended, 1, 0.5)).toBe(0);
    expect(retryAfterClose(liveClose.ended, 2, 0.5)).toBe(1_000);
  });
});
