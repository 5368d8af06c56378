/**
 * The SQL of `telemetry_metric_packed` (migration 0003): how the minutes of an hour become arrays, and minutes again. Texts without any value of a caller's,
 * for `sql.unsafe` within a statement.
 */

/** Values of a minute, as in the columns `value_…` of the samples. */
export type MinuteValue = 'count' | 'sum' | 'min' | 'max' | 'last' | 'last_ms' | 'p50' | 'p95' | 'p99';

/** Those that have a `_wide` twin. */
const NUMBERS = ['count', 'sum', 'min', 'max', 'last'] as const;
const OTHERS = ['last_ms', 'p50', 'p95', 'p99'] as const;
export const minuteValues: readonly MinuteValue[] = [...NUMBERS, ...OTHERS];

const everyMinute = `'{${Array.from({ length: 60 }, (_, minute) => minute).join(',')}}'::smallint[]`;

/** What else is needed to read a value, since some arrays are left out. */
const NEEDS: Readonly<Partial<Record<MinuteValue, readonly MinuteValue[]>>> = {
  count: ['sum'],
  min: ['last', 'last_ms'],
  max: ['last', 'last_ms'],
};

/** The minutes of a packed hour, `row` being its table's alias: a FROM item `e`, to follow CROSS JOIN LATERAL. */
export function unpacked(row: string, values: readonly MinuteValue[]): string {
  const columns = [...new Set(values.flatMap((value) => [value, ...(NEEDS[value] ?? [])]))].flatMap((value) =>
    isNumber(value) ? [value, `${value}_wide`] : [value],
  );
  const arrays = columns.map((column) => `${row}.value_${column}`).join(', ');
  return `unnest(coalesce(${row}.minutes, ${everyMinute}), ${arrays}) AS e (minute, ${columns.map((column) => `e_${column}`).join(', ')})`;
}

/** Start of the minute that `unpacked` gives. */
export function unpackedTs(row: string): string {
  return `${row}.hour + e.minute * interval '1 minute'`;
}

/** The value of the minute that `unpacked` gives. */
export function unpackedValue(value: MinuteValue): string {
  if (value === 'count') return `coalesce(e.e_count, e.e_count_wide, round(coalesce(e.e_sum, e.e_sum_wide)))::bigint`;
  if (value === 'min' || value === 'max')
    return `coalesce(e.e_${value}, e.e_${value}_wide, CASE WHEN e.e_last_ms IS NOT NULL THEN coalesce(e.e_last, e.e_last_wide) END)`;
  return isNumber(value) ? `coalesce(e.e_${value}, e.e_${value}_wide)` : `e.e_${value}`;
}

/** The value of an hour's `minute`-th element, from 1, without taking the arrays apart. */
export function packedAt(row: string, value: MinuteValue, minute: number): string {
  const one = (column: string): string => `${row}.value_${column}[${minute}]`;
  if (value === 'count')
    return `coalesce(${one('count')}, ${one('count_wide')}, round(coalesce(${one('sum')}, ${one('sum_wide')})))`;
  if (value === 'min' || value === 'max')
    return `coalesce(${one(value)}, ${one(`${value}_wide`)}, CASE WHEN ${one('last_ms')} IS NOT NULL THEN coalesce(${one('last')}, ${one('last_wide')}) END)`;
  return isNumber(value) ? `coalesce(${one(value)}, ${one(`${value}_wide`)})` : one(value);
}

/**
 * Writers of one minute as one row, over a group of parts with the columns of the samples: as readers merge them (view telemetry_metrics), and so that
 * a later part joins as it would have joined the others.
 */
export const mergedWriters = `
  sum(value_count)::double precision AS value_count, sum(value_sum) AS value_sum,
  CASE WHEN bool_and(value_min IS NOT NULL OR value_count = 0) THEN min(value_min) END AS value_min,
  CASE WHEN bool_and(value_max IS NOT NULL OR value_count = 0) THEN max(value_max) END AS value_max,
  CASE WHEN bool_and(value_max IS NULL) THEN sum(value_last)
    ELSE (array_agg(value_last ORDER BY value_last_ms DESC NULLS LAST, value_last DESC NULLS LAST))[1] END AS value_last,
  max(value_last_ms) AS value_last_ms,
  ${['p50', 'p95', 'p99']
    .map(
      (p) => `CASE WHEN max(value_count) >= 0.9 * sum(value_count)
    THEN (array_agg(value_${p} ORDER BY value_count DESC NULLS LAST))[1] END AS value_${p}`,
    )
    .join(',\n  ')}`;

/** Columns of the arrays. */
export const packedColumns = minuteValues
  .flatMap((value) => (isNumber(value) ? [`value_${value}`, `value_${value}_wide`] : [`value_${value}`]))
  .join(', ');

/** The arrays of `packedColumns` over a group of merged minutes with a column `minute`. */
export const packedArrays = minuteValues
  .flatMap((value) => {
    const column = `value_${value}`;
    // Of additive gauges, which have no extremes, the time of the newest reading decides nothing; kept, it would say that extremes were left out.
    if (value === 'last_ms')
      return [`CASE WHEN count(value_max) > 0 THEN array_agg(value_last_ms ORDER BY minute) END`];
    if (!isNumber(value)) return [`CASE WHEN count(${column}) > 0 THEN array_agg(${column} ORDER BY minute) END`];
    const isKept = [`count(${column}) > 0`, ...leftOutUnless(value)].join(' AND ');
    const fit = `bool_and(${fitsReal(column)})`;
    return [
      `CASE WHEN ${isKept} AND ${fit} THEN array_agg(CASE WHEN ${fitsReal(column)} THEN ${column}::real END ORDER BY minute) END`,
      `CASE WHEN ${isKept} AND NOT ${fit} THEN array_agg(${column}::double precision ORDER BY minute) END`,
    ];
  })
  .join(',\n  ');

/** For DO UPDATE SET. */
export const packedOverwrite = packedColumns
  .split(', ')
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');

/** Whether a float4 holds the number exactly; the bounds keep the cast from failing. */
function fitsReal(column: string): string {
  return `CASE WHEN ${column} IS NULL OR ${column} = 0 THEN true
    WHEN abs(${column}) BETWEEN 1e-37 AND 3e38 THEN ${column}::double precision = ${column}::real::double precision ELSE false END`;
}

/** Arrays that say what others say already are left out. */
function leftOutUnless(value: (typeof NUMBERS)[number]): readonly string[] {
  if (value === 'count') return [`bool_and(value_count IS NOT DISTINCT FROM round(value_sum)) IS NOT TRUE`];
  if (value === 'min' || value === 'max')
    return [
      `(bool_and(value_${value} IS NOT DISTINCT FROM value_last) AND bool_and(value_last_ms IS NOT NULL)) IS NOT TRUE`,
    ];
  return [];
}

function isNumber(value: MinuteValue): value is (typeof NUMBERS)[number] {
  return NUMBERS.some((one) => one === value);
}
