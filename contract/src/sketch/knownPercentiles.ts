import type { Sketches } from './frames.ts';
import { mergeSketches } from './mergeEncoded.ts';
import { type Limits, type RankedPercentile, rankPercentiles } from './percentile.ts';
import { countOf } from './spans.ts';

/** p50, p95 and p99 of `count` events; [] where that is not what the sketches hold: a part came without buckets, and nobody knows them. */
export function knownPercentiles(sketches: Sketches, count: number, limits: Limits): readonly RankedPercentile[] {
  if (count === 0) return [];
  const spans = mergeSketches(sketches);
  return countOf(spans) === count ? rankPercentiles(spans, [0.5, 0.95, 0.99], limits) : [];
}
