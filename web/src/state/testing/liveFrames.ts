import type { LogItem } from '@command-center/contract/api/lists';
import { noVoice, type Summary } from '@command-center/contract/api/summary';
import type { LiveEventOf } from '@command-center/contract/events';
import { services } from '@command-center/contract/services';
import { presentSummary } from '@command-center/contract/summary/present';
import type { HeardError } from '../liveErrors.ts';

/** Frames of the live socket and what they carry. */

const startMs = Date.parse('2026-11-24T12:00:00Z');

/** An instant so many seconds after the start. */
export const at = (seconds: number): string => new Date(startMs + seconds * 1_000).toISOString();

/** Of a database that a sidecar wrote to a second before. */
export function summaryAt(seconds: number): Summary {
  const nobodyWrote = { now: new Date(at(seconds)), written_at: null, age_s: null, summary: null };
  return { ...presentSummary(nobodyWrote, services, 0), stale: false, written_at: at(seconds - 1) };
}

export function errorOf(id: string, seconds: number, event = 'login_failed'): HeardError {
  return { id, ts: at(seconds), level: 'ERROR', service: 'api', domain: 'auth', event, message: id, trace_id: null };
}

export function itemOf(id: string, seconds: number, event?: string): LogItem {
  return { ...errorOf(id, seconds, event), span_id: null, sampled: true, attrs: {} };
}

export function snapshotAt(seconds: number): LiveEventOf<'admin.observability.snapshot'> {
  const data = { summary: summaryAt(seconds), errors: [], voice: noVoice };
  return { id: `snapshot ${seconds}`, type: 'admin.observability.snapshot', ts: at(seconds), data };
}

export function healthChange(
  seconds: number,
  service: string,
  to: 'healthy' | 'down',
): LiveEventOf<'admin.observability.health_change'> {
  const data = { service, old_status: 'healthy' as const, new_status: to, reason: 'no answer' };
  return { id: `change ${seconds}`, type: 'admin.observability.health_change', ts: at(seconds), data };
}
