import { describe, expect, it } from 'vitest';
import { holderOf, observe, type SourceHistory } from './sources.ts';

const MINUTE_MS = 60_000;
const ranks = new Map([
  ['counter', 0],
  ['histogram', 1],
]);

function hear(history: SourceHistory, source: string, minute: number): SourceHistory {
  const seen = { holder: 'service:orders', metricName: 'requests', source, timeMs: minute * MINUTE_MS + 17_000 };
  return observe(history, seen, (name) => ranks.get(name) ?? Number.POSITIVE_INFINITY);
}

const holderAt = (history: SourceHistory, minute: number): string | undefined => holderOf(history, minute * MINUTE_MS);

describe('one source counts (contract.md §4)', () => {
  it('lets the first source of a holder hold every minute, earlier ones too', () => {
    const history = hear([], 'histogram', 100);
    expect(holderAt(history, 3)).toBe('histogram');
    expect(holderAt(history, 500)).toBe('histogram');
  });

  it('hands over to a higher source from the second whole minute after its first point', () => {
    const history = hear(hear([], 'histogram', 100), 'counter', 104);
    expect(holderAt(history, 105)).toBe('histogram');
    expect(holderAt(history, 106)).toBe('counter');
    expect(hear(history, 'counter', 104)).toBe(history);
  });

  it('hands over only what the holder did not store already, where its data is ahead', () => {
    const history = hear(hear([], 'histogram', 100), 'histogram', 130);
    expect(holderAt(hear(history, 'counter', 104), 131)).toBe('histogram');
    expect(holderAt(hear(history, 'counter', 104), 132)).toBe('counter');
  });

  it('keeps a lower source out while the higher one is heard', () => {
    const history = hear(hear([], 'counter', 100), 'histogram', 101);
    expect(history).toHaveLength(1);
    expect(holderAt(history, 101)).toBe('counter');
  });

  it('falls back to a lower source from the next minute once the higher was silent for 10 min', () => {
    const silent = hear(hear([], 'counter', 100), 'histogram', 109);
    expect(holderAt(silent, 109)).toBe('counter');
    const taken = hear(silent, 'histogram', 110);
    expect(holderAt(taken, 110)).toBe('counter');
    expect(holderAt(taken, 111)).toBe('histogram');
  });

  it('gives it back when the higher source returns', () => {
    let history = hear(hear([], 'counter', 100), 'histogram', 110);
    history = hear(history, 'counter', 120);
    expect(holderAt(history, 115)).toBe('histogram');
    expect(holderAt(history, 122)).toBe('counter');
  });

  it('changes nothing within a minute, so that it is not written with every batch', () => {
    const history = hear([], 'counter', 100);
    expect(hear(history, 'counter', 100)).toBe(history);
  });
});
