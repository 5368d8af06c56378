import { lowerEdge, minOrdinal, openOrdinal, upperEdge } from './grid.ts';
import { countOf, type Span, type SpanList } from './spans.ts';

/** How exact a percentile is (interfaces.md §1). `exact`: one grid bin, at most 1.09 % off. `overflow`: more than `lo`, and no one can know how much. */
export type PercentileQuality = 'exact' | 'bounded' | 'overflow';

export interface Percentile {
  readonly value: number;
  readonly lo: number;
  /** Null where the percentile lies in the last, open bucket. */
  readonly hi: number | null;
  readonly quality: PercentileQuality;
}

/** The percentile in another unit, `factor` times as large; null where there is none. */
export function scaled(percentile: Percentile | null | undefined, factor: number): Percentile | null {
  if (percentile === null || percentile === undefined) return null;
  const { value, lo, hi } = percentile;
  return { ...percentile, value: value * factor, lo: lo * factor, hi: hi === null ? null : hi * factor };
}

/** A percentile as it can be kept: its value, and the ordinals of the bins whose lower and upper edge bound it. */
export interface RankedPercentile {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Limits {
  /** Smallest and largest value of the same window, where they are known. */
  readonly min: number | null;
  readonly max: number | null;
}

const noLimits: Limits = { min: null, max: null };

/** The p-quantile (0 < p <= 1) of the distribution; null of an empty one. See `percentiles`. */
export function percentile(list: SpanList, p: number, limits: Limits = noLimits): Percentile | null {
  return percentiles(list, [p], limits)[0] ?? null;
}

/** The p-quantiles (0 < p <= 1, ascending) of the distribution; [] of an empty one. See `rankPercentiles`. */
export function percentiles(list: SpanList, ps: readonly number[], limits: Limits = noLimits): readonly Percentile[] {
  return rankPercentiles(list, ps, limits).map(percentileOf);
}

/** A kept percentile with its bounds and its quality. */
export function percentileOf({ value, low, high }: RankedPercentile): Percentile {
  const lo = lowerEdge(low);
  if (high >= openOrdinal) return { value, lo, hi: null, quality: 'overflow' };
  return { value, lo, hi: upperEdge(high), quality: low === high ? 'exact' : 'bounded' };
}

/**
 * The p-quantiles (0 < p <= 1, ascending) of the distribution; [] of an empty one. They are bounded by the k-th smallest lower and upper edge,
 * k = ceil(p n), each span taken `count` times: the true value lies between them. Source: design §4.
 */
export function rankPercentiles(
  list: SpanList,
  ps: readonly number[],
  limits: Limits = noLimits,
): readonly RankedPercentile[] {
  const n = countOf(list);
  if (n === 0) return [];
  const ends = byEnd(list.spans);
  return ps.map((p) => {
    const k = Math.min(n, Math.max(1, rankOf(p, n)));
    const low = kthSmallest(list.spans, k, (span) => span.first);
    const high = kthSmallest(ends, k, lastOf);
    const lo = lowerEdge(low);
    // The closed spans hold fewer than k values, so the k-th lower edge is that of an open one or lies above it.
    if (high >= openOrdinal) return { value: clamp(lo, limits), low, high };
    const hi = upperEdge(high);
    if (low === high) return { value: clamp(middle(lo, hi), limits), low, high };
    return { value: clamp(reach(list.spans, k - 0.5, lo, hi), limits), low, high };
  });
}

/** ceil(p n), where doubles make 7.000000000000001 of 0.07 x 100. */
function rankOf(p: number, n: number): number {
  return Math.ceil(p * n * (1 - 4 * Number.EPSILON));
}

/** Least relative error against either edge. Both have one sign; zero's bin has no width. */
function middle(a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}

function clamp(value: number, { min, max }: Limits): number {
  const low = min === null ? value : Math.max(value, min);
  return max === null ? low : Math.min(low, max);
}

function lastOf(span: Span): number {
  return span.first + span.width - 1;
}

/** Spans ordered by where they end; most lists are in that order already. By numbers that hold end and place: to compare two spans costs ten times as much. */
function byEnd(spans: readonly Span[]): readonly Span[] {
  const keys = new Int32Array(spans.length);
  let end = Number.NEGATIVE_INFINITY;
  let isOrdered = true;
  for (const [at, span] of spans.entries()) {
    keys[at] = (lastOf(span) - minOrdinal) * spans.length + at;
    if (lastOf(span) < end) isOrdered = false;
    end = lastOf(span);
  }
  return isOrdered
    ? spans
    : Array.from(keys.sort(), (key) => spans[key % spans.length]).filter((span) => span !== undefined);
}

function kthSmallest(spans: readonly Span[], k: number, ordinalOf: (span: Span) => number): number {
  let seen = 0;
  for (const span of spans) {
    seen += span.count;
    if (seen >= k) return ordinalOf(span);
  }
  throw new Error('percentile: k is beyond the count');
}

/** A closed span that lies between two values in part, by its edges. */
interface Near {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/**
 * The x from `lo` to `hi` at which the counts of closed spans, each spread evenly inside itself, reach `target`; the nearer of the two where that lies
 * outside. Open spans count nowhere: they never end. Walks from edge to edge, past `lo` at once: a window of many series has hundreds of edges, and few
 * between its bounds.
 */
function reach(spans: readonly Span[], target: number, lo: number, hi: number): number {
  let seen = 0;
  const near: Near[] = [];
  for (const span of spans) {
    const last = lastOf(span);
    if (last >= openOrdinal) continue;
    const [from, to, { count }] = [lowerEdge(span.first), upperEdge(last), span];
    if (to <= lo) seen += count;
    else if (from < hi) {
      if (from < lo) seen += count * ((lo - from) / (to - from));
      near.push({ from, to, count });
    }
  }
  let x = lo;
  while (seen < target && x < hi) {
    let turn = hi;
    // Added up anew at each turn: taking a narrow span's density off again would leave its rounding to the wide ones.
    let density = 0;
    for (const { from, to, count } of near) {
      if (from > x) turn = Math.min(turn, from);
      else if (to > x) {
        turn = Math.min(turn, to);
        density += count / (to - from);
      }
    }
    const upTo = seen + density * (turn - x);
    if (density > 0 && upTo >= target) return Math.min(x + (target - seen) / density, turn);
    seen = upTo;
    x = turn;
    // Zero's own bin has no width.
    for (const { from, to, count } of near) if (from === x && to === x) seen += count;
  }
  return x;
}
