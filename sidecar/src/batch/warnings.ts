import { type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { Log } from '../log.ts';
import type { Tally } from './tally.ts';

const HOUR_MS = 3_600_000;

/** What an operator is told in the log beside the counts in intake, and how long it then goes without saying; names are metrics of the catalogue. */
const told: readonly { readonly reason: ReasonCode; readonly event: string; readonly everyMs: number }[] = [
  // contract.md §1, "Budget": one warning a metric an hour.
  { reason: 'label_budget', event: 'label budget reached', everyMs: HOUR_MS },
  // OTLP conformance 18: said once.
  {
    reason: 'summary_quantiles_dropped',
    event: 'quantiles of a summary are not kept',
    everyMs: Number.POSITIVE_INFINITY,
  },
];

/** Called with what each committed batch counted. `nowMs`: milliseconds since the epoch. */
export function createWarnings(log: Log, nowMs: () => number): (tally: Tally) => void {
  const last = new Map<string, number>();
  return (tally) => {
    for (const { reason, event, everyMs } of told) {
      for (const metric of tally.names(reason)) {
        const key = `${reason} ${metric}`;
        const before = last.get(key);
        if (before !== undefined && nowMs() - before < everyMs) continue;
        last.set(key, nowMs());
        log(event, { metric, remedy: reasons[reason].text });
      }
    }
  };
}
