import { z } from 'zod';
import { colour, quality, timestamp } from './primitives.ts';
import { serviceHealth } from './summary.ts';
import { trendSeries } from './trends.ts';

const bounds = z.object({ warn: z.number(), crit: z.number() });
/** Null: the contract of this deployment has no such service. */
const status = serviceHealth.nullable();

/** How full something is now; a number is null where none was reported within 3 min. */
const fill = z.object({
  service: z.string(),
  /** 0-100 of the most there may be. */
  percent: z.number().nullable(),
  colour,
  /** Seconds since the newest minute with data began; null = none in the last hour. */
  age_s: z.number().nullable(),
});

/** Export failures over all exports of collectors. Takes no colour from fewer than 20. */
const failures = z.object({
  /** 0-100; null where nothing was exported. */
  value: z.number().nullable(),
  unit: z.literal('%'),
  n: z.number(),
  numerator: z.number(),
  colour,
});

/** `GET /infrastructure`. Series are those of `/trends`. */
export const infrastructure = z.object({
  now: timestamp,
  from: timestamp,
  to: timestamp,
  resolution: z.enum(['1m', '1h']),
  /** True past 15 s without a summary from a sidecar: no status says anything about now. */
  stale: z.boolean(),
  database: z.object({
    status,
    thresholds: bounds,
    pools: z.array(
      fill.extend({ used: z.number().nullable(), idle: z.number().nullable(), max: z.number().nullable() }),
    ),
    /** p95 over the last 5 min. */
    query: z.object({
      p95: z.number().nullable(),
      p95_lo: z.number().nullable(),
      p95_hi: z.number().nullable(),
      p95_quality: quality.nullable(),
      unit: z.literal('ms'),
      n: z.number(),
      colour,
      thresholds: bounds,
    }),
    /** Its `rate` is the query rate. */
    query_duration: trendSeries,
    slow_queries: z.object({
      /** From here on all slow spans are counted: later than the range's start where there were too many. */
      from: timestamp,
      items: z.array(
        z.object({
          span_name: z.string(),
          /** Slow ones: others leave no span. */
          count: z.number(),
          /** Of the spans themselves: no estimate. */
          p95_ms: z.number(),
          max_ms: z.number(),
        }),
      ),
    }),
  }),
  valkey: z.object({ status, used_for: z.string().nullable() }),
  s3: z.object({ status }),
  pipeline: z.object({
    status,
    collector_endpoint: z.string().nullable(),
    export_failures_5m: failures.extend({ thresholds: bounds }),
    export_failures: failures,
    /** What collectors sent and lost: spans, metric points and log records. */
    exports: z.array(z.object({ ts: timestamp, sent: z.number(), failed: z.number() })),
    /** Spans that SDKs dropped; null = nobody reports it. */
    dropped_spans: z.object({
      last_5_min: z.number().nullable(),
      in_range: z.number().nullable(),
      colour,
      thresholds: bounds,
    }),
    queues: z.array(
      fill.extend({
        exporter: z.string(),
        data_type: z.string(),
        size: z.number().nullable(),
        capacity: z.number().nullable(),
      }),
    ),
  }),
  memory: z.object({
    /** Bytes of one process; null = not configured. */
    limit: z.number().nullable(),
    /** The largest process of each service. */
    processes: z.array(fill.extend({ bytes: z.number().nullable() })),
    usage: trendSeries,
  }),
});
export type Infrastructure = z.infer<typeof infrastructure>;
