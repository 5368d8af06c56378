import { z } from 'zod';
import { colour, serviceStatus, timestamp } from './primitives.ts';

/** design §6: the worst of all that was ever heard. */
export const verdict = z.object({
  status: z.enum(['ok', 'unknown', 'degraded', 'down']),
  /** One sentence: the first cause in words. */
  reason: z.string(),
  since: timestamp.nullable(),
});

/** One point a minute over the last hour, oldest first; null = no data in that minute. */
export const sparkline = z.array(z.object({ ts: timestamp, value: z.number().nullable() }));

/** contract.md §6. */
export const vitalSign = z.object({
  value: z.number().nullable(),
  /** `ms`, `/s`, `%`. */
  unit: z.string(),
  colour,
  /** True where the newest datum is older than 3 min or nothing was ever heard; `value` is null then. */
  unknown: z.boolean(),
  /** Events in the window the sign is judged by; null for gauges. */
  n: z.number().nullable(),
  /** Numerator, where the sign is a ratio (5xx responses), else null. */
  numerator: z.number().nullable(),
  /** What is measured: `p95 over 5 min, orders`, `DB pool, orders`. */
  subject: z.string(),
  /** Percentile quality as words for the latency card; null elsewhere. */
  quality: z.enum(['exact', 'bounded', 'overflow']).nullable(),
  lo: z.number().nullable(),
  hi: z.number().nullable(),
  thresholds: z.object({ warn: z.number().nullable(), crit: z.number().nullable() }),
  /** Age of the newest datum in seconds; null = never heard. */
  age_s: z.number().nullable(),
  sparkline,
});
export type VitalSign = z.infer<typeof vitalSign>;

export const serviceHealth = z.object({
  id: z.string(),
  name: z.string(),
  status: serviceStatus,
  reason: z.string(),
  since: timestamp.nullable(),
});
export type ServiceHealth = z.infer<typeof serviceHealth>;

export const alert = z.object({
  signal: z.string(),
  subject: z.string(),
  value: z.number(),
  unit: z.string(),
  colour: z.enum(['yellow', 'red']),
  threshold: z.number(),
  since: timestamp,
});

/** The one row of `telemetry_summary`, as the leader writes it every 5 s. */
export const storedSummary = z.object({
  verdict,
  vital_signs: z.object({ latency: vitalSign, traffic: vitalSign, errors: vitalSign, saturation: vitalSign }),
  services: z.array(serviceHealth),
  alerts: z.array(alert),
  metadata: z.object({
    service: z.string().nullable(),
    version: z.string().nullable(),
    environment: z.string().nullable(),
    uptime_s: z.number().nullable(),
    users_active: z.number().nullable(),
    guilds: z.number().nullable(),
  }),
  /** When the leading sidecar started. */
  started_at: timestamp,
  /** Newest metric minute, log and span stored; null = none yet. */
  freshness: z.object({ metrics: timestamp.nullable(), logs: timestamp.nullable(), traces: timestamp.nullable() }),
});
export type StoredSummary = z.infer<typeof storedSummary>;

/** `GET /summary`. */
export const summary = storedSummary.extend({
  /** When a sidecar last wrote this; null = no sidecar has ever written. */
  written_at: timestamp.nullable(),
  /** True past 15 s without a write, and where the database does not answer and this is what was last read: every status then reads `unknown` (design §6). */
  stale: z.boolean(),
  /** The database's now(). */
  now: timestamp,
  /** Audit rows that could not be written since this API process started. */
  audit_failures: z.int(),
});
export type Summary = z.infer<typeof summary>;
