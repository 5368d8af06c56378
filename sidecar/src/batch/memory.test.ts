import { describe, expect, it } from 'vitest';
import {
  createMemory,
  evict,
  MAX_HOLDERS,
  MAX_SERIES,
  MAX_STREAMS,
  MAX_WINDOWS,
  SeriesSlot,
  setSeries,
  windowKey,
} from './memory.ts';

const window = { count: 1, sum: 1, min: null, max: null, last: null, lastMs: null, spans: null };
const series = { overflowId: null, fromMinuteMs: -Infinity, isOverflow: false, askedAtMs: 0 };

// design §5, "Memory is bounded": only committed state is held, so what is dropped is read again.
describe('what a sidecar remembers between batches', () => {
  it.each([
    { what: 'streams', size: 2_000 },
    { what: 'streams of small families', size: 1 },
    { what: 'families without a stream, of senders that only say that streams ended', size: 0 },
  ])('$what: the least recently used go past the bound', ({ size }) => {
    const memory = createMemory(1);
    const most = MAX_STREAMS / Math.max(size, 1);
    for (let family = 0; family < most; family++) memory.families.set(`owner ${family}`, { slots: new Map(), size });
    evict(memory);
    expect(memory.families.size).toBe(most);
    memory.families.set('one more', { slots: new Map(), size });
    evict(memory);
    expect(memory.families.size).toBe(most);
    expect(memory.families.has('owner 0')).toBe(false);
    expect(memory.families.has('one more')).toBe(true);
  });

  it('windows: the oldest go past the bound, and that some are in the database alone is remembered', () => {
    const memory = createMemory(1);
    for (let id = 0; id < MAX_WINDOWS; id++) memory.windows.set(windowKey(id, 60_000), window);
    evict(memory);
    expect([memory.windows.size, memory.evictedMinutes.size]).toEqual([MAX_WINDOWS, 0]);
    memory.windows.set(windowKey(0, 120_000), window);
    evict(memory);
    expect([memory.windows.size, [...memory.evictedMinutes]]).toEqual([MAX_WINDOWS, [60_000]]);
    expect(memory.windows.has(windowKey(0, 60_000))).toBe(false);
  });

  it('series: who remembers one that went is told to ask again', () => {
    const memory = createMemory(1);
    const first = new SeriesSlot({ id: 0, ...series });
    setSeries(memory, 'first', first);
    for (let id = 1; id < MAX_SERIES; id++) setSeries(memory, `series ${id}`, new SeriesSlot({ id, ...series }));
    evict(memory);
    expect([memory.series.size, first.isLive]).toEqual([MAX_SERIES, true]);
    setSeries(memory, 'one more', new SeriesSlot({ id: -1, ...series }));
    evict(memory);
    expect([memory.series.size, first.isLive]).toEqual([MAX_SERIES, false]);
  });

  it('holders of sources: one past the bound starts anew', () => {
    const memory = createMemory(1);
    for (let holder = 0; holder < MAX_HOLDERS; holder++) memory.holders.add(`holder ${holder}`);
    evict(memory);
    expect(memory.holders.size).toBe(MAX_HOLDERS);
    memory.holders.add('one more');
    evict(memory);
    expect([memory.holders.size, memory.sources.size]).toEqual([0, 0]);
  });
});
