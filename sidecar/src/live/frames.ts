import type { LogItem } from '@command-center/contract/api/lists';
import type { Summary, TransitionItem } from '@command-center/contract/api/summary';
import type { LiveEvent } from '@command-center/contract/events';
import type { SentError } from './errorFlow.ts';

/** The frames of interfaces.md §4; pure. Those of errors and changes have ids of what is told, so that any sidecar gives the same. */

const name = 'admin.observability';

/** A frame as it goes over the wire; made once for all who get it. */
export type Wire = Buffer;

export function wireOf(event: LiveEvent): Wire {
  return Buffer.from(JSON.stringify(event));
}

export function errorFrame({ error, more }: SentError): LiveEvent {
  const { id, ts, service, domain, event, message, trace_id } = error;
  return {
    id,
    type: `${name}.error_event`,
    ts,
    data: { ts, service, domain, event, message, trace_id, more },
  };
}

export function healthFrame({ ts, service, old_status, new_status, reason }: TransitionItem): LiveEvent {
  return {
    id: `${service} ${ts}`,
    type: `${name}.health_change`,
    ts,
    data: { service, old_status, new_status, reason },
  };
}

export function vitalSignsFrame(summary: Summary): LiveEvent {
  const { latency, traffic, errors, saturation } = summary.vital_signs;
  return {
    id: `vital_signs ${summary.now}`,
    type: `${name}.vital_signs`,
    ts: summary.now,
    data: {
      latency_p95: latency.value,
      traffic_rate: traffic.value,
      // Two instruments count: for a moment there may be more errors than requests.
      error_rate: errors.value === null ? null : Math.min(100, errors.value),
      saturation_pct: saturation.value,
      summary,
    },
  };
}

export function voiceFrame({ now, voice }: Summary): LiveEvent {
  return { id: `voice ${now}`, type: `${name}.voice_pulse`, ts: now, data: voice };
}

/** `errors`: newest first. */
export function snapshotFrame(summary: Summary, errors: readonly LogItem[]): LiveEvent {
  return {
    id: `snapshot ${summary.now}`,
    type: `${name}.snapshot`,
    ts: summary.now,
    data: { summary, errors: [...errors], voice: summary.voice },
  };
}

/** What changed after `known` was written, oldest first. A change that `known` only did not list, as an older sidecar does not, is no news. */
export function newTransitions(summary: Summary, known: Summary): readonly TransitionItem[] {
  const knownMs = Date.parse(known.written_at ?? summary.now);
  return summary.transitions.filter(({ ts }) => Date.parse(ts) > knownMs).reverse();
}
