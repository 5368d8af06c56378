import { maxAheadMs, retentionMs } from '@command-center/contract/retention';

/** Why a record of this time (whole milliseconds) cannot be stored (otlp-conformance item 22); undefined where it can. */
export function timeProblem(timeMs: number, nowMs: number): 'too_old' | 'too_new' | undefined {
  if (timeMs < nowMs - retentionMs) return 'too_old';
  return timeMs > nowMs + maxAheadMs ? 'too_new' : undefined;
}
