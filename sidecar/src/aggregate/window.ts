import { percentiles } from '@command-center/contract/sketch/percentile';
import { countOf, type SpanList } from '@command-center/contract/sketch/spans';

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
  const [p50, p95, p99] = percentiles(spans, [0.5, 0.95, 0.99], { min, max });
  return { p50: p50?.value ?? null, p95: p95?.value ?? null, p99: p99?.value ?? null };
}
