import { describe, expect, it } from 'vitest';
import { noVoice } from './api/summary.ts';
import { liveEvent, subscribe } from './events.ts';
import { services } from './services.ts';
import { presentSummary } from './summary/present.ts';

const nobodyWrote = { now: new Date('2026-11-24T12:00:00Z'), written_at: null, age_s: null, summary: null };
const summary = presentSummary(nobodyWrote, services, 0);
const signs = { latency_p95: 12.5, traffic_rate: 3, error_rate: null, saturation_pct: 40 };
const head = { id: '1', ts: '2026-11-24T12:00:00.000Z' };

describe('live frames (interfaces.md §4)', () => {
  it.each([
    [
      'admin.observability.health_change',
      { service: 's3', old_status: 'healthy', new_status: 'down', reason: 'no bucket' },
    ],
    [
      'admin.observability.error_event',
      { ts: head.ts, service: 'api', domain: 'auth', event: 'login', message: 'no', trace_id: null, more: 3 },
    ],
    ['admin.observability.vital_signs', { ...signs, summary }],
    ['admin.observability.snapshot', { summary, errors: [], voice: noVoice }],
    ['admin.observability.voice_pulse', { active_sessions: 2, active_rooms: 1, join_success_rate_1h: 99.5 }],
  ])('%s', (type, data) => {
    expect(liveEvent.parse({ ...head, type, data })).toEqual({ ...head, type, data });
  });

  it('refuses a type of its own and a rate over 100', () => {
    expect(liveEvent.safeParse({ ...head, type: 'admin.observability.other', data: {} }).success).toBe(false);
    const data = { active_sessions: 0, active_rooms: 0, join_success_rate_1h: 101 };
    expect(liveEvent.safeParse({ ...head, type: 'admin.observability.voice_pulse', data }).success).toBe(false);
  });

  it('reads the subscription', () => {
    const message = { type: 'subscribe', ticket: 'abc', topics: ['overview', 'voice'] };
    expect(subscribe.parse(message)).toEqual(message);
    expect(subscribe.parse({ type: 'subscribe', topics: [] })).toEqual({ type: 'subscribe', topics: [] });
    expect(subscribe.safeParse({ ...message, topics: ['logs'] }).success).toBe(false);
    expect(subscribe.safeParse({ ...message, topic: 'voice' }).success).toBe(false);
  });
});
