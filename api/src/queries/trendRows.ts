import type { TrendRow } from '@command-center/drizzle/trends/columns';
import type { PackedHistogram, PackedSketches } from '@command-center/drizzle/trends/minutes';
import { z } from 'zod';

const bytes = z.instanceof(Uint8Array).nullable();
const column = bytes.optional();

/** What `trendMinutes` and `trendHours` answer. */
export const trendRow = z.object({
  member: z.int(),
  hour: z.number().nullable(),
  starts: bytes,
  count: column,
  sum: column,
  value: column,
  min: column,
  max: column,
  sketches: column,
}) satisfies z.ZodType<TrendRow>;

/** What `packedHistograms` answers. */
export const packedHistogramRow = z.object({
  member: z.int(),
  hour: z.number(),
  minutes: bytes,
  count: bytes,
  count_wide: bytes,
  sum: bytes,
  sum_wide: bytes,
  min: bytes,
  min_wide: bytes,
  max: bytes,
  max_wide: bytes,
}) satisfies z.ZodType<PackedHistogram>;

/** What `packedSketches` answers. */
export const packedSketchesRow = z.object({
  member: z.int(),
  hour: z.date(),
  sketches: z.instanceof(Uint8Array),
}) satisfies z.ZodType<PackedSketches>;
