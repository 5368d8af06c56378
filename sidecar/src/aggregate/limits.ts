/** Every bound of stream state: name, unit, why that number. They stand in the contract with senders (otlp-conformance items 10-12), so no setting moves them. */

/** Starts kept of one stream, the newest: a crash loop's dozen restarts, and replicas that share a resource. */
export const MAX_STARTS = 16;
/** Covered intervals kept of one delta stream, the newest; they join where they touch, so only gaps cost one. */
export const MAX_INTERVALS = 16;

/** Nanoseconds. A process is new, and its first point counts in full, where it started at most this long before. */
export const NEW_PROCESS_NS = 600_000_000_000n;
/** Nanoseconds. A sender known for longer than this has new label sets, not unknown history. */
export const KNOWN_SENDER_NS = 300_000_000_000n;
/** Points in a row whose start equals their time, after which the start is read as "not given". */
export const EQUAL_STARTS = 3;

/** Nanoseconds. Longer increases (a slow sender, an outage) are spread; shorter ones belong whole to the minute of their end, since 60 s timers jitter. */
export const MAX_WHOLE_NS = 90_000_000_000n;
/** Minutes an increase is spread over at most, the newest. */
export const MAX_SPREAD_MINUTES = 60n;
/** Nanoseconds. Minutes between two points of an additive gauge no further apart than this are filled with the earlier value. */
export const MAX_FILL_NS = 300_000_000_000n;

/** Buckets of a histogram point, of each range of an exponential one. SDKs send up to 160; each is kept for up to 16 starts of each stream. */
export const MAX_BUCKETS = 2_048;
