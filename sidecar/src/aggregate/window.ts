import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import { percentile } from '@command-center/contract/sketch/percentile';
import { countOf, emptySpans, mergeSpans, type SpanList } from '@command-center/contract/sketch/spans';
import type { Increment } from './step.ts';

/** One series in one minute, as one writer has it (design §4): a row of open windows or samples. Which members are set depends on the kind. */
export interface Window {
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly lastMs: number | null;
  readonly spans: SpanList | null;
}

const noWindow: Window = { count: null, sum: null, min: null, max: null, last: null, lastMs: null, spans: null };

/**
 * Adds an increment to a series' minute. `field` count = an incoming histogram feeds a counter by its count.
 * @throws Error where the increment cannot feed the entry's kind: curation lets no such point through.
 */
export function applyIncrement(
  window: Window | undefined,
  increment: Increment,
  entry: Pick<CatalogueEntry, 'name' | 'kind' | 'merge'>,
  field: 'value' | 'count',
): Window {
  const before = window ?? noWindow;
  switch (entry.kind) {
    case 'counter':
      return addIncrease(before, increaseOf(increment, entry.name, field));
    case 'histogram':
      if (increment.type !== 'histogram') throw mismatch(increment, entry.name);
      return addDistribution(before, increment, window === undefined);
    case 'gauge':
      if (increment.type === 'additiveGauge' && entry.merge === 'sum') return addContribution(before, increment);
      if (increment.type === 'additiveGauge') return addReading(before, increment.reading, increment.lastMs);
      if (increment.type === 'gauge') return addReading(before, increment.value, increment.lastMs);
      throw mismatch(increment, entry.name);
  }
}

/**
 * The row's percentiles: exact to the sketch, clamped to the window's own extremes. They are of all events or null: where a part came without
 * buckets nobody knows them.
 */
export function percentilesOf({ count, spans, min, max }: Window): {
  p50: number | null;
  p95: number | null;
  p99: number | null;
} {
  if (spans === null || countOf(spans) !== count) return { p50: null, p95: null, p99: null };
  const at = (p: number): number | null => percentile(spans, p, { min, max })?.value ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function increaseOf(increment: Increment, name: string, field: 'value' | 'count'): number {
  if (increment.type === 'counter') return increment.increase;
  if (increment.type === 'histogram' && field === 'count') return increment.count;
  throw mismatch(increment, name);
}

/** `count` is the sum rounded: counters may grow by fractions. */
function addIncrease(before: Window, increase: number): Window {
  const sum = (before.sum ?? 0) + increase;
  return { ...before, sum, count: Math.round(sum) };
}

function addDistribution(before: Window, added: Extract<Increment, { type: 'histogram' }>, isFirst: boolean): Window {
  // An empty interval has no extremes and takes none away.
  const isEmpty = added.count === 0;
  const isEmptyBefore = isFirst || before.count === 0;
  return {
    ...before,
    count: (before.count ?? 0) + added.count,
    sum: (before.sum ?? 0) + added.sum,
    min: isEmpty ? before.min : isEmptyBefore ? added.min : extreme(Math.min, before.min, added.min),
    max: isEmpty ? before.max : isEmptyBefore ? added.max : extreme(Math.max, before.max, added.max),
    spans: mergeSpans(before.spans ?? emptySpans, added.spans),
  };
}

/** Unknown of any part is unknown of the whole. */
function extreme(choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : choose(a, b);
}

function addContribution(before: Window, added: Extract<Increment, { type: 'additiveGauge' }>): Window {
  return {
    ...before,
    last: (before.last ?? 0) + added.contribution,
    lastMs: Math.max(before.lastMs ?? 0, added.lastMs),
  };
}

/** The newest wins, of two at one time the greater: the same in any order of arrival. */
function addReading(before: Window, value: number, lastMs: number): Window {
  const isNewer =
    before.last === null ||
    before.lastMs === null ||
    lastMs > before.lastMs ||
    (lastMs === before.lastMs && value > before.last);
  return {
    ...before,
    min: before.min === null ? value : Math.min(before.min, value),
    max: before.max === null ? value : Math.max(before.max, value),
    last: isNewer ? value : before.last,
    lastMs: isNewer ? lastMs : before.lastMs,
  };
}

function mismatch(increment: Increment, name: string): Error {
  return new Error(`${name} cannot take an increment of type ${increment.type}`);
}
