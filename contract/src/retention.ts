/** Days that samples, roll-ups, logs, traces, intake and transitions are kept (design §4): a promise, so not a setting. */
export const retentionDays = 30;

/** Ingest refuses what is older than this, and queries are answered from it on. */
export const retentionMs = retentionDays * 86_400_000;

/** How far ahead of arrival a record's time may lie (otlp-conformance item 22). */
export const maxAheadMs = 10 * 60_000;

/** Without data for this long a metric is silent and its signs are unknown (contract.md §6). */
export const silenceMs = 3 * 60_000;

/** Past this age of the stored summary every status in it reads `unknown` (design §6). */
export const summaryStaleMs = 15_000;

/**
 * A minute older than this is late: no sidecar holds its windows in memory, and what still comes for it is stored as a part of its own (docs/adr/0010).
 */
export const lateAfterMs = 3_600_000;

/** An hour is packed this long after its end: a quarter of an hour after its last minute became late, for clocks and batches that are behind. */
export const packedAfterMs = lateAfterMs + 15 * 60_000;

/** Minutes keep their sketches, and so percentiles with bounds, today and on this many UTC days before; older percentiles are of hours. */
const minuteSketchDays = 2;

/** The first minute that has its sketch. */
export function minuteSketchesFromMs(nowMs: number): number {
  return (Math.floor(nowMs / 86_400_000) - minuteSketchDays) * 86_400_000;
}
