import { noVoice, type StoredSummary, type TransitionItem } from '@command-center/contract/api/summary';
import { type LiveEvent, liveEvent } from '@command-center/contract/events';
import { services } from '@command-center/contract/services';
import { neverWritten } from '@command-center/contract/summary/present';
import { describe, expect, it } from 'vitest';
import { type Broadcast, type Cast, createBroadcast } from './broadcast.ts';
import type { Look } from './look.ts';

const START_MS = Date.parse('2026-11-24T12:00:00Z');
const stored: StoredSummary = neverWritten(new Date(START_MS), services);

/** A look `ms` after the start, at a summary that was written `writtenMs` after it. */
function lookAt(ms: number, writtenMs: number, transitions: readonly TransitionItem[] = []): Look {
  const summary = { ...stored, transitions: [...transitions] };
  const row = {
    now: new Date(START_MS + ms),
    written_at: new Date(START_MS + writtenMs),
    age_s: (ms - writtenMs) / 1_000,
  };
  return { summary: { ...row, summary }, errors: [], stored: new Map() };
}

function started(): Broadcast {
  const broadcast = createBroadcast(services, () => 0);
  expect(broadcast.learn(lookAt(0, 0), 0)).toEqual([]);
  return broadcast;
}

const eventsOf = (casts: readonly Cast[]): LiveEvent[] =>
  casts.map(({ frame }) => liveEvent.parse(JSON.parse(String(frame))));
const typesOf = (casts: readonly Cast[]): string[] =>
  eventsOf(casts).map(({ type }) => type.replace('admin.observability.', ''));

const change: TransitionItem = {
  ts: new Date(START_MS + 5_000).toISOString(),
  service: 'valkey',
  old_status: 'healthy',
  new_status: 'down',
  reason: 'connection refused',
};

describe('what is told of a look', () => {
  it('nothing where nothing was written since', () => {
    expect(started().learn(lookAt(500, 0), 500)).toEqual([]);
  });

  it('vital signs, and to the voice topic its pulse, once a summary is written', () => {
    const casts = started().learn(lookAt(5_000, 5_000), 5_000);
    expect(casts.map(({ topic }) => topic)).toEqual(['overview', 'voice']);
    expect(typesOf(casts)).toEqual(['vital_signs', 'voice_pulse']);
    expect(eventsOf(casts)[1]?.data).toEqual(noVoice);
  });

  it('a change of a status first, once, whoever tells it', () => {
    const told = [started(), started()].map((broadcast) => broadcast.learn(lookAt(5_000, 5_000, [change]), 5_000));
    expect(told.map(typesOf)).toEqual(Array(2).fill(['health_change', 'vital_signs', 'voice_pulse']));
    expect(eventsOf(told[0] ?? [])[0]).toEqual(eventsOf(told[1] ?? [])[0]);
    const broadcast = started();
    broadcast.learn(lookAt(5_000, 5_000, [change]), 5_000);
    expect(typesOf(broadcast.learn(lookAt(10_000, 10_000, [change]), 10_000))).not.toContain('health_change');
  });

  it('a change that was there when nobody watched is none', () => {
    const broadcast = createBroadcast(services, () => 0);
    broadcast.learn(lookAt(6_000, 6_000, [change]), 6_000);
    expect(typesOf(broadcast.learn(lookAt(11_000, 11_000, [change]), 11_000))).not.toContain('health_change');
  });

  it('a change of before, which another sidecar did not list, is none either', () => {
    const broadcast = started();
    const old = { ...change, ts: new Date(START_MS - 60_000).toISOString() };
    expect(typesOf(broadcast.learn(lookAt(5_000, 5_000, [change, old]), 5_000))).toEqual([
      'health_change',
      'vital_signs',
      'voice_pulse',
    ]);
  });

  it('every 5 s, also where no sidecar writes any more, and stale past 15 s', () => {
    const broadcast = started();
    const times = Array.from({ length: 40 }, (_, index) => (index + 1) * 500);
    const signs = times
      .flatMap((ms) => eventsOf(broadcast.learn(lookAt(ms, 0), ms)))
      .filter(({ type }) => type.endsWith('vital_signs'));
    expect(signs.map(({ ts }) => Date.parse(ts) - START_MS)).toEqual([5_000, 10_000, 15_000, 20_000]);
    const stale = signs.map((frame) =>
      frame.type === 'admin.observability.vital_signs' ? frame.data.summary.stale : null,
    );
    expect(stale).toEqual([false, false, false, true]);
  });

  it('a snapshot between two looks is as old as it is', () => {
    const broadcast = started();
    const frame = liveEvent.parse(JSON.parse(String(broadcast.snapshot(16_000))));
    expect(frame.type === 'admin.observability.snapshot' && frame.data.summary.stale).toBe(true);
    expect(frame.ts).toBe(new Date(START_MS + 16_000).toISOString());
  });

  it('a snapshot is made once for all who come together, and anew once there is something new', () => {
    const broadcast = started();
    const first = broadcast.snapshot(100);
    expect(broadcast.snapshot(200)).toBe(first);
    broadcast.learn(lookAt(500, 0), 500);
    expect(broadcast.snapshot(500)).not.toBe(first);
  });

  it('once it forgot, what came meanwhile is no news', () => {
    const broadcast = started();
    broadcast.forget();
    expect(broadcast.snapshot(0)).toBeUndefined();
    expect(broadcast.learn(lookAt(60_000, 60_000, [change]), 60_000)).toEqual([]);
  });
});
