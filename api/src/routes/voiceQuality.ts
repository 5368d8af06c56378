import { type VoiceQuality, voiceQuality } from '@command-center/contract/api/voice';
import { defaultContract } from '@command-center/contract/contract';
import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { overTime } from '../requests/parameters.ts';
import { windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { chartOf } from '../totals/coverage.ts';
import { readVoiceQuality } from '../voice/readVoiceQuality.ts';
import { type Api, basePath, jsonText, security, viewResponses } from './declaration.ts';

const query = z.strictObject({ ...overTime });

const route = createRoute({
  method: 'get',
  path: `${basePath}/voice/quality`,
  summary: 'How good voice was over time',
  security,
  request: { query },
  responses: viewResponses(
    'VoiceQuality',
    voiceQuality,
    'Minutes up to 6 h, whole hours beyond: `resolution`, `from` and `to` say so. /trends has minutes up to 24 h.',
  ),
});

export function addVoiceQuality(api: Api, deps: Deps): void {
  const { catalogue } = deps.contract ?? defaultContract;
  api.openapi(route, async (c) => {
    const nowMs = (deps.now ?? Date.now)();
    const time = windowOf(c.req.valid('query'), nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const chart = chartOf(time.window, nowMs);
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readVoiceQuality(tx, chart, catalogue, nowMs),
    );
    return 'refusal' in answer ? refuse(answer.refusal) : jsonText<VoiceQuality>(answer.text);
  });
}
