import type { StoredSummary } from '@command-center/contract/api/summary';
import { labelOf, type RowsByMetric, readings, type Series } from './recent.ts';

type Metadata = StoredSummary['metadata'];

/** Of the primary service: the one that was set, else the one with most requests in the last hour. Pure. */
export function metadataOf(service: string | null, series: readonly Series[], rows: RowsByMetric): Metadata {
  const own = series.filter((one) => labelOf(one, 'service.name') === service);
  const environment = own.map((one) => labelOf(one, 'deployment.environment.name')).find((name) => name !== '');
  return {
    service,
    // No label carries the version: contract.md §1 has no such key, so no series tells it.
    version: null,
    environment: environment ?? null,
    uptime_s: newest(rows, 'process.uptime', service),
    users_active: newest(rows, 'kaiku_users_active', null),
    guilds: newest(rows, 'kaiku_guilds', null),
  };
}

/** The greatest of the newest minute; of all services where none is named, since each reports the whole. */
function newest(rows: RowsByMetric, metric: string, service: string | null): number | null {
  const found = readings(rows.get(metric) ?? []).filter(
    (reading) => service === null || labelOf(reading.series, 'service.name') === service,
  );
  const present = found.filter((reading) => reading.minuteMs === found[0]?.minuteMs);
  return present.length === 0 ? null : Math.max(...present.map((reading) => reading.value));
}
