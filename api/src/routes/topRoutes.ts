import { topRoutes } from '@command-center/contract/api/top';
import { defaultContract } from '@command-center/contract/contract';
import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { oneOf, overTime, text, topLimit } from '../requests/parameters.ts';
import { periodOf, windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { readTopRoutes } from '../top/readTopRoutes.ts';
import { coverageOf } from '../totals/coverage.ts';
import { type Api, basePath, security, viewResponses } from './declaration.ts';

const query = z.strictObject({
  sort: oneOf('latency: greatest p95 first; errors: most errors first.', ['latency', 'errors']).default('latency'),
  service: text('service.name.').optional(),
  probes: oneOf('1: with the routes that only machines ask for, like /healthz.', ['0', '1']).default('0'),
  limit: topLimit,
  ...overTime,
});

const route = createRoute({
  method: 'get',
  path: `${basePath}/top-routes`,
  summary: 'The slowest routes, or those with most errors',
  security,
  request: { query },
  responses: viewResponses(
    'TopRoutes',
    topRoutes,
    'A row a route, over its methods and services; p95 over the whole range. From 24 h on the range begins with a whole hour: `from` and `to` say what is covered.',
  ),
});

export function addTopRoutes(api: Api, deps: Deps): void {
  const { probeRoutes } = deps.contract ?? defaultContract;
  api.openapi(route, async (c) => {
    const parameters = c.req.valid('query');
    const nowMs = (deps.now ?? Date.now)();
    const time = windowOf(parameters, nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const { sort, limit, service, probes } = parameters;
    const window = coverageOf(time.window, nowMs);
    const question = { window, nowMs, sort, limit, service, probeRoutes: probes === '1' ? [] : probeRoutes };
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readTopRoutes(tx, question),
    );
    if ('refusal' in answer) return refuse(answer.refusal);
    return c.json({ ...periodOf(window), ...answer });
  });
}
