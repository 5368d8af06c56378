import {
  BUCKETS,
  BUCKETS_AT,
  ROW_WIDTH,
  START_MS,
  START_NS,
  SUM,
  TIME_MS,
  TIME_NS,
  VALUE,
} from '../decode/pointTable.ts';
import {
  STATE_BUCKETS,
  STATE_START_MS,
  STATE_START_NS,
  STATE_SUM,
  STATE_TIME_MS,
  STATE_TIME_NS,
  STATE_VALUE,
} from './rowLayout.ts';

/**
 * The usual step of each kind of stream, on its row: a point of the newest start that is newer than the last one and follows it within 90
 * seconds, with nothing in it that fell. Each returns whether it was that; if not, nothing has changed and `step` decides, which it would alike
 * (a test holds the two together). Through `step` it costs a state, a list and some bigints a point.
 */

const MINUTE_MS = 60_000;
/** Milliseconds. Below MAX_WHOLE_NS even with the nanoseconds that are left out. */
const MAX_WHOLE_MS = 90_000;

/** Milliseconds since the epoch of the minute a point belongs to: 12:01:00.000 belongs to 12:00. */
export function minuteOfRow(numbers: Float64Array, at: number): number {
  return minuteOf(numbers[at + TIME_MS] ?? 0, numbers[at + TIME_NS] ?? 0);
}

/** Not by the remainder, which is slow in doubles. */
function minuteOf(timeMs: number, timeNs: number): number {
  return Math.floor((timeNs === 0 ? timeMs - 1 : timeMs) / MINUTE_MS) * MINUTE_MS;
}

/** `rows` is a StreamBlock's, `at` where the stream's row begins, `numbers` a PointTable's, `from` where the point's begins. */
function isNext(rows: Float64Array, at: number, numbers: Float64Array, from: number): boolean {
  const timeMs = numbers[from + TIME_MS] ?? 0;
  const lastMs = rows[at + STATE_TIME_MS] ?? 0;
  return (
    rows[at + STATE_START_MS] === numbers[from + START_MS] &&
    rows[at + STATE_START_NS] === numbers[from + START_NS] &&
    isLater(timeMs, numbers[from + TIME_NS] ?? 0, lastMs, rows[at + STATE_TIME_NS] ?? 0) &&
    timeMs - lastMs < MAX_WHOLE_MS
  );
}

function isLater(timeMs: number, timeNs: number, lastMs: number, lastNs: number): boolean {
  return timeMs > lastMs || (timeMs === lastMs && timeNs > lastNs);
}

function keepTime(rows: Float64Array, at: number, numbers: Float64Array, from: number): void {
  rows[at + STATE_TIME_MS] = numbers[from + TIME_MS] ?? 0;
  rows[at + STATE_TIME_NS] = numbers[from + TIME_NS] ?? 0;
}

/** What the last step that was taken adds to the point's minute, as sent. One for all: it is read before the next step. */
export const added = {
  /** Increase of a number, count of a histogram, contribution of an additive gauge. */
  value: 0,
  sum: 0,
  /** Counts of a histogram's buckets; as many as the row has. */
  buckets: new Float64Array(64),
};

/** A cumulative monotonic sum. */
export function stepNumberRow(rows: Float64Array, at: number, numbers: Float64Array, from: number): boolean {
  const value = numbers[from + VALUE] ?? 0;
  const before = rows[at + STATE_VALUE] ?? 0;
  if (!(value >= before) || !isNext(rows, at, numbers, from)) return false;
  keepTime(rows, at, numbers, from);
  rows[at + STATE_VALUE] = value;
  added.value = value - before;
  return true;
}

/** A cumulative explicit histogram whose bounds are those of the block. */
export function stepHistogramRow(
  rows: Float64Array,
  at: number,
  numbers: Float64Array,
  from: number,
  counts: Float64Array,
): boolean {
  const count = numbers[from + VALUE] ?? 0;
  const sum = numbers[from + SUM] ?? 0;
  if (!Number.isFinite(sum) || !(count >= (rows[at + STATE_VALUE] ?? 0)) || !isNext(rows, at, numbers, from))
    return false;
  const buckets = numbers[from + BUCKETS] ?? 0;
  const countsAt = numbers[from + BUCKETS_AT] ?? 0;
  if (buckets > added.buckets.length) added.buckets = new Float64Array(buckets * 2);
  const into = added.buckets;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const difference = (counts[countsAt + bucket] ?? 0) - (rows[at + STATE_BUCKETS + bucket] ?? 0);
    if (difference < 0) return false;
    into[bucket] = difference;
  }
  added.value = count - (rows[at + STATE_VALUE] ?? 0);
  added.sum = sum - (rows[at + STATE_SUM] ?? 0);
  keepTime(rows, at, numbers, from);
  rows[at + STATE_VALUE] = count;
  rows[at + STATE_SUM] = sum;
  for (let bucket = 0; bucket < buckets; bucket += 1)
    rows[at + STATE_BUCKETS + bucket] = counts[countsAt + bucket] ?? 0;
  return true;
}

/** An additive gauge in the minute of its last reading or the one after, so that no minute between is to be filled. */
export function stepGaugeRow(rows: Float64Array, at: number, numbers: Float64Array, from: number): boolean {
  const lastMs = rows[at + STATE_TIME_MS] ?? 0;
  const lastNs = rows[at + STATE_TIME_NS] ?? 0;
  if (!isLater(numbers[from + TIME_MS] ?? 0, numbers[from + TIME_NS] ?? 0, lastMs, lastNs)) return false;
  const lastMinuteMs = minuteOf(lastMs, lastNs);
  const minuteMs = minuteOfRow(numbers, from);
  if (minuteMs - lastMinuteMs > MINUTE_MS) return false;
  const value = numbers[from + VALUE] ?? 0;
  added.value = minuteMs === lastMinuteMs ? value - (rows[at + STATE_VALUE] ?? 0) : value;
  keepTime(rows, at, numbers, from);
  rows[at + STATE_VALUE] = value;
  return true;
}

if (ROW_WIDTH <= BUCKETS) throw new Error('a row holds all of its columns');
