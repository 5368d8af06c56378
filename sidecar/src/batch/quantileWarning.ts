import { reasons } from '@command-center/contract/reasons';
import type { Tally } from './tally.ts';

/**
 * Says once a metric that quantiles of its summaries are not kept (OTLP conformance 18); called with what each committed batch counted. Names are
 * those of the contract, so what is remembered is bounded by it.
 */
export function createQuantileWarning(
  log: (event: string, fields: Readonly<Record<string, unknown>>) => void,
): (tally: Tally) => void {
  const told = new Set<string>();
  return (tally) => {
    for (const metric of tally.names('summary_quantiles_dropped')) {
      if (told.has(metric)) continue;
      told.add(metric);
      log('quantiles of a summary are not kept', { metric, remedy: reasons.summary_quantiles_dropped.text });
    }
  };
}
