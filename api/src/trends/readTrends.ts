import type { TransactionSql } from 'postgres';
import { limits } from '../limits.ts';
import type { TimeWindow } from '../requests/window.ts';
import type { SeriesText } from './pointsText.ts';
import type { TrendQuestion } from './question.ts';
import { readTrend, type TrendAnswer } from './readTrend.ts';

/** All metrics of a question, in one transaction: one snapshot of time and one connection. More points than one answer holds are a refusal. */
export async function readTrends(
  tx: TransactionSql,
  question: TrendQuestion,
  window: TimeWindow,
  nowMs: number,
): Promise<TrendAnswer> {
  const series: SeriesText[] = [];
  let pointsLeft: number = limits.trendPoints;
  for (const { entry, where } of question.metrics) {
    const answer = await readTrend(tx, { entry, where, by: question.by }, window, { nowMs, pointsLeft });
    if ('refusal' in answer) return answer;
    series.push(...answer.series);
    for (const { pieces } of answer.series) for (const { size } of pieces) pointsLeft -= size;
  }
  return { series };
}
