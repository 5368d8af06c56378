import type { TopRoutes } from '@command-center/contract/api/top';
import { defaultContract } from '@command-center/contract/contract';
import { z } from 'zod';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { oneOf, overTime, text, topLimit } from '../requests/parameters.ts';
import { periodOf, windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { readTopRoutes } from '../top/readTopRoutes.ts';
import { coverageOf } from '../totals/coverage.ts';
import { type Surroundings, type View, withQuery } from './view.ts';

export const topRoutesQuery = z.strictObject({
  sort: oneOf('latency: greatest p95 first; errors: most errors first.', ['latency', 'errors']).default('latency'),
  service: text('service.name.').optional(),
  probes: oneOf('1: with the routes that only machines ask for, like /healthz.', ['0', '1']).default('0'),
  limit: topLimit,
  ...overTime,
});

export function topRoutesView({ deps, now }: Surroundings): View {
  const { probeRoutes } = deps.contract ?? defaultContract;
  return withQuery(topRoutesQuery, async (c, parameters) => {
    const nowMs = now();
    const time = windowOf(parameters, nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const { sort, limit, service, probes } = parameters;
    const window = coverageOf(time.window, nowMs);
    const question = { window, nowMs, sort, limit, service, probeRoutes: probes === '1' ? [] : probeRoutes };
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readTopRoutes(tx, question),
    );
    if ('refusal' in answer) return refuse(answer.refusal);
    return c.json({ ...periodOf(window), ...answer } satisfies TopRoutes);
  });
}
