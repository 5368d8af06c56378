import { defaultContract } from '@command-center/contract/contract';
import { z } from 'zod';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { trendFilters } from '../requests/filters.ts';
import { overTime } from '../requests/parameters.ts';
import { periodOf, windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { trendsText } from '../trends/pointsText.ts';
import { questionOf } from '../trends/question.ts';
import { readTrends } from '../trends/readTrends.ts';
import { jsonText, type Surroundings, type View, withQuery } from './view.ts';

export const trendsQuery = z.strictObject({
  ...trendFilters(true),
  ...overTime,
});

export function trendsView({ deps, now }: Surroundings): View {
  const { catalogue } = deps.contract ?? defaultContract;
  return withQuery(trendsQuery, async (_c, parameters) => {
    const nowMs = now();
    const time = windowOf(parameters, nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const asked = questionOf(parameters, catalogue);
    if ('refusal' in asked) return refuse(asked.refusal);
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readTrends(tx, asked.question, time.window, nowMs),
    );
    if ('refusal' in answer) return refuse(answer.refusal);
    return jsonText(trendsText(periodOf(time.window), answer.series));
  });
}
