import { infrastructure } from '@command-center/contract/api/infrastructure';
import { defaultContract } from '@command-center/contract/contract';
import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { readInfrastructure } from '../infrastructure/readInfrastructure.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { overTime } from '../requests/parameters.ts';
import { windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { chartOf } from '../totals/coverage.ts';
import { type Api, basePath, security, viewResponses } from './declaration.ts';

const query = z.strictObject({ ...overTime });

const route = createRoute({
  method: 'get',
  path: `${basePath}/infrastructure`,
  summary: 'Database, Valkey, S3, telemetry pipeline and processes',
  security,
  request: { query },
  responses: viewResponses(
    'Infrastructure',
    infrastructure,
    'What is now, and series over the range: minutes up to 6 h, whole hours beyond; `resolution`, `from` and `to` say so.',
  ),
});

export function addInfrastructure(api: Api, deps: Deps): void {
  const { settings, contract = defaultContract } = deps;
  api.openapi(route, async (c) => {
    const nowMs = (deps.now ?? Date.now)();
    const time = windowOf(c.req.valid('query'), nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const asked = { chart: chartOf(time.window, nowMs), contract, settings, nowMs };
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readInfrastructure(tx, asked),
    );
    return 'refusal' in answer ? refuse(answer.refusal) : c.json(answer);
  });
}
