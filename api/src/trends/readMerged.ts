import type { RankedPercentile } from '@command-center/contract/sketch/percentile';
import type { Period } from '@command-center/drizzle/trends/columns';
import type { TransactionSql } from 'postgres';
import {
  type MergedRow,
  mergedHours,
  mergedMinutes,
  mergedRow,
  mergedUpTo,
  mergedUpToRow,
} from '../queries/mergedTrend.ts';
import { checked } from '../statement.ts';
import type { PointWindow } from './points.ts';

export interface MergedPart {
  readonly windows: readonly PointWindow[];
  /** From here on nothing is merged yet. */
  readonly upToMs: number;
}

/** The windows of a metric that the leader merged over all its series, oldest first; `seriesIds`: all of them. */
export async function readMerged(
  tx: TransactionSql,
  metric: { readonly name: string; readonly seriesIds: readonly number[] },
  resolution: '1m' | '1h',
  period: Period,
): Promise<MergedPart> {
  const read = resolution === '1m' ? mergedMinutes : mergedHours;
  const [upTo, rows] = await Promise.all([
    mergedUpTo(tx, metric.name, metric.seriesIds, period),
    read(tx, metric.name, period),
  ]);
  const [known] = checked(mergedUpToRow, upTo);
  const upToMs = known === undefined ? period.fromMs : known.merged_up_to.getTime();
  const windows = checked(mergedRow, rows).flatMap((row) =>
    row.starts.map((startMs, at) => windowAt(row, startMs, at)),
  );
  return {
    windows: windows.filter(({ startMs }) => startMs >= period.fromMs && startMs < Math.min(upToMs, period.toMs)),
    upToMs,
  };
}

function windowAt(row: MergedRow, startMs: number, at: number): PointWindow {
  const percentiles = [
    rankedAt(row.value_p50, row.p50_low, row.p50_high, at),
    rankedAt(row.value_p95, row.p95_low, row.p95_high, at),
    rankedAt(row.value_p99, row.p99_low, row.p99_high, at),
  ].filter((ranked) => ranked !== undefined);
  return {
    startMs,
    count: row.value_count?.[at],
    sum: row.value_sum?.[at],
    value: row.value_last?.[at],
    min: row.value_min?.[at],
    max: row.value_max?.[at],
    percentiles,
  };
}

type Column = MergedRow['value_p50'];

function rankedAt(values: Column, lows: Column, highs: Column, at: number): RankedPercentile | undefined {
  const value = values?.[at] ?? null;
  const low = lows?.[at] ?? null;
  const high = highs?.[at] ?? null;
  return value === null || low === null || high === null ? undefined : { value, low, high };
}
