import { lowerEdge, openOrdinal, upperEdge, zeroOrdinal } from './grid.ts';
import type { Span, SpanList } from './spans.ts';

/** A bar of a histogram: values of (lower, upper]. */
export interface Bin {
  readonly lower: number;
  /** Null: open. */
  readonly upper: number | null;
  readonly count: number;
}

export interface Bins {
  readonly bins: readonly Bin[];
  /** Whether counts of spans that reach over several bins were spread evenly. */
  readonly isEstimated: boolean;
}

/** Bars a chart can show. */
export const maxBins = 40;

/**
 * A distribution as bars, ascending. Buckets of one kind stay as they are where there are few; an edge between two of them that is no edge of the grid is
 * shown in the middle of the grid's bin it lies in, at most 1.1 % off. Else bins of one width on the grid, as narrow as `maxBins` allow.
 */
export function binsOf({ spans, isInexact }: SpanList): Bins {
  if (spans.length === 0) return { bins: [], isEstimated: false };
  const own = spans.length <= maxBins ? sideBySide(spans) : undefined;
  return own === undefined ? regular(spans, isInexact) : { bins: own, isEstimated: isInexact };
}

/** The spans as bins; undefined where some overlap by more than the bin that a shared edge lies in. */
function sideBySide(spans: readonly Span[]): readonly Bin[] | undefined {
  const bins: Bin[] = [];
  for (const [at, { first, width, count }] of spans.entries()) {
    const [before, after] = [spans[at - 1], spans[at + 1]];
    const last = first + width - 1;
    if (after !== undefined && after.first < last) return undefined;
    const sharesFirst = before !== undefined && before.first + before.width - 1 === first;
    const sharesLast = after !== undefined && after.first === last;
    if ((sharesFirst || sharesLast) && width === 1) return undefined;
    bins.push({
      lower: sharesFirst ? middleOf(first) : lowerEdge(first),
      upper: last >= openOrdinal ? null : sharesLast ? middleOf(last) : upperEdge(last),
      count,
    });
  }
  return bins;
}

function middleOf(ordinal: number): number {
  const [a, b] = [lowerEdge(ordinal), upperEdge(ordinal)];
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}

/** Bins of a power of two of the grid's own; what reaches below the lowest that is known to be above zero stands in the first. */
function regular(spans: readonly Span[], isInexact: boolean): Bins {
  const closed = spans.filter((span) => lastOf(span) < openOrdinal);
  const top = closed.reduce((most, span) => Math.max(most, lastOf(span)), Number.NEGATIVE_INFINITY);
  const above = spans.filter((span) => span.first > zeroOrdinal).map((span) => span.first);
  const base = Math.min(...(above.length > 0 ? above : spans.map((span) => span.first)), top);
  let size = 1;
  while ((top - base) / size > maxBins - 3) size *= 2;
  const edges: number[] = [];
  if (closed.length > 0) for (let at = base; at <= top; at += size) edges.push(at);
  const bottom = Math.min(...spans.map((span) => span.first));
  const firsts = bottom < base ? [bottom, ...edges] : edges;
  const counts = firsts.map(() => 0);
  let isEstimated = isInexact;
  let open = 0;
  for (const span of spans) {
    if (lastOf(span) >= openOrdinal) {
      open += span.count;
      continue;
    }
    const parts = firsts.map((first, at) => shareWithin(span, first, (firsts[at + 1] ?? top + 1) - 1));
    // Not quite 1 where the span reaches over zero: next to it the grid has a gap.
    const whole = parts.reduce((sum, part) => sum + part, 0);
    if (!parts.includes(1)) isEstimated = true;
    for (const [at, part] of parts.entries()) counts[at] = (counts[at] ?? 0) + (part / whole) * span.count;
  }
  const bins: Bin[] = firsts.map((first, at) => ({
    lower: lowerEdge(first),
    upper: upperEdge((firsts[at + 1] ?? top + 1) - 1),
    count: counts[at] ?? 0,
  }));
  if (open > 0) bins.push({ lower: lowestOpen(spans), upper: null, count: open });
  return { bins, isEstimated };
}

function lastOf({ first, width }: Span): number {
  return first + width - 1;
}

function lowestOpen(spans: readonly Span[]): number {
  return lowerEdge(Math.min(...spans.filter((span) => lastOf(span) >= openOrdinal).map(({ first }) => first)));
}

/** Which part of a closed span's values lies in the ordinals `first` to `last`, spread evenly. */
function shareWithin(span: Span, first: number, last: number): number {
  if (span.first >= first && lastOf(span) <= last) return 1;
  const from = Math.max(span.first, first);
  const to = Math.min(lastOf(span), last);
  if (from > to) return 0;
  const width = upperEdge(lastOf(span)) - lowerEdge(span.first);
  return width === 0 ? 0 : (upperEdge(to) - lowerEdge(from)) / width;
}
