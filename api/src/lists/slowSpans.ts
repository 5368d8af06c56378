import type { Settings } from '@command-center/contract/settings/settings';
import type { TraceFilters } from '../queries/tracePage.ts';

/** From how many milliseconds on a span counts as slow: the yellow bounds of latency and of database queries (contract.md §3). */
export function slowSpanMs({ thresholds }: Pick<Settings, 'thresholds'>): TraceFilters['slowMs'] {
  return { db: thresholds.DB_QUERY_P95.warn, other: thresholds.API_LATENCY_P95.warn };
}
