import { z } from 'zod';
import type { RankedPercentile } from '../sketch/percentile.ts';

/** How windows that are merged over all series of a metric lie in the database (migration 0005): the leader writes them, the API reads them. */

/** A minute or an hour, merged over series and writers; which numbers it has depends on the metric's kind. */
export interface MergedWindow {
  readonly startMs: number;
  readonly count?: number | null | undefined;
  readonly sum?: number | null | undefined;
  readonly value?: number | null | undefined;
  readonly min?: number | null | undefined;
  readonly max?: number | null | undefined;
  /** p50, p95 and p99, of all events; [] where a part came without buckets: nobody knows them. */
  readonly percentiles: readonly RankedPercentile[];
}

const names = [
  'count',
  'sum',
  'value',
  'min',
  'max',
  'p50',
  'p50_low',
  'p50_high',
  'p95',
  'p95_low',
  'p95_high',
  'p99',
  'p99_low',
  'p99_high',
] as const;
type Name = (typeof names)[number];

/** Numbers of an hour by name; those it does not have are left out. */
export const mergedNumbers = z.partialRecord(z.enum(names), z.number());
export type MergedNumbers = z.infer<typeof mergedNumbers>;

const column = z.array(z.number().nullable()).optional();

/** The same of an hour's minutes, as arrays: element i belongs to minute `minutes[i]` of the hour. */
export const mergedColumns = z.object({
  minutes: z.array(z.int()),
  count: column,
  sum: column,
  value: column,
  min: column,
  max: column,
  p50: column,
  p50_low: column,
  p50_high: column,
  p95: column,
  p95_low: column,
  p95_high: column,
  p99: column,
  p99_low: column,
  p99_high: column,
} satisfies Record<Name | 'minutes', z.ZodType>);
export type MergedColumns = z.infer<typeof mergedColumns>;

export function numbersOf(window: MergedWindow): MergedNumbers {
  const { count, sum, value, min, max, percentiles } = window;
  const known: Partial<Record<Name, number | null | undefined>> = { count, sum, value, min, max };
  for (const [at, name] of (['p50', 'p95', 'p99'] as const).entries()) {
    const ranked = percentiles[at];
    known[name] = ranked?.value;
    known[`${name}_low`] = ranked?.low;
    known[`${name}_high`] = ranked?.high;
  }
  return Object.fromEntries(Object.entries(known).filter(([, number]) => number !== null && number !== undefined));
}

export function columnsOf(minutes: readonly MergedWindow[], hourMs: number): MergedColumns {
  const all = minutes.map(numbersOf);
  const known = names.filter((name) => all.some((numbers) => numbers[name] !== undefined));
  return {
    minutes: minutes.map(({ startMs }) => (startMs - hourMs) / 60_000),
    ...Object.fromEntries(known.map((name) => [name, all.map((numbers) => numbers[name] ?? null)])),
  };
}

/** A window out of its numbers. */
export function windowOf(numberOf: (name: Name) => number | null | undefined, startMs: number): MergedWindow {
  const ranked = (name: 'p50' | 'p95' | 'p99'): readonly RankedPercentile[] => {
    const value = numberOf(name) ?? null;
    const low = numberOf(`${name}_low`) ?? null;
    const high = numberOf(`${name}_high`) ?? null;
    return value === null || low === null || high === null ? [] : [{ value, low, high }];
  };
  return {
    startMs,
    count: numberOf('count'),
    sum: numberOf('sum'),
    value: numberOf('value'),
    min: numberOf('min'),
    max: numberOf('max'),
    percentiles: [...ranked('p50'), ...ranked('p95'), ...ranked('p99')],
  };
}

export function minutesOf(columns: MergedColumns, hourMs: number): readonly MergedWindow[] {
  return columns.minutes.map((minute, at) => windowOf((name) => columns[name]?.[at], hourMs + minute * 60_000));
}
