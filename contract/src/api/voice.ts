import { z } from 'zod';
import { colour, quality, timestamp } from './primitives.ts';
import { sparkline } from './summary.ts';
import { trendSeries } from './trends.ts';

/** A gauge as it is now. */
const level = z.object({
  /** Of the newest complete minute; null where that is over 3 min old. */
  value: z.number().nullable(),
  /** Seconds since the newest minute with data began; null = none in the last hour. */
  age_s: z.number().nullable(),
  sparkline,
});

const bounds = z.object({ warn: z.number(), crit: z.number() });

/** Joins succeeded over joins. Takes no colour from fewer than 20. */
const joinSuccess = z.object({
  /** 0-100; null without joins. */
  value: z.number().nullable(),
  unit: z.literal('%'),
  /** Joins tried. */
  n: z.number(),
  numerator: z.number(),
  colour,
  thresholds: bounds,
});

/** A part of the voice health score (contract.md §4). */
const healthPart = z.object({
  id: z.enum(['join_success', 'packet_loss', 'jitter', 'crashes']),
  /** Of 100, as it counts now: the weights of parts without data are shared out; null = left out. */
  weight: z.number().nullable(),
  /** What it adds to the score, 0 to `weight`. */
  points: z.number().nullable(),
  /** Join success, p95 of packet loss and crashes over sessions ended in %, p95 of jitter in ms; null = no data. */
  value: z.number().nullable(),
  unit: z.enum(['%', 'ms']),
  /** Events it was measured of: joins, reports, sessions ended. */
  n: z.number(),
  /** Of the percentiles. */
  lo: z.number().nullable(),
  hi: z.number().nullable(),
  quality: quality.nullable(),
  colour,
});

/** `GET /voice/summary`. */
export const voiceSummary = z.object({
  now: timestamp,
  sessions: level,
  rooms: level,
  join_success_24h: joinSuccess,
  join_success_1h: joinSuccess,
  health: z.object({
    /** 0-100; null where no part has data. */
    score: z.number().nullable(),
    /** What it covers, begun with a whole hour. */
    from: timestamp,
    to: timestamp,
    parts: z.array(healthPart),
  }),
});
export type VoiceSummary = z.infer<typeof voiceSummary>;

/** Values of (lower, upper]. */
const bin = z.object({
  lower: z.number(),
  /** Null: the last, open bucket. */
  upper: z.number().nullable(),
  count: z.number(),
});

const distribution = z.object({
  unit: z.string(),
  count: z.number(),
  bins: z.array(bin),
  /** True where senders' buckets differ, so that some counts had to be spread over bins. */
  estimated: z.boolean(),
});
export type Distribution = z.infer<typeof distribution>;

/** Counts of quality reports by class. */
const qualityCounts = z.object({ poor: z.number(), fair: z.number(), good: z.number(), excellent: z.number() });

/** `GET /voice/quality`. Series are those of `/trends`. */
export const voiceQuality = z.object({
  from: timestamp,
  to: timestamp,
  resolution: z.enum(['1m', '1h']),
  packet_loss: trendSeries,
  jitter: trendSeries,
  latency: trendSeries,
  rtp: trendSeries,
  /** Joins succeeded over joins, 0-100; null where nobody tried. */
  join_success: z.array(
    z.object({ ts: timestamp, value: z.number().nullable(), n: z.number(), numerator: z.number() }),
  ),
  quality: z.object({
    totals: qualityCounts,
    points: z.array(qualityCounts.extend({ ts: timestamp })),
  }),
  session_duration: distribution,
  participants: distribution,
});
export type VoiceQuality = z.infer<typeof voiceQuality>;
