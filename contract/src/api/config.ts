import { z } from 'zod';

/** `GET /config`. */
export const config = z.object({
  /** Of this API. */
  version: z.string(),
  thresholds: z.array(
    z.object({
      name: z.string(),
      signal: z.string(),
      unit: z.string(),
      warn: z.number(),
      crit: z.number(),
      lower_is_worse: z.boolean(),
    }),
  ),
  /** Seconds between polls, by section. */
  cadences: z.object({
    summary: z.int(),
    feed: z.int(),
    trends: z.int(),
    traces: z.int(),
    logs: z.int(),
    infrastructure: z.int(),
    voice: z.int(),
    intake: z.int(),
  }),
  /** Address of the live socket; null = there is none, the console polls. */
  live_url: z.string().nullable(),
  /** What is not built yet is false (docs/roadmap.md). */
  features: z.object({
    client_telemetry: z.boolean(),
    valkey_info: z.boolean(),
    deploy_markers: z.boolean(),
    anomaly_baselines: z.boolean(),
  }),
  /** Days that telemetry is kept. */
  retention_days: z.int(),
  /** What the deployment keeps in Valkey, in the words of its contract file. */
  valkey_used_for: z.string().nullable(),
  /** Where a collector may send to, for the snippet of the empty state; null where this API does not know. */
  otlp: z.object({ grpc: z.string(), http: z.string() }).nullable(),
  /** Shown beside the OTel pipeline. */
  collector_endpoint: z.string().nullable(),
});
export type Config = z.infer<typeof config>;
