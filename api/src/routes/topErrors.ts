import type { TopErrors } from '@command-center/contract/api/top';
import { defaultContract } from '@command-center/contract/contract';
import { z } from 'zod';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { oneOf, overTime, text, topLimit } from '../requests/parameters.ts';
import { periodOf, windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { readTopErrors } from '../top/readTopErrors.ts';
import { coverageOf } from '../totals/coverage.ts';
import { type Surroundings, type View, withQuery } from './view.ts';

export const topErrorsQuery = z.strictObject({
  service: text('service.name.').optional(),
  probes: oneOf('1: with errors of the routes that only machines ask for, like /healthz.', ['0', '1']).default('0'),
  limit: topLimit,
  ...overTime,
});

export function topErrorsView({ deps, now }: Surroundings): View {
  const { probeRoutes, catalogue } = deps.contract ?? defaultContract;
  return withQuery(topErrorsQuery, async (c, parameters) => {
    const nowMs = now();
    const time = windowOf(parameters, nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const { limit, service, probes } = parameters;
    const window = coverageOf(time.window, nowMs);
    const question = { window, nowMs, limit, service, catalogue, probeRoutes: probes === '1' ? [] : probeRoutes };
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readTopErrors(tx, question),
    );
    if ('refusal' in answer) return refuse(answer.refusal);
    return c.json({ ...periodOf(window), ...answer } satisfies TopErrors);
  });
}
