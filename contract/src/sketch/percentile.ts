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

export interface Limits {
  /** Smallest and largest value of the same window, where they are known. */
  readonly min: number | null;
  readonly max: number | null;
}

const noLimits: Limits = { min: null, max: null };

/**
 * The p-quantile (0 < p <= 1) of the distribution; null of an empty one. `lo` and `hi` are the k-th smallest lower and upper edge,
 * k = ceil(p n), each span taken `count` times: the true value lies between them. Source: design §4.
 */
export function percentile(list: SpanList, p: number, limits: Limits = noLimits): Percentile | null {
  const n = countOf(list);
  if (n === 0) return null;
  // 0.95 * 20 is 19.000000000000004 in doubles, and k must be 19.
  const k = Math.min(n, Math.max(1, Math.ceil(p * n - 1e-9 * n)));
  const lowOrdinal = kthSmallest(list.spans, k, (span) => span.first);
  const highOrdinal = kthSmallest(byEnd(list.spans), k, (span) => span.first + span.width - 1);
  const lo = lowerEdge(lowOrdinal);
  if (highOrdinal >= openOrdinal) {
    const edge = reachesOpen(list.spans, k) ? lowerEdge(lowestOpen(list.spans)) : spread(list.spans, k - 0.5);
    return { value: clamp(Math.max(edge, lo), limits), lo, hi: null, quality: 'overflow' };
  }
  const hi = upperEdge(highOrdinal);
  if (lowOrdinal === highOrdinal) return { value: clamp(middle(lo, hi), limits), lo, hi, quality: 'exact' };
  const x = Math.min(Math.max(spread(list.spans, k - 0.5), lo), hi);
  return { value: clamp(x, limits), lo, hi, quality: 'bounded' };
}

/** Least relative error against either edge. Both have one sign; zero's bin has no width. */
function middle(a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}

function clamp(value: number, { min, max }: Limits): number {
  const low = min === null ? value : Math.max(value, min);
  return max === null ? low : Math.min(low, max);
}

/** Spans ordered by where they end; most lists are in that order already. */
function byEnd(spans: readonly Span[]): readonly Span[] {
  const isOrdered = spans.every((span, index) => {
    const previous = spans[index - 1];
    return previous === undefined || previous.first + previous.width <= span.first + span.width;
  });
  return isOrdered ? spans : [...spans].sort((a, b) => a.first + a.width - (b.first + b.width));
}

function kthSmallest(spans: readonly Span[], k: number, ordinalOf: (span: Span) => number): number {
  let seen = 0;
  for (const span of spans) {
    seen += span.count;
    if (seen >= k) return ordinalOf(span);
  }
  throw new Error('percentile: k is beyond the count');
}

function isOpen(span: Span): boolean {
  return span.first + span.width - 1 >= openOrdinal;
}

/** Whether the k-th value can only be in an open span. */
function reachesOpen(spans: readonly Span[], k: number): boolean {
  let closed = 0;
  for (const span of spans) if (!isOpen(span)) closed += span.count;
  return k > closed;
}

function lowestOpen(spans: readonly Span[]): number {
  return spans.find(isOpen)?.first ?? openOrdinal;
}

/** The x at which the counts, spread evenly inside their spans, reach `target`. Open spans begin to count at their lower edge and never end. */
function spread(spans: readonly Span[], target: number): number {
  const closed = spans.filter((span) => !isOpen(span));
  const edges = [
    ...new Set(closed.flatMap((span) => [lowerEdge(span.first), upperEdge(span.first + span.width - 1)])),
  ].sort((a, b) => a - b);
  let below = 0;
  for (const [index, x] of edges.entries()) {
    const here = countUpTo(closed, x);
    if (here >= target) {
      const from = edges[index - 1];
      // A step (a span without width), or the very first edge.
      if (from === undefined || below >= here) return x;
      const before = countBefore(closed, x);
      return before < target ? x : from + ((x - from) * (target - below)) / (before - below);
    }
    below = here;
  }
  return edges.at(-1) ?? 0;
}

/** Values up to and including x. */
function countUpTo(spans: readonly Span[], x: number): number {
  return share(spans, x, (lower) => (lower <= x ? 1 : 0));
}

/** Values below x, without those of a span that has no width and lies at x. */
function countBefore(spans: readonly Span[], x: number): number {
  return share(spans, x, (lower) => (lower < x ? 1 : 0));
}

function share(spans: readonly Span[], x: number, ofPoint: (at: number) => number): number {
  let count = 0;
  for (const span of spans) {
    const lower = lowerEdge(span.first);
    const upper = upperEdge(span.first + span.width - 1);
    const part = upper === lower ? ofPoint(lower) : Math.min(Math.max((x - lower) / (upper - lower), 0), 1);
    count += span.count * part;
  }
  return count;
}
