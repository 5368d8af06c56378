import { maxAheadMs, retentionMs } from '@command-center/contract/retention';

/** Nanoseconds since the epoch to whole milliseconds. */
export function msOf(unixNano: bigint): number {
  return Number(unixNano / 1_000_000n);
}

/** Why a record of this time cannot be stored (otlp-conformance item 22); undefined where it can. */
export function timeProblem(unixNano: bigint, nowMs: number): 'no_time' | 'too_old' | 'too_new' | undefined {
  if (unixNano <= 0n) return 'no_time';
  const timeMs = msOf(unixNano);
  if (timeMs < nowMs - retentionMs) return 'too_old';
  return timeMs > nowMs + maxAheadMs ? 'too_new' : undefined;
}
