import { type Trends, trends } from '@command-center/contract/api/trends';
import { defaultContract } from '@command-center/contract/contract';
import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { type Refusal, refuse } from '../problems.ts';
import { overTime, repeated, text } from '../requests/parameters.ts';
import { periodOf, type TimeWindow, windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { type SeriesText, trendsText } from '../trends/pointsText.ts';
import { questionOf, type TrendQuestion } from '../trends/question.ts';
import { readTrend } from '../trends/readTrend.ts';
import { type Api, basePath, jsonText, security, viewResponses } from './declaration.ts';

const query = z.strictObject({
  metric: repeated('A metric of the contract, by any of its names.', limits.trendMetrics, true),
  where: repeated('<label>:<value>, a label that the metric keeps.', limits.trendConditions),
  by: text('One label that the metric keeps: a series for each of its values.').optional(),
  ...overTime,
});

const route = createRoute({
  method: 'get',
  path: `${basePath}/trends`,
  summary: 'Metrics over time: minutes up to 24 h, hours beyond',
  security,
  request: { query },
  responses: viewResponses(
    'Trends',
    trends,
    'A series for each metric, or for each value of `by`. A gap is a missing point. Of histograms, what is older than two whole UTC days is answered by the hour; `resolution` says so.',
  ),
});

export function addTrends(api: Api, deps: Deps): void {
  const { catalogue } = deps.contract ?? defaultContract;
  api.openapi(route, async (c) => {
    const parameters = c.req.valid('query');
    const nowMs = (deps.now ?? Date.now)();
    const time = windowOf(parameters, nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const asked = questionOf(parameters, catalogue);
    if ('refusal' in asked) return refuse(asked.refusal);
    const answer = await readAll(deps, asked.question, time.window, nowMs);
    return 'code' in answer ? refuse(answer) : jsonText<Trends>(answer.text);
  });
}

/** All metrics are read in one transaction: one snapshot of time and one connection for a request. */
async function readAll(
  deps: Deps,
  question: TrendQuestion,
  window: TimeWindow,
  nowMs: number,
): Promise<{ readonly text: string } | Refusal> {
  return withinTransaction(deps.sql, limits.statementMs, 'read only', async (tx) => {
    const series: SeriesText[] = [];
    let pointsLeft: number = limits.trendPoints;
    for (const { entry, where } of question.metrics) {
      const answer = await readTrend(tx, { entry, where, by: question.by }, window, { nowMs, pointsLeft });
      if ('refusal' in answer) return answer.refusal;
      series.push(...answer.series);
      for (const { pieces } of answer.series) for (const { size } of pieces) pointsLeft -= size;
    }
    return { text: trendsText(periodOf(window), series) };
  });
}
