import { z } from 'zod';
import { timestamp } from './primitives.ts';

/** A row of `telemetry_log_events`. */
export const logItem = z.object({
  id: z.string(),
  ts: timestamp,
  level: z.enum(['WARN', 'ERROR']),
  service: z.string(),
  domain: z.string(),
  event: z.string(),
  message: z.string(),
  trace_id: z.string().nullable(),
  span_id: z.string().nullable(),
  sampled: z.boolean(),
  attrs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type LogItem = z.infer<typeof logItem>;

/** With `group=1`: repeats of one (level, service, domain, event) as one row, newest first. */
export const logGroup = logItem.extend({ count: z.int(), first_ts: timestamp });
export type LogGroup = z.infer<typeof logGroup>;

/** `GET /logs`. Items carry `count` and `first_ts` only where grouped. */
export const logs = z.object({
  items: z.array(logItem.extend({ count: z.int().optional(), first_ts: timestamp.optional() })),
  next_cursor: z.string().nullable(),
});
export type Logs = z.infer<typeof logs>;

/** A row of `telemetry_trace_index`. */
export const traceItem = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  ts: timestamp,
  span_name: z.string(),
  domain: z.string(),
  route: z.string().nullable(),
  status_code: z.string().nullable(),
  is_error: z.boolean(),
  duration_ms: z.number(),
  service: z.string(),
  sampled: z.boolean(),
});
export type TraceItem = z.infer<typeof traceItem>;

/** `GET /traces`. */
export const traces = z.object({ items: z.array(traceItem), next_cursor: z.string().nullable() });
export type Traces = z.infer<typeof traces>;
