import { type ExportType, exportFormat, exportType } from '@command-center/contract/api/exports';
import { z } from 'zod';
import { logFilters, optionalSpanStatus, traceFilters, trendFilters } from './filters.ts';
import { oneOf, overTime } from './parameters.ts';
import { type BadParameter, badParameter } from './window.ts';

/** `metric` is required where type=metrics, which no schema of a query can say. */
const metricFilters = trendFilters(false);

/** The parameters of /export: the filters of all three types, and which of them belong to the type is `foreignFilter`'s to say. */
export const exportQuery = z.strictObject({
  type: oneOf('What to export.', exportType.options),
  format: oneOf('As what.', exportFormat.options),
  ...logFilters,
  ...traceFilters,
  status: optionalSpanStatus,
  ...metricFilters,
  ...overTime,
});
export type ExportQuery = z.infer<typeof exportQuery>;

const ofEveryType = ['type', 'format', ...Object.keys(overTime)];
const filtersOf: Readonly<Record<ExportType, ReadonlySet<string>>> = {
  logs: new Set([...ofEveryType, ...Object.keys(logFilters)]),
  traces: new Set([...ofEveryType, ...Object.keys(traceFilters)]),
  metrics: new Set([...ofEveryType, ...Object.keys(metricFilters)]),
};

/** A filter that was given and chooses nothing of this type: without effect it would be a lie. */
export function foreignFilter(query: ExportQuery): BadParameter | undefined {
  const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);
  const foreign = Object.entries(query).find(([name, value]) => isGiven(value) && !filtersOf[query.type].has(name));
  return foreign && badParameter(foreign[0], `${foreign[0]} is not a filter of type=${query.type}.`);
}
