import { type MergedWindow, minutesOf, windowOf } from '@command-center/contract/trends/merged';
import type { Period } from '@command-center/drizzle/trends/columns';
import type { TransactionSql } from 'postgres';
import {
  mergedHours,
  mergedHoursRow,
  mergedMinutes,
  mergedMinutesRow,
  mergedUpTo,
  mergedUpToRow,
} from '../queries/mergedTrend.ts';
import { checked } from '../statement.ts';

export interface MergedPart {
  readonly windows: readonly MergedWindow[];
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
  const [upTo, windows] = await Promise.all([
    mergedUpTo(tx, metric.name, metric.seriesIds, period),
    resolution === '1m' ? readMinutes(tx, metric.name, period) : readHours(tx, metric.name, period),
  ]);
  const [known] = checked(mergedUpToRow, upTo);
  const upToMs = known === undefined ? period.fromMs : known.merged_up_to.getTime();
  return {
    windows: windows.filter(({ startMs }) => startMs >= period.fromMs && startMs < Math.min(upToMs, period.toMs)),
    upToMs,
  };
}

async function readMinutes(tx: TransactionSql, metricName: string, period: Period): Promise<readonly MergedWindow[]> {
  const rows = checked(mergedMinutesRow, await mergedMinutes(tx, metricName, period));
  return rows.flatMap(({ hour, columns }) => minutesOf(columns, hour.getTime()));
}

async function readHours(tx: TransactionSql, metricName: string, period: Period): Promise<readonly MergedWindow[]> {
  const [row] = checked(mergedHoursRow, await mergedHours(tx, metricName, period));
  return (row?.hours ?? []).map(([hourMs, numbers]) => windowOf((name) => numbers[name], hourMs));
}
