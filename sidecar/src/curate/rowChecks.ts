import type { ReasonCode } from '@command-center/contract/reasons';
import {
  BUCKETS,
  BUCKETS_AT,
  NUMBER_ROW,
  type PointTable,
  ROW_WIDTH,
  START_MS,
  START_NS,
  TIME_MS,
  TIME_NS,
  VALUE,
} from '../decode/pointTable.ts';
import type { Metric } from '../decode/records.ts';

/**
 * What `valueProblem` says of a point, said of a row of numbers: the two are held together by a test. Columns spare the hot path an object
 * and two bigints a point.
 */
export function rowProblem(table: PointTable, row: number, metric: Metric): ReasonCode | undefined {
  const { numbers } = table;
  const at = row * ROW_WIDTH;
  if (metric.kind !== 'gauge' && startsAfterItsTime(numbers, at)) return 'impossible_interval';
  const value = numbers[at + VALUE] ?? 0;
  if (table.typeOf(row) === NUMBER_ROW) {
    if (!Number.isFinite(value)) return 'not_finite';
    return metric.isMonotonic && value < 0 ? 'negative_increase' : undefined;
  }
  return bucketProblem(table, at, row, value);
}

function startsAfterItsTime(numbers: Float64Array, at: number): boolean {
  const startMs = numbers[at + START_MS] ?? 0;
  const timeMs = numbers[at + TIME_MS] ?? 0;
  return startMs > timeMs || (startMs === timeMs && (numbers[at + START_NS] ?? 0) > (numbers[at + TIME_NS] ?? 0));
}

/** Bounds that were found to increase: a metric's points share theirs. */
let increasing: readonly number[] = [];

function bucketProblem(table: PointTable, at: number, row: number, count: number): ReasonCode | undefined {
  const { numbers, counts } = table;
  const from = numbers[at + BUCKETS_AT] ?? 0;
  const buckets = numbers[at + BUCKETS] ?? 0;
  const bounds = table.boundsOf(row);
  if (buckets === 0 && bounds.length === 0) return undefined;
  if (buckets !== bounds.length + 1) return 'impossible_buckets';
  if (bounds !== increasing) {
    let before = -Infinity;
    for (const bound of bounds) {
      // Also refuses NaN.
      if (!(bound > before)) return 'impossible_buckets';
      before = bound;
    }
    increasing = bounds;
  }
  let sum = 0;
  for (let bucket = from; bucket < from + buckets; bucket += 1) sum += counts[bucket] ?? 0;
  return sum === count ? undefined : 'impossible_buckets';
}
