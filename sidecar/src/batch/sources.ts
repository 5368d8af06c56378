import type { SourceRow } from '../store/sources.ts';

/**
 * "One source counts" (contract.md §4): which of several sources of one metric holds a minute of data time. Pure: the histories are committed
 * with the batch, so that all sidecars and all restarts agree.
 */

const MINUTE_MS = 60_000;
/** A lower source takes over once the higher was silent this long. */
const SILENCE_MS = 10 * MINUTE_MS;
/** Take-overs kept of one holder and metric; older ones no longer matter, since their data is past retention long before. */
const MAX_TAKEOVERS = 64;

/** Of one holder and metric, ordered by `fromMinuteMs`. `rank` is the catalogue's, so it is not stored. */
export type SourceHistory = readonly SourceRow[];

/** Which source holds the minute; undefined where none was ever heard. The first source holds every minute before the second's. */
export function holderOf(history: SourceHistory, minuteMs: number): string | undefined {
  let holder = history[0];
  for (const row of history) if (row.fromMinuteMs <= minuteMs) holder = row;
  return holder?.source;
}

export interface Observation {
  readonly holder: string;
  readonly metricName: string;
  readonly source: string;
  /** Data time of the point, milliseconds; a point on the edge of a minute counts as of the minute before. */
  readonly timeMs: number;
}

/**
 * Takes notice of a point. A higher-ranked source takes over from the second whole minute after its first point, a lower one from the next
 * minute once the holder was silent for 10 min. Returns the same history where nothing changed.
 */
export function observe(history: SourceHistory, seen: Observation, rankOf: (source: string) => number): SourceHistory {
  const { holder, metricName, source, timeMs } = seen;
  // To the minute: a history that changed with every point would be written with every batch.
  const lastSeenMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
  const last = history.at(-1);
  if (last === undefined) return [{ holder, metricName, source, fromMinuteMs: -Infinity, lastSeenMs }];
  if (last.source === source)
    return lastSeenMs > last.lastSeenMs ? [...history.slice(0, -1), { ...last, lastSeenMs }] : history;
  const isHigher = rankOf(source) < rankOf(last.source);
  // Where the holder's data is ahead of this source's, its minutes are stored already.
  const newestMs = Math.max(lastSeenMs, last.lastSeenMs);
  const fromMinuteMs = takeOverFrom(isHigher, newestMs, lastSeenMs - last.lastSeenMs);
  if (fromMinuteMs === undefined || fromMinuteMs <= last.fromMinuteMs) return history;
  const next = [...history, { holder, metricName, source, fromMinuteMs, lastSeenMs }];
  return next.length > MAX_TAKEOVERS ? next.slice(-MAX_TAKEOVERS) : next;
}

/** Whether a take-over is in `after` that is not in `before`. */
export function hasTakenOver(before: SourceHistory, after: SourceHistory): boolean {
  return before.at(-1)?.fromMinuteMs !== after.at(-1)?.fromMinuteMs;
}

function takeOverFrom(isHigher: boolean, minuteMs: number, silentMs: number): number | undefined {
  if (isHigher) return minuteMs + 2 * MINUTE_MS;
  return silentMs >= SILENCE_MS ? minuteMs + MINUTE_MS : undefined;
}
