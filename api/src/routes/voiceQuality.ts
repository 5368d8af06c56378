import { defaultContract } from '@command-center/contract/contract';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { timeQuery } from '../requests/parameters.ts';
import { windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { chartOf } from '../totals/coverage.ts';
import { readVoiceQuality } from '../voice/readVoiceQuality.ts';
import { jsonText, type Surroundings, type View, withQuery } from './view.ts';

export function voiceQualityView({ deps, now }: Surroundings): View {
  const { catalogue } = deps.contract ?? defaultContract;
  return withQuery(timeQuery, async (_c, parameters) => {
    const nowMs = now();
    const time = windowOf(parameters, nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const chart = chartOf(time.window, nowMs);
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readVoiceQuality(tx, chart, catalogue, nowMs),
    );
    return 'refusal' in answer ? refuse(answer.refusal) : jsonText(answer.text);
  });
}
