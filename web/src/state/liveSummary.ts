import type { Summary } from '@command-center/contract/api/summary';
import type { LiveEventOf } from '@command-center/contract/events';
import { summaryStaleMs } from '@command-center/contract/retention';
import type { Held } from './heldSummary.ts';

/**
 * Whether a summary that came may take the place of the one that is held: one of an earlier time by the database's clock is a straggler, unless what
 * is held has run out.
 */
export function mayReplace(next: Summary, held: Held<Summary> | null, nowMs: number): boolean {
  if (held === null || nowMs - held.receivedAtMs > summaryStaleMs) return true;
  return Date.parse(next.now) >= Date.parse(held.data.now);
}

/** As many as the API answers (contract/src/api/summary.ts). */
export const mostTransitions = 20;

/** The summary after a service changed its status; the same where it knows of that or of a later change. */
export function withChange(summary: Summary, change: LiveEventOf<'admin.observability.health_change'>): Summary {
  const { ts } = change;
  const { service: id, old_status, new_status, reason } = change.data;
  const service = summary.services.find((one) => one.id === id);
  if (service === undefined) return summary;
  if (service.since !== null && Date.parse(service.since) >= Date.parse(ts)) return summary;
  const services = summary.services.map((one) =>
    one.id === id ? { ...one, status: new_status, reason, since: ts } : one,
  );
  const transitions = [{ ts, service: id, old_status, new_status, reason }, ...summary.transitions];
  return { ...summary, services, transitions: transitions.slice(0, mostTransitions) };
}
