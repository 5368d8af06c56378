import type { CatalogueEntry } from '../catalogue/entry.ts';

/** How windows of a metric add up over writers and series (design §4). */
export type TrendShape = 'counter' | 'histogram' | 'additive' | 'max' | 'min' | 'last';

export function trendShapeOf(entry: Pick<CatalogueEntry, 'kind' | 'merge'>): TrendShape {
  if (entry.kind !== 'gauge') return entry.kind;
  return entry.merge === 'sum' ? 'additive' : entry.merge;
}
