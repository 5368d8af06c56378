import { MAX_SPREAD_MINUTES, MAX_WHOLE_NS } from './limits.ts';

/** Which minutes an interval of data time belongs to (OTLP conformance 12). Times are nanoseconds since the epoch, intervals (start, end]. */

const MINUTE_NS = 60_000_000_000n;
/** One minute's share of an interval. */
export interface Share {
  readonly minuteMs: number;
  /** From the interval's start (or the oldest minute kept) to this minute's end, as a fraction of the whole; the last one is 1. */
  readonly cumulative: number;
}

/** Start of the minute a time belongs to: 12:01:00.000 belongs to 12:00. */
export function minuteOf(timeNs: bigint): number {
  return Number((timeNs - 1n) / MINUTE_NS) * 60_000;
}

/** Whole milliseconds from the minute's start to the time, 0 to 60,000. */
export function intoMinuteMs(timeNs: bigint): number {
  return Number(timeNs / 1_000_000n) - minuteOf(timeNs);
}

/** The minutes that share an increase over (startNs, endNs]; `startNs` undefined = only the minute of the end. */
export function sharesOf(startNs: bigint | undefined, endNs: bigint): readonly Share[] {
  const last = minuteOf(endNs);
  if (startNs === undefined || endNs - startNs <= MAX_WHOLE_NS) return [{ minuteMs: last, cumulative: 1 }];
  const oldest = ((endNs - 1n) / MINUTE_NS - (MAX_SPREAD_MINUTES - 1n)) * MINUTE_NS;
  const from = startNs > oldest ? startNs : oldest;
  const total = Number(endNs - from);
  const shares: Share[] = [];
  // At most MAX_SPREAD_MINUTES turns: `from` is at most that many minutes before the end.
  for (let edge = (from / MINUTE_NS + 1n) * MINUTE_NS; ; edge += MINUTE_NS) {
    const end = edge < endNs ? edge : endNs;
    shares.push({ minuteMs: minuteOf(end), cumulative: Number(end - from) / total });
    if (end === endNs) return shares;
  }
}

/** Splits a total along the shares so that the parts add up: whole numbers by cumulative floor, others in proportion. */
export function split(total: number, shares: readonly Share[]): number[] {
  if (shares.length === 1) return [total];
  const round = Number.isInteger(total) ? Math.floor : (value: number): number => value;
  let given = 0;
  return shares.map((share, index) => {
    const upTo = index === shares.length - 1 ? total : round(total * share.cumulative);
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
