import { limits } from '../limits.ts';
import { oneOf, positive, repeated, text, traceId } from './parameters.ts';

const domain = text('auth, chat, voice, ws, db, crypto, admin, other, or what the sender named.').optional();

/** What chooses log records (interfaces.md §1). */
export const logFilters = {
  level: oneOf('Severity.', ['WARN', 'ERROR']).optional(),
  domain,
  service: text('service.name.').optional(),
  trace_id: traceId.optional(),
  search: text('Found anywhere in event or message, whatever its case.').optional(),
};

const spanStatus = oneOf('error: status >= 500 or span status ERROR; slow: at or over the span threshold.', [
  'all',
  'error',
  'slow',
]);

/** What chooses spans. */
export const traceFilters = {
  status: spanStatus.default('all'),
  domain,
  route: text('A route template, as stored.').optional(),
  duration_min: positive('Milliseconds.').optional(),
  trace_id: traceId.optional(),
};

/** The same without a default, to know whether it was given. */
export const optionalSpanStatus = spanStatus.optional();

/** What chooses series. `isRequired`: for the document, whether a metric must be named. */
export const trendFilters = (isRequired: boolean) => ({
  metric: repeated('A metric of the contract, by any of its names.', limits.trendMetrics, isRequired),
  where: repeated('<label>:<value>, a label that the metric keeps.', limits.trendConditions),
  by: text('One label that the metric keeps: a series for each of its values.').optional(),
});
