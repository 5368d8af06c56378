import type { Config } from '@command-center/contract/api/config';
import type { TraceItem } from '@command-center/contract/api/lists';
import type { Colour } from '@command-center/contract/api/primitives';
import { colourOf, type ThresholdName } from '@command-center/contract/thresholds';

/** By which threshold a span's duration is judged: database spans by that of queries, all others by that of the API (contract.md §3). */
export function thresholdOf({ domain }: Pick<TraceItem, 'domain'>): ThresholdName {
  return domain === 'db' ? 'DB_QUERY_P95' : 'API_LATENCY_P95';
}

/** The colour of a span's duration under the operator's bounds; null until they are known. */
export function durationColour(config: Config | null, span: Pick<TraceItem, 'domain' | 'duration_ms'>): Colour {
  const bounds = config?.thresholds.find(({ name }) => name === thresholdOf(span));
  if (bounds === undefined) return null;
  return colourOf({ ...bounds, isLowerWorse: bounds.lower_is_worse }, span.duration_ms);
}
