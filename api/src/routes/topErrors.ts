import { topErrors } from '@command-center/contract/api/top';
import { defaultContract } from '@command-center/contract/contract';
import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { oneOf, overTime, text, topLimit } from '../requests/parameters.ts';
import { periodOf, windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { readTopErrors } from '../top/readTopErrors.ts';
import { coverageOf } from '../totals/coverage.ts';
import { type Api, basePath, security, viewResponses } from './declaration.ts';

const query = z.strictObject({
  service: text('service.name.').optional(),
  probes: oneOf('1: with errors of the routes that only machines ask for, like /healthz.', ['0', '1']).default('0'),
  limit: topLimit,
  ...overTime,
});

const route = createRoute({
  method: 'get',
  path: `${basePath}/top-errors`,
  summary: 'The most frequent types of error',
  security,
  request: { query },
  responses: viewResponses(
    'TopErrors',
    topErrors,
    'A row a type, over the error counters of all services; a request without one counts under its status. From 24 h on the range begins with a whole hour: `from` and `to` say what is covered.',
  ),
});

export function addTopErrors(api: Api, deps: Deps): void {
  const { probeRoutes, catalogue } = deps.contract ?? defaultContract;
  api.openapi(route, async (c) => {
    const parameters = c.req.valid('query');
    const nowMs = (deps.now ?? Date.now)();
    const time = windowOf(parameters, nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const { limit, service, probes } = parameters;
    const window = coverageOf(time.window, nowMs);
    const question = { window, nowMs, limit, service, catalogue, probeRoutes: probes === '1' ? [] : probeRoutes };
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readTopErrors(tx, question),
    );
    if ('refusal' in answer) return refuse(answer.refusal);
    return c.json({ ...periodOf(window), ...answer });
  });
}
