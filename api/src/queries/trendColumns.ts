import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import type { Fragment, ISql } from 'postgres';
import { z } from 'zod';

/** How windows of a metric add up over writers and series (design §4). */
export type TrendShape = 'counter' | 'histogram' | 'additive' | 'max' | 'min' | 'last';

export function shapeOf(entry: CatalogueEntry): TrendShape {
  if (entry.kind !== 'gauge') return entry.kind;
  return entry.merge === 'sum' ? 'additive' : entry.merge;
}

const number = z.number().nullable().optional();

/** A window of one member of a trend, merged over writers and series; which columns it has depends on the shape. */
export const trendWindowRow = z.object({
  /** Position in the list of members. */
  member: z.int(),
  ts: z.date(),
  count: number,
  sum: number,
  value: number,
  min: number,
  max: number,
  /** The parts' sketches one after another, each behind its length in 4 bytes, big-endian. */
  sketches: z.instanceof(Uint8Array).nullable().optional(),
});
export type TrendWindowRow = z.infer<typeof trendWindowRow>;

/** Series to read: parallel arrays of series id and position of its member. */
export interface ChosenSeries {
  readonly ids: readonly number[];
  readonly members: readonly number[];
}

/** Minutes of the chosen series, open and closed ones alike (a window is never in both). */
export function minuteWindows(sql: ISql, columns: Fragment, ids: readonly number[], from: Date, to: Date): Fragment {
  return sql`
    SELECT series_id, ts, ${columns} FROM telemetry_open_windows
    WHERE series_id = ANY (${[...ids]}::integer[]) AND ts >= ${from} AND ts < ${to}
    UNION ALL
    SELECT series_id, ts, ${columns} FROM telemetry_metric_samples
    WHERE series_id = ANY (${[...ids]}::integer[]) AND ts >= ${from} AND ts < ${to}`;
}

/** What has to be read of each window. */
export function partColumns(sql: ISql, shape: TrendShape): Fragment {
  switch (shape) {
    case 'counter':
      return sql`value_sum`;
    case 'histogram':
      return sql`value_count, value_sum, value_min, value_max, sketch`;
    case 'additive':
      return sql`value_last`;
    default:
      return sql`value_min, value_max, value_last, value_last_ms`;
  }
}

/**
 * Merges counters and histograms, of minutes as of hours: they only add. A least and a greatest value are known only where every part with
 * events knows its own.
 */
export function addedColumns(sql: ISql, shape: 'counter' | 'histogram'): Fragment {
  if (shape === 'counter') return sql`sum(value_sum) AS sum`;
  return sql`sum(value_count)::double precision AS count, sum(value_sum) AS sum,
    CASE WHEN bool_and(value_min IS NOT NULL OR value_count = 0) THEN min(value_min) END AS min,
    CASE WHEN bool_and(value_max IS NOT NULL OR value_count = 0) THEN max(value_max) END AS max,
    string_agg(int4send(length(sketch)) || sketch, ''::bytea) FILTER (WHERE value_count > 0) AS sketches`;
}

/** Merges the minutes of a gauge: over writers alone where grouped by series, over all where grouped by member. */
export function readingColumns(sql: ISql, shape: Exclude<TrendShape, 'counter' | 'histogram'>): Fragment {
  switch (shape) {
    case 'additive':
      return sql`sum(value_last) AS value, sum(value_last) AS min, sum(value_last) AS max`;
    case 'max':
      return sql`max(value_max) AS value, min(value_min) AS min, max(value_max) AS max`;
    case 'min':
      return sql`min(value_min) AS value, min(value_min) AS min, max(value_max) AS max`;
    case 'last':
      return sql`(array_agg(value_last ORDER BY value_last_ms DESC, value_last DESC))[1] AS value,
        min(value_min) AS min, max(value_max) AS max`;
  }
}
