/** Whether a section's data is past twice its cadence (design §7). */
export function isStale(receivedAtMs: number, nowMs: number, cadenceMs: number): boolean {
  return nowMs - receivedAtMs > 2 * cadenceMs;
}

const firstRetryMs = 2_000;
const longestRetryMs = 30_000;

/** Milliseconds until the next try: the cadence; after failures in a row 2 s, 4 s, 8 s … at most 30 s. */
export function nextDelayMs(cadenceMs: number, failures: number): number {
  if (failures === 0) return cadenceMs;
  return Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
}
