import type { Infrastructure } from '@command-center/contract/api/infrastructure';
import { defaultContract } from '@command-center/contract/contract';
import { readInfrastructure } from '../infrastructure/readInfrastructure.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { timeQuery } from '../requests/parameters.ts';
import { windowOf } from '../requests/window.ts';
import { withinTransaction } from '../statement.ts';
import { chartOf } from '../totals/coverage.ts';
import { type Surroundings, type View, withQuery } from './view.ts';

export function infrastructureView({ deps, now }: Surroundings): View {
  const { settings, contract = defaultContract } = deps;
  return withQuery(timeQuery, async (c, parameters) => {
    const nowMs = now();
    const time = windowOf(parameters, nowMs);
    if ('refusal' in time) return refuse(time.refusal);
    const asked = { chart: chartOf(time.window, nowMs), contract, settings, nowMs };
    const answer = await withinTransaction(deps.sql, limits.statementMs, 'read only', (tx) =>
      readInfrastructure(tx, asked),
    );
    return 'refusal' in answer ? refuse(answer.refusal) : c.json(answer satisfies Infrastructure);
  });
}
