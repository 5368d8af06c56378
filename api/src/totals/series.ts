import type { TransactionSql } from 'postgres';
import { limits } from '../limits.ts';
import { type LabelledSeries, labelledSeries, labelledSeriesRow } from '../queries/labelledSeries.ts';
import { type BadParameter, badParameter } from '../requests/window.ts';
import { checked } from '../statement.ts';

export interface TooManySeries {
  readonly refusal: BadParameter;
}

/** The series of the metrics with all the given labels; more than one answer adds up are a refusal, never a cut. */
export async function readSeries(
  tx: TransactionSql,
  metricNames: readonly string[],
  where: Readonly<Record<string, string>>,
): Promise<{ readonly found: readonly LabelledSeries[] } | TooManySeries> {
  const limit = limits.trendSeriesRead * metricNames.length;
  const found = checked(labelledSeriesRow, await labelledSeries(tx, metricNames, where, limit));
  if (found.length <= limit) return { found };
  return { refusal: badParameter('service', `service must narrow this: there are over ${limit} series.`) };
}
