import { type Trends, trends } from '@command-center/contract/api/trends';
import { defaultContract } from '@command-center/contract/contract';
import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { trendFilters } from '../requests/filters.ts';
import { overTime } from '../requests/parameters.ts';
import { periodOf, windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { trendsText } from '../trends/pointsText.ts';
import { questionOf } from '../trends/question.ts';
import { readTrends } from '../trends/readTrends.ts';
import { type Api, basePath, jsonText, security, viewResponses } from './declaration.ts';

const query = z.strictObject({
  ...trendFilters(true),
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
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readTrends(tx, asked.question, time.window, nowMs),
    );
    if ('refusal' in answer) return refuse(answer.refusal);
    return jsonText<Trends>(trendsText(periodOf(time.window), answer.series));
  });
}
