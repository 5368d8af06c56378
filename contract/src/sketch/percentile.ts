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
  const k = Math.min(n, Math.max(1, rankOf(p, n)));
  const lowOrdinal = kthSmallest(list.spans, k, (span) => span.first);
  const highOrdinal = kthSmallest(byEnd(list.spans), k, lastOf);
  const lo = lowerEdge(lowOrdinal);
  // The closed spans hold fewer than k values, so the k-th lower edge is that of an open one or lies above it.
  if (highOrdinal >= openOrdinal) return { value: clamp(lo, limits), lo, hi: null, quality: 'overflow' };
  const hi = upperEdge(highOrdinal);
  if (lowOrdinal === highOrdinal) return { value: clamp(middle(lo, hi), limits), lo, hi, quality: 'exact' };
  const x = Math.min(Math.max(spread(list.spans, k - 0.5), lo), hi);
  return { value: clamp(x, limits), lo, hi, quality: 'bounded' };
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

/** Where a span's counts begin or end. */
interface Turn {
  readonly x: number;
  readonly isBegin: boolean;
  /** Values per unit of x. */
  readonly density: number;
  /** Values at exactly x: of a span without width. */
  readonly here: number;
}

/** The x at which the counts of closed spans, spread evenly inside each, reach `target`. Open spans count nowhere: they never end. */
function spread(spans: readonly Span[], target: number): number {
  // Added up anew at each turn: taking a narrow span's density off again would leave its rounding to the wide ones.
  const active: number[] = [];
  let seen = 0;
  let x = 0;
  for (const turn of turnsOf(spans)) {
    const density = active.reduce((sum, one) => sum + one, 0);
    const upTo = seen + density * (turn.x - x);
    if (density > 0 && upTo >= target) return x + (target - seen) / density;
    seen = upTo + turn.here;
    x = turn.x;
    if (seen >= target) return x;
    if (turn.isBegin) active.push(turn.density);
    else active.splice(active.indexOf(turn.density), 1);
  }
  return x;
}

/** At most two a span, in order of x. */
function turnsOf(spans: readonly Span[]): Turn[] {
  const turns: Turn[] = [];
  for (const span of spans) {
    if (lastOf(span) >= openOrdinal) continue;
    const lower = lowerEdge(span.first);
    const upper = upperEdge(lastOf(span));
    const width = upper - lower;
    const density = width === 0 ? 0 : span.count / width;
    turns.push({ x: lower, isBegin: true, density, here: width === 0 ? span.count : 0 });
    turns.push({ x: upper, isBegin: false, density, here: 0 });
  }
  return turns.sort((a, b) => a.x - b.x);
}
