import { voiceSummary } from '@command-center/contract/api/voice';
import { createRoute } from '@hono/zod-openapi';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { noParameters } from '../requests/parameters.ts';
import { withinTransaction } from '../statement.ts';
import { readVoiceSummary } from '../voice/readVoiceSummary.ts';
import { type Api, basePath, security, viewResponses } from './declaration.ts';

const route = createRoute({
  method: 'get',
  path: `${basePath}/voice/summary`,
  summary: 'How voice is doing',
  security,
  request: { query: noParameters },
  responses: viewResponses(
    'VoiceSummary',
    voiceSummary,
    'Sessions and rooms now, join success, and the health score of the last 24 h with its parts.',
  ),
});

export function addVoiceSummary(api: Api, deps: Deps): void {
  api.openapi(route, async (c) => {
    const nowMs = (deps.now ?? Date.now)();
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readVoiceSummary(tx, nowMs, deps.settings.thresholds),
    );
    return 'refusal' in answer ? refuse(answer.refusal) : c.json(answer);
  });
}
