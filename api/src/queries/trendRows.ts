import type { TrendWindow } from '@command-center/drizzle/trends/columns';
import type { PackedSketches } from '@command-center/drizzle/trends/minutes';
import { z } from 'zod';

const number = z.number().nullable().optional();

/** What `trendMinutes` and `trendHours` answer. */
export const trendWindowRow = z.object({
  member: z.int(),
  ts: z.date(),
  count: number,
  sum: number,
  value: number,
  min: number,
  max: number,
  sketches: z.instanceof(Uint8Array).nullable().optional(),
}) satisfies z.ZodType<TrendWindow>;

/** What `packedSketches` answers. */
export const packedSketchesRow = z.object({
  member: z.int(),
  hour: z.date(),
  sketches: z.instanceof(Uint8Array),
}) satisfies z.ZodType<PackedSketches>;
