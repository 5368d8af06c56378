import { z } from 'zod';
import { timestamp } from './primitives.ts';

export const signal = z.enum(['metrics', 'logs', 'traces']);

/** Counts are of records (points, log records, spans) in the asked range. */
export const intakeRow = z.object({
  signal,
  service: z.string(),
  /** Metric name where one is known, else ''. */
  name: z.string(),
  /** When the newest of them came. */
  last: timestamp,
  /** Records that came in committed batches. */
  received: z.number(),
  /** Of these, what is stored. */
  stored: z.number(),
  /** Left out by design, such as metrics outside the contract. */
  dropped: z.number(),
  /** Can never be accepted; the sender was told. */
  refused: z.number(),
});

export const intakeReason = z.object({
  signal,
  service: z.string(),
  outcome: z.enum(['dropped', 'refused', 'noted', 'masked']),
  /** Code of contract/src/reasons.ts, or a redaction rule. */
  reason: z.string(),
  /** The reason in words and what to do. */
  text: z.string(),
  name: z.string(),
  count: z.number(),
  last: timestamp,
});

/** `GET /intake`. */
export const intake = z.object({
  from: timestamp,
  to: timestamp,
  /** A row a signal, service and metric, newest first. */
  by_service: z.array(intakeRow),
  /** Why records were not kept, or what there is to know of them. */
  reasons: z.array(intakeReason),
  /** Metrics outside the contract, most first. */
  unknown_metrics: z.array(z.object({ name: z.string(), service: z.string(), count: z.number(), last: timestamp })),
  /** Which source counts where several report one metric. */
  sources: z.array(
    z.object({ holder: z.string(), metric_name: z.string(), source: z.string(), from: timestamp.nullable() }),
  ),
  /** True where a list had more rows than are answered. */
  truncated: z.boolean(),
});
export type Intake = z.infer<typeof intake>;
