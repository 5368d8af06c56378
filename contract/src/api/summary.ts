import { z } from 'zod';
import { colour, serviceStatus, timestamp } from './primitives.ts';

/** design §6: the worst of all that was ever heard. */
export const verdict = z.object({
  /** The worst of services, signs and alerts. */
  status: z.enum(['ok', 'unknown', 'degraded', 'down']),
  /** One sentence: the first cause in words. */
  reason: z.string(),
  /** When this status began. */
  since: timestamp.nullable(),
});

/** One point a minute over the last hour, oldest first; null = no data in that minute. */
export const sparkline = z.array(z.object({ ts: timestamp, value: z.number().nullable() }));

/** contract.md §6. */
export const vitalSign = z.object({
  /** In `unit`; null = no data. */
  value: z.number().nullable(),
  /** `ms`, `/s`, `%`. */
  unit: z.string(),
  /** By the thresholds; null where there is nothing to judge. */
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
  /** Of the latency card: the least the percentile can be. Null elsewhere. */
  lo: z.number().nullable(),
  /** And the most; null where nobody can know. */
  hi: z.number().nullable(),
  /** Where it becomes yellow and red, in `unit`. */
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
  /** Which threshold, in words. */
  signal: z.string(),
  /** What was measured, and of whom. */
  subject: z.string(),
  value: z.number(),
  unit: z.string(),
  colour: z.enum(['yellow', 'red']),
  /** The bound that was passed. */
  threshold: z.number(),
  since: timestamp,
});

/** A change of a service's status. */
export const transition = z.object({
  ts: timestamp,
  service: z.string(),
  old_status: serviceStatus,
  new_status: serviceStatus,
  reason: z.string(),
});
export type TransitionItem = z.infer<typeof transition>;

/** Newest readings over all voice services; null = none in the last 3 min. `join_success_rate_1h` 0-100, null without a join. */
export const voiceNow = z.object({
  active_sessions: z.number().nullable(),
  active_rooms: z.number().nullable(),
  join_success_rate_1h: z.number().min(0).max(100).nullable(),
});
export type VoiceNow = z.infer<typeof voiceNow>;
/** Of a deployment without voice. */
export const noVoice: VoiceNow = { active_sessions: null, active_rooms: null, join_success_rate_1h: null };

/** The one row of `telemetry_summary`, as the leader writes it every 5 s. */
export const storedSummary = z.object({
  verdict,
  /** The four golden signals. */
  vital_signs: z.object({ latency: vitalSign, traffic: vitalSign, errors: vitalSign, saturation: vitalSign }),
  /** Every service of the contract, in its order. */
  services: z.array(serviceHealth),
  /** The newest changes of the last 24 h, newest first, at most 20. Left out by sidecars before 0.2. */
  transitions: z.array(transition).default([]),
  /** What is yellow or red now. */
  alerts: z.array(alert),
  /** Left out by sidecars before 0.2. */
  voice: voiceNow.default(noVoice),
  metadata: z.object({
    /** The primary service: the one that was set, else the one with most requests. */
    service: z.string().nullable(),
    version: z.string().nullable(),
    environment: z.string().nullable(),
    /** Seconds since its process started. */
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
