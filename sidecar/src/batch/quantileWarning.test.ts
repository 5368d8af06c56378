import { describe, expect, it } from 'vitest';
import { createQuantileWarning } from './quantileWarning.ts';
import { Tally } from './tally.ts';

function counted(reason: string, metric: string): Tally {
  const tally = new Tally();
  tally.add('metrics', 'api', 'dropped', reason, metric, 3);
  tally.add('metrics', 'web', 'dropped', reason, metric);
  return tally;
}

describe('quantiles of summaries are not kept (OTLP conformance 18)', () => {
  it('and an operator is told once a metric, whoever sends them; of what intake alone counts, nothing', () => {
    const lines: unknown[] = [];
    const warn = createQuantileWarning((event, { metric }) => lines.push([event, metric]));
    for (const metric of ['a', 'b', 'a']) warn(counted('summary_quantiles_dropped', metric));
    warn(counted('label_dropped', 'c'));
    expect(lines).toEqual([
      ['quantiles of a summary are not kept', 'a'],
      ['quantiles of a summary are not kept', 'b'],
    ]);
  });
});
