import { z } from 'zod';

/** Times on the wire are RFC 3339 in UTC with milliseconds. */
export const timestamp = z.iso.datetime();

/** interfaces.md §1: how exact a percentile is. */
export const quality = z.enum(['exact', 'bounded', 'overflow']);
export type Quality = z.infer<typeof quality>;

export const colour = z.enum(['green', 'yellow', 'red']).nullable();
export type Colour = z.infer<typeof colour>;

export const serviceStatus = z.enum(['healthy', 'degraded', 'down', 'unconfigured', 'unknown']);
export type ServiceStatus = z.infer<typeof serviceStatus>;

export const rangeName = z.enum(['1h', '6h', '24h', '7d', '30d']);
export type RangeName = z.infer<typeof rangeName>;

/** RFC 9457, `application/problem+json`. `parameter` names what was wrong in the request; `sign_in` is the path at which a browser may sign in. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  parameter: z.string().optional(),
  sign_in: z.string().optional(),
});
export type Problem = z.infer<typeof problem>;
