import { lowerEdge, openOrdinal, upperEdge } from './grid.ts';
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
  let spread: Spread | undefined;
  return ps.map((p) => {
    const k = Math.min(n, Math.max(1, rankOf(p, n)));
    const low = kthSmallest(list.spans, k, (span) => span.first);
    const high = kthSmallest(ends, k, lastOf);
    const lo = lowerEdge(low);
    // The closed spans hold fewer than k values, so the k-th lower edge is that of an open one or lies above it.
    if (high >= openOrdinal) return { value: clamp(lo, limits), low, high };
    const hi = upperEdge(high);
    if (low === high) return { value: clamp(middle(lo, hi), limits), low, high };
    spread ??= new Spread(list.spans, ends);
    const x = Math.min(Math.max(spread.reach(k - 0.5), lo), hi);
    return { value: clamp(x, limits), low, high };
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

/** Spans ordered by where they end; most lists are in that order already. */
function byEnd(spans: readonly Span[]): readonly Span[] {
  const isOrdered = spans.every((span, index) => {
    const previous = spans[index - 1];
    return previous === undefined || lastOf(previous) <= lastOf(span);
  });
  return isOrdered ? spans : [...spans].sort((a, b) => lastOf(a) - lastOf(b));
}

function kthSmallest(spans: readonly Span[], k: number, ordinalOf: (span: Span) => number): number {
  let seen = 0;
  for (const span of spans) {
    seen += span.count;
    if (seen >= k) return ordinalOf(span);
  }
  throw new Error('percentile: k is beyond the count');
}

/** Counts of closed spans, spread evenly inside each, walked upwards. Open spans count nowhere: they never end. */
class Spread {
  /** Edges ascend with ordinals, so both orders are those of their edges. */
  readonly #begins: readonly Span[];
  readonly #ends: readonly Span[];
  #begun = 0;
  #ended = 0;
  /** Values per unit of x of the spans that have begun and not ended. Added up anew at each turn: taking a narrow span's density off again would leave
   * its rounding to the wide ones. */
  readonly #active: number[] = [];
  #seen = 0;
  #x = 0;

  constructor(begins: readonly Span[], ends: readonly Span[]) {
    const isClosed = (span: Span): boolean => lastOf(span) < openOrdinal;
    this.#begins = begins.every(isClosed) ? begins : begins.filter(isClosed);
    this.#ends = ends.every(isClosed) ? ends : ends.filter(isClosed);
  }

  /** The x at which the counts reach `target`, which must not be less than the one before. */
  reach(target: number): number {
    for (;;) {
      if (this.#seen >= target) return this.#x;
      const begin = this.#begins[this.#begun];
      const end = this.#ends[this.#ended];
      if (end === undefined) return this.#x;
      const beginX = begin === undefined ? Number.POSITIVE_INFINITY : lowerEdge(begin.first);
      const endX = upperEdge(lastOf(end));
      const turnX = Math.min(beginX, endX);
      let density = 0;
      for (const one of this.#active) density += one;
      const upTo = this.#seen + density * (turnX - this.#x);
      if (density > 0 && upTo >= target) return this.#x + (target - this.#seen) / density;
      this.#seen = upTo;
      this.#x = turnX;
      if (begin !== undefined && beginX <= endX) this.#begin(begin);
      else this.#end(end);
    }
  }

  #begin(span: Span): void {
    this.#begun += 1;
    const width = widthOf(span);
    if (width === 0) this.#seen += span.count;
    else this.#active.push(span.count / width);
  }

  #end(span: Span): void {
    this.#ended += 1;
    const width = widthOf(span);
    if (width > 0) this.#active.splice(this.#active.indexOf(span.count / width), 1);
  }
}

/** 0 of zero's own bin. */
function widthOf(span: Span): number {
  return upperEdge(lastOf(span)) - lowerEdge(span.first);
}
