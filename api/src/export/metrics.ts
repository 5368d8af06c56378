import type { MetricRow } from '@command-center/contract/api/exports';
import { trendPoint } from '@command-center/contract/api/trends';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import type { BadParameter, TimeWindow } from '../requests/window.ts';
import type { SeriesText } from '../trends/pointsText.ts';
import type { TrendQuestion } from '../trends/question.ts';
import { readTrends } from '../trends/readTrends.ts';
import type { FoundRows } from './found.ts';
import { readHeeding } from './heed.ts';

const pointsOfPiece = z.array(trendPoint);

/** The points of /trends, series after series, oldest first: read at once, since their number is known only then, and laid out as they are asked for. */
export async function findPoints(
  deps: Pick<Deps, 'sql'>,
  question: TrendQuestion,
  window: TimeWindow,
  nowMs: number,
  signal: AbortSignal,
): Promise<FoundRows | { readonly refusal: BadParameter }> {
  const answer = await readHeeding(deps.sql, signal, (tx) => readTrends(tx, question, window, nowMs));
  if ('refusal' in answer) return answer;
  const total = answer.series.flatMap(({ pieces }) => pieces).reduce((sum, { size }) => sum + size, 0);
  return { isTruncated: total > limits.exportRows, pages: pagesOf(answer.series) };
}

async function* pagesOf(series: readonly SeriesText[]): AsyncGenerator<readonly MetricRow[]> {
  let left: number = limits.exportRows;
  for (const { pieces, metric_name, unit, labels, resolution } of series) {
    for (const { text } of pieces) {
      if (left === 0) return;
      const points = pointsOfPiece.parse(JSON.parse(`[${text}]`)).slice(0, left);
      left -= points.length;
      yield points.map((point) => ({ metric_name, unit, labels, resolution, ...point }));
    }
  }
}
