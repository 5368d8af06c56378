import { z } from 'zod';
import { logItem } from './api/lists.ts';
import { serviceStatus, timestamp } from './api/primitives.ts';
import { summary, voiceNow } from './api/summary.ts';

/**
 * Frames of the live socket (interfaces.md §4): `{id, type, ts, data}`. An error and a change have the same `id` whichever sidecar tells them, and however often.
 */
const frame = <T extends string, D extends z.ZodType>(type: T, data: D) =>
  z.object({ id: z.string(), type: z.literal(type), ts: timestamp, data });

const percent = z.number().min(0).max(100);

/** A service changed its status; `reason` in words. `ts`: when. */
export const healthChange = frame(
  'admin.observability.health_change',
  z.object({ service: z.string(), old_status: serviceStatus, new_status: serviceStatus, reason: z.string() }),
);

/** An ERROR log was stored; `id` is the record's. */
export const errorEvent = frame(
  'admin.observability.error_event',
  z.object({
    ts: timestamp,
    service: z.string(),
    domain: z.string(),
    event: z.string(),
    message: z.string(),
    trace_id: z.string().nullable(),
    /** Errors that were stored at the same time and are not sent one by one. */
    more: z.int(),
  }),
);

/** Every 5 s, and at once where the verdict or a status changes; null = unknown. `latency_p95` in ms, `traffic_rate` in requests/s, the others 0-100. */
export const vitalSigns = frame(
  'admin.observability.vital_signs',
  z.object({
    latency_p95: z.number().nullable(),
    traffic_rate: z.number().nullable(),
    error_rate: percent.nullable(),
    saturation_pct: z.number().nullable(),
    /** What these are taken from, as `GET /summary` answers it. */
    summary,
  }),
);

/** Every 5 s, to subscribers of the voice topic. */
export const voicePulse = frame('admin.observability.voice_pulse', voiceNow);

/** What a subscriber starts from, also after it was away: the present, and the newest errors of the last 24 h, newest first. */
export const snapshot = frame(
  'admin.observability.snapshot',
  z.object({ summary, errors: z.array(logItem), voice: voiceNow }),
);

export const liveEvent = z.discriminatedUnion('type', [healthChange, errorEvent, vitalSigns, voicePulse, snapshot]);
export type LiveEvent = z.infer<typeof liveEvent>;
export type LiveEventOf<T extends LiveEvent['type']> = Extract<LiveEvent, { readonly type: T }>;

export const liveTopic = z.enum(['overview', 'voice']);
export type LiveTopic = z.infer<typeof liveTopic>;

/** What a browser says: first with its ticket, later without, when its topics change. */
export const subscribe = z.strictObject({
  type: z.literal('subscribe'),
  ticket: z.string().max(200).optional(),
  topics: z.array(liveTopic).max(liveTopic.options.length),
});
