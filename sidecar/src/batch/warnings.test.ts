import { describe, expect, it } from 'vitest';
import { Tally } from './tally.ts';
import { createWarnings } from './warnings.ts';

const HOUR_MS = 3_600_000;

function warned(reason: string, metric: string, timesMs: readonly number[]): unknown[] {
  const lines: unknown[] = [];
  let nowMs = 0;
  const warn = createWarnings(
    (event, { metric } = {}) => lines.push([nowMs, event, metric]),
    () => nowMs,
  );
  for (const timeMs of timesMs) {
    nowMs = timeMs;
    const tally = new Tally();
    tally.add('metrics', 'api', 'noted', reason, metric, 3);
    tally.add('metrics', 'web', 'noted', reason, metric);
    warn(tally);
  }
  return lines;
}

describe('what an operator is told', () => {
  it('of a spent label budget once a metric an hour (contract.md §1)', () => {
    expect(warned('label_budget', 'm', [0, 1, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1])).toEqual([
      [0, 'label budget reached', 'm'],
      [HOUR_MS, 'label budget reached', 'm'],
    ]);
  });

  it('of quantiles that are not kept once a metric (OTLP conformance 18)', () => {
    expect(warned('summary_quantiles_dropped', 'm', [0, 1, 100 * HOUR_MS])).toEqual([
      [0, 'quantiles of a summary are not kept', 'm'],
    ]);
  });

  it('of what intake alone counts: nothing', () => {
    expect(warned('label_dropped', 'm', [0, HOUR_MS])).toEqual([]);
  });
});
