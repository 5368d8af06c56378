import { z } from 'zod';
import { timestamp } from './primitives.ts';

/** A row of `telemetry_log_events`. */
export const logItem = z.object({
  /** The record's own, the same however often it was sent. */
  id: z.string(),
  /** The record's time. */
  ts: timestamp,
  level: z.enum(['WARN', 'ERROR']),
  /** service.name of the sender. */
  service: z.string(),
  /** auth, chat, voice, ws, db, crypto, admin, other, or what the sender named. */
  domain: z.string(),
  /** Its event name; of a record without one its scope. */
  event: z.string(),
  /** Redacted text, at most 2 KB. */
  message: z.string(),
  trace_id: z.string().nullable(),
  span_id: z.string().nullable(),
  /** False: the trace was not sampled, so that there is none to look at. */
  sampled: z.boolean(),
  /** The few attributes that are kept, redacted. */
  attrs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type LogItem = z.infer<typeof logItem>;

/** With `group=1`: repeats of one (level, service, domain, event) as one row, newest first. */
export const logGroup = logItem.extend({ count: z.int(), first_ts: timestamp });
export type LogGroup = z.infer<typeof logGroup>;

/** `GET /logs`. Items carry `count` and `first_ts` only where grouped. */
export const logs = z.object({
  /** Newest first. Of a group `count` says how often, `first_ts` since when. */
  items: z.array(logItem.extend({ count: z.int().optional(), first_ts: timestamp.optional() })),
  /** `cursor` of the next page; null at the end. */
  next_cursor: z.string().nullable(),
});
export type Logs = z.infer<typeof logs>;

/** A row of `telemetry_trace_index`. */
export const traceItem = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  /** When the span began. */
  ts: timestamp,
  /** Of a database span its operation and collection. */
  span_name: z.string(),
  domain: z.string(),
  /** Route template of a server span. */
  route: z.string().nullable(),
  /** Of HTTP or gRPC, else OK or ERROR as the span says. */
  status_code: z.string().nullable(),
  /** Span status ERROR, or a status of 500 and more. */
  is_error: z.boolean(),
  duration_ms: z.number(),
  service: z.string(),
  sampled: z.boolean(),
});
export type TraceItem = z.infer<typeof traceItem>;

/** `GET /traces`. */
export const traces = z.object({ items: z.array(traceItem), next_cursor: z.string().nullable() });
export type Traces = z.infer<typeof traces>;
