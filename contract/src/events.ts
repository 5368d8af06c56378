import { z } from 'zod';
import { serviceStatus, timestamp } from './api/primitives.ts';

/** Frames of the live socket (interfaces.md §4): `{id, type, ts, data}`. */
const frame = <T extends string, D extends z.ZodType>(type: T, data: D) =>
  z.object({ id: z.string(), type: z.literal(type), ts: timestamp, data });

const percent = z.number().min(0).max(100);

/** A service changed its status. */
export const healthChange = frame(
  'admin.observability.health_change',
  z.object({ service: z.string(), old_status: serviceStatus, new_status: serviceStatus }),
);

/** An ERROR log was stored. */
export const errorEvent = frame(
  'admin.observability.error_event',
  z.object({
    ts: timestamp,
    service: z.string(),
    domain: z.string(),
    event: z.string(),
    message: z.string(),
    trace_id: z.string().nullable(),
  }),
);

/** Every 5 s; null = unknown. `latency_p95` in ms, `traffic_rate` in requests/s, the others 0-100. */
export const vitalSigns = frame(
  'admin.observability.vital_signs',
  z.object({
    latency_p95: z.number().nullable(),
    traffic_rate: z.number().nullable(),
    error_rate: percent.nullable(),
    saturation_pct: z.number().nullable(),
  }),
);

/** Every 5 s, to subscribers of the voice topic. `join_success_rate_1h` 0-100. */
export const voicePulse = frame(
  'admin.observability.voice_pulse',
  z.object({
    active_sessions: z.number().nullable(),
    active_rooms: z.number().nullable(),
    join_success_rate_1h: percent.nullable(),
  }),
);

export const liveEvent = z.discriminatedUnion('type', [healthChange, errorEvent, vitalSigns, voicePulse]);
export type LiveEvent = z.infer<typeof liveEvent>;

export const liveTopic = z.enum(['overview', 'voice']);

/** The browser's first message. */
export const subscribe = z.object({
  type: z.literal('subscribe'),
  ticket: z.string().max(200),
  topics: z.array(liveTopic).max(liveTopic.options.length),
});
