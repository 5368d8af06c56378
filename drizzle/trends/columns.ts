import type { Sketches } from '@command-center/contract/sketch/frames';
import type { TrendShape } from '@command-center/contract/trends/shape';
import type { Fragment, ISql } from 'postgres';
import { numberArray } from '../arrays.ts';
import { type MinuteValue, unpacked, unpackedTs, unpackedValue } from '../packed.ts';

/** The statements behind a trend: the API answers with them what it is asked, the leader what it is asked most (telemetry_merged_minutes). */

/** From the first on, and before the last. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A window of one member of a trend, merged over writers and series. What its shape does not have is null. */
export interface TrendWindow {
  /** Position in the list of members. */
  readonly member: number;
  readonly startMs: number;
  readonly count: number | null;
  readonly sum: number | null;
  readonly value: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Of its parts. */
  readonly sketches: Sketches;
}

/** Windows of one member, an array a column (sent.ts); which columns there are depends on the shape. */
export interface TrendRow {
  readonly member: number;
  /** Start of the hour whose sixty minutes these are, in seconds since the epoch; null where `starts` tells the start of each window. */
  readonly hour: number | null;
  readonly starts: Uint8Array | null;
  readonly count?: Uint8Array | null | undefined;
  readonly sum?: Uint8Array | null | undefined;
  readonly value?: Uint8Array | null | undefined;
  readonly min?: Uint8Array | null | undefined;
  readonly max?: Uint8Array | null | undefined;
  /** Each window's, one after another, each behind its length in 4 bytes, big-endian (sketch/frames.ts). */
  readonly sketches?: Uint8Array | null | undefined;
}

const hourMs = 3_600_000;

/** Start of the hour that a time lies in. */
export function hourOf(ms: number): number {
  return Math.floor(ms / hourMs) * hourMs;
}

/** Series to read: parallel arrays of series id and position of its member. */
export interface ChosenSeries {
  readonly ids: readonly number[];
  readonly members: readonly number[];
}

/** Which packed hours are read minute by minute. Reading them takes longer to plan than all the rest takes to run. */
export type PackedHours = 'all' | 'with gaps' | 'none';

/** Minutes of the chosen series, open, closed and packed ones alike (a window is in one place only); a packed one's sketch lies elsewhere. */
export function minuteWindows(
  sql: ISql,
  shape: TrendShape,
  ids: readonly number[],
  { fromMs, toMs }: Period,
  packed: PackedHours,
): Fragment {
  const columns = partColumns(sql, shape);
  const within = sql`series_id = ANY (${numberArray(ids)}::integer[]) AND ts >= ${new Date(fromMs)} AND ts < ${new Date(toMs)}`;
  return sql`
    SELECT series_id, ts, ${columns} FROM telemetry_open_windows WHERE ${within}
    UNION ALL
    SELECT series_id, ts, ${columns} FROM telemetry_metric_samples WHERE ${within}
    ${packed === 'none' ? sql`` : sql`UNION ALL ${packedMinutes(sql, shape, ids, { fromMs, toMs }, packed)}`}`;
}

function packedMinutes(
  sql: ISql,
  shape: TrendShape,
  ids: readonly number[],
  { fromMs, toMs }: Period,
  packed: Exclude<PackedHours, 'none'>,
): Fragment {
  const values = partValues[shape];
  const columns = [
    ...values.map((value) => `${unpackedValue(value)} AS value_${value}`),
    ...(shape === 'histogram' ? ['NULL::bytea'] : []),
  ];
  const ts = sql.unsafe(unpackedTs('p'));
  return sql`
    SELECT p.series_id, ${ts}, ${sql.unsafe(columns.join(', '))}
    FROM telemetry_metric_packed AS p CROSS JOIN LATERAL ${sql.unsafe(unpacked('p', values))}
    WHERE p.series_id = ANY (${numberArray(ids)}::integer[]) AND p.hour > ${new Date(fromMs - hourMs)} AND p.hour < ${new Date(toMs)}
      AND ${ts} >= ${new Date(fromMs)} AND ${ts} < ${new Date(toMs)} ${packed === 'with gaps' ? sql`AND p.minutes IS NOT NULL` : sql``}`;
}

/** What has to be read of each minute. */
const partValues: Readonly<Record<TrendShape, readonly MinuteValue[]>> = {
  counter: ['sum'],
  histogram: ['count', 'sum', 'min', 'max'],
  additive: ['last'],
  max: ['min', 'max'],
  min: ['min', 'max'],
  last: ['min', 'max', 'last', 'last_ms'],
};

/** The same as columns; of a histogram the sketch too. */
export function partColumns(sql: ISql, shape: TrendShape): Fragment {
  const columns = partValues[shape].map((value) => `value_${value}`);
  return sql.unsafe([...columns, ...(shape === 'histogram' ? ['sketch'] : [])].join(', '));
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
