import type { VoiceSummary } from '@command-center/contract/api/voice';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { withinTransaction } from '../statement.ts';
import { readVoiceSummary } from '../voice/readVoiceSummary.ts';
import { type Surroundings, type View, withoutQuery } from './view.ts';

export function voiceSummaryView({ deps, now }: Surroundings): View {
  return withoutQuery(async (c) => {
    const nowMs = now();
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readVoiceSummary(tx, nowMs, deps.settings.thresholds),
    );
    return 'refusal' in answer ? refuse(answer.refusal) : c.json(answer satisfies VoiceSummary);
  });
}
