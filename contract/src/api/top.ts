import { z } from 'zod';
import { quality, timestamp } from './primitives.ts';

/** A route over all its methods and services. */
export const topRoute = z.object({
  /** The template; `_OTHER`: requests of no known route. */
  route: z.string(),
  /** Requests. */
  count: z.number(),
  /** Of all requests of the range, in seconds; null where none was timed, or a part came without buckets. */
  p95: z.number().nullable(),
  p95_lo: z.number().nullable(),
  /** Null beside a `p95`: it lies in the last, open bucket. */
  p95_hi: z.number().nullable(),
  p95_quality: quality.nullable(),
  /** 5xx, and errors without a status code. */
  error_count: z.number(),
  /** Errors over requests, 0-1; null without requests. */
  error_rate: z.number().nullable(),
});
export type TopRoute = z.infer<typeof topRoute>;

/** What a top list covers: the asked range, whose edges may have been moved to whole hours. */
const covered = { from: timestamp, to: timestamp };

/** `GET /top-routes`. */
export const topRoutes = z.object({
  ...covered,
  items: z.array(topRoute),
  /** Requests of no known route because their labels exceeded the metric's budget; in no row. */
  overflow_count: z.number(),
});
export type TopRoutes = z.infer<typeof topRoutes>;

/** `GET /top-errors`. `error_type`: what the sender named, else the HTTP status, else `_OTHER`. */
export const topErrors = z.object({
  ...covered,
  items: z.array(z.object({ error_type: z.string(), count: z.number() })),
  /** Errors of no known type because their labels exceeded the metric's budget; in no row. */
  overflow_count: z.number(),
});
export type TopErrors = z.infer<typeof topErrors>;
