import type { LiveEvent } from '@command-center/contract/events';
import { describe, expect, it } from 'vitest';
import { LiveInbox } from './liveInbox.ts';
import { at, errorOf, healthChange, itemOf, snapshotAt, summaryAt } from './testing/liveFrames.ts';

const held = { data: summaryAt(0), receivedAtMs: 1_000 };

function vitalSigns(seconds: number): LiveEvent {
  const signs = { latency_p95: null, traffic_rate: null, error_rate: null, saturation_pct: null };
  const data = { ...signs, summary: summaryAt(seconds) };
  return { id: `signs ${seconds}`, type: 'admin.observability.vital_signs', ts: at(seconds), data };
}

function errorEvent(id: string, seconds: number, more: number): LiveEvent {
  const { level: _level, id: _id, ...data } = errorOf(id, seconds);
  return { id, type: 'admin.observability.error_event', ts: at(seconds), data: { ...data, more } };
}

describe('frames between two animation frames', () => {
  it('the newest summary of them is shown, once', () => {
    const inbox = new LiveInbox();
    for (const seconds of [1, 3, 2]) inbox.hear(vitalSigns(seconds), held, 5_000);
    expect(inbox.takeSummary()).toEqual({ data: summaryAt(3), receivedAtMs: 5_000 });
    expect(inbox.takeSummary()).toBeNull();
  });

  it('views that the API could not write to its audit log stay known, as the sidecar does not count them', () => {
    const inbox = new LiveInbox();
    inbox.hear(vitalSigns(1), { ...held, data: { ...held.data, audit_failures: 3 } }, 5_000);
    expect(inbox.takeSummary()?.data.audit_failures).toBe(3);
  });

  it('a change goes into the summary that came before it, which becomes no younger by that', () => {
    const inbox = new LiveInbox();
    inbox.hear(healthChange(2, 'postgresql', 'down'), held, 5_000);
    const changed = inbox.takeSummary();
    expect(changed?.receivedAtMs).toBe(held.receivedAtMs);
    expect(changed?.data.transitions[0]).toMatchObject({ service: 'postgresql', new_status: 'down' });
  });

  it('a change before any summary is in the one that follows, and is left out', () => {
    const inbox = new LiveInbox();
    inbox.hear(healthChange(2, 'postgresql', 'down'), null, 5_000);
    expect(inbox.takeSummary()).toBeNull();
  });

  it('a snapshot after a gap brings its summary, and the errors that were missed once each', () => {
    const inbox = new LiveInbox();
    inbox.hear(errorEvent('a', 1, 0), held, 5_000);
    const snapshot = snapshotAt(9);
    const errors = [itemOf('c', 8), itemOf('b', 7), itemOf('a', 1)];
    inbox.hear({ ...snapshot, data: { ...snapshot.data, errors } }, held, 9_000);
    expect(inbox.takeSummary()?.data).toEqual(summaryAt(9));
    expect(inbox.errors.now.errors.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('the newest pulse of voice is known, and the snapshot is one', () => {
    const inbox = new LiveInbox();
    expect(inbox.voice).toBeNull();
    inbox.hear(snapshotAt(0), held, 5_000);
    expect(inbox.voice).toEqual({ data: snapshotAt(0).data.voice, receivedAtMs: 5_000 });
    const data = { active_sessions: 52, active_rooms: 9, join_success_rate_1h: 98.5 };
    inbox.hear({ id: 'pulse 5', type: 'admin.observability.voice_pulse', ts: at(5), data }, held, 10_000);
    expect(inbox.voice).toEqual({ data, receivedAtMs: 10_000 });
  });

  it('an error is known by the id of its record, and the unsent are counted with it', () => {
    const inbox = new LiveInbox();
    inbox.hear(errorEvent('a', 1, 40), held, 5_000);
    const { errors, unsent } = inbox.errors.now;
    expect([errors.map(({ id }) => id), unsent]).toEqual([['a'], [{ atMs: 5_000, count: 40 }]]);
  });
});
