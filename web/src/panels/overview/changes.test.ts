import type { TransitionItem } from '@command-center/contract/api/summary';
import { describe, expect, it } from 'vitest';
import { changesOf } from './changes.ts';

const nowMs = Date.parse('2026-11-24T12:00:00Z');
const change = (service: string, minutes: number, to: 'healthy' | 'down'): TransitionItem => ({
  ts: new Date(nowMs - minutes * 60_000).toISOString(),
  service,
  old_status: to === 'down' ? 'healthy' : 'down',
  new_status: to,
  reason: to === 'down' ? 'no answer' : '',
});

describe('how often a service changed its status', () => {
  it('is said with the times, newest first, of that service alone', () => {
    const all = [change('s3', 1, 'down'), change('pg', 2, 'healthy'), change('pg', 3, 'down')];
    expect(changesOf('pg', all, nowMs, 'utc')).toEqual({
      text: '2 changes',
      list: '2 changes in 24 h\n11:58:00 down → healthy\n11:57:00 healthy → down: no answer',
    });
  });

  it('is not said of one change, which the age beside the status says', () => {
    expect(changesOf('pg', [change('pg', 3, 'down')], nowMs, 'utc')).toBeNull();
  });

  it('is a least number where the list is full', () => {
    const all = Array.from({ length: 20 }, (_, index) => change('pg', index, index % 2 === 0 ? 'down' : 'healthy'));
    expect(changesOf('pg', all, nowMs, 'utc')?.text).toBe('≥ 20 changes');
  });
});
