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
