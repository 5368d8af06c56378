import type { Summary } from '@command-center/contract/api/summary';
import { summaryStaleMs } from '@command-center/contract/retention';

/** An answer and when it came, by this browser's clock. */
export interface Held<T> {
  readonly data: T;
  readonly receivedAtMs: number;
}

/** Least milliseconds between two polls that the 15 s rule asks for. */
const leastMs = 2_000;
/** A poll takes its time: it starts so long before the answer runs out. */
const aheadMs = 1_500;

/** Age of what the sidecar wrote, in milliseconds; null where none ever wrote. */
function ageMs({ data, receivedAtMs }: Held<Summary>, nowMs: number): number | null {
  if (data.written_at === null) return null;
  return Date.parse(data.now) - Date.parse(data.written_at) + (nowMs - receivedAtMs);
}

/** Whether the answer, true when it came, has run out since (design §6: the 15 s hold between polls too). */
export function hasRunOut(held: Held<Summary>, nowMs: number): boolean {
  const age = ageMs(held, nowMs);
  return !held.data.stale && age !== null && age > summaryStaleMs;
}

/** Milliseconds until the next poll: the cadence, or sooner where the answer would run out before. */
export function summaryDelayMs(data: Summary, cadenceMs: number): number {
  const age = ageMs({ data, receivedAtMs: 0 }, 0);
  if (data.stale || age === null) return cadenceMs;
  return Math.min(cadenceMs, Math.max(leastMs, summaryStaleMs - age - aheadMs));
}

/**
 * The answer as it may be shown now. One that has run out says nothing about now: statuses read unknown and take no colour, numbers stay to be
 * shown as old.
 */
export function shownNow(held: Held<Summary>, nowMs: number): Summary {
  if (!hasRunOut(held, nowMs)) return held.data;
  const { data, receivedAtMs } = held;
  const since = new Date(receivedAtMs).toISOString();
  const reason = 'no newer answer has come';
  const { latency, traffic, errors, saturation } = data.vital_signs;
  return {
    ...data,
    stale: true,
    verdict: { status: 'unknown', reason: 'No newer answer has come; what is shown is old.', since },
    vital_signs: {
      latency: { ...latency, colour: null },
      traffic: { ...traffic, colour: null },
      errors: { ...errors, colour: null },
      saturation: { ...saturation, colour: null },
    },
    services: data.services.map((service) =>
      service.status === 'unconfigured' ? service : { ...service, status: 'unknown', reason, since },
    ),
    alerts: [],
  };
}
