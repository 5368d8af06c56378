import type { TopErrors } from '@command-center/contract/api/top';
import type { Catalogue } from '@command-center/contract/catalogue/catalogue';
import { otherValue } from '@command-center/contract/labels';
import { isProbeRoute } from '@command-center/contract/routes';
import type { TransactionSql } from 'postgres';
import type { LabelledSeries } from '../queries/labelledSeries.ts';
import type { TimeWindow } from '../requests/window.ts';
import { membersBy } from '../totals/members.ts';
import { readProgress, readTotals } from '../totals/readTotals.ts';
import { readSeries, type TooManySeries } from '../totals/series.ts';
import { overflowKey } from '../trends/overflow.ts';

export interface TopErrorsQuestion {
  readonly window: TimeWindow;
  readonly nowMs: number;
  readonly limit: number;
  readonly service: string | undefined;
  /** Routes whose errors are left out. */
  readonly probeRoutes: readonly string[];
  readonly catalogue: Catalogue;
}

/** The error counters of the observed services: those of telemetry itself are shown with the pipeline (contract.md §4). */
function errorCounters(catalogue: Catalogue): readonly string[] {
  return catalogue.entries
    .filter(
      ({ kind, signal, tab, labels }) =>
        kind === 'counter' && signal === 'errors' && tab !== 'infrastructure' && labels.includes('error.type'),
    )
    .map(({ name }) => name);
}

/** The most frequent types of error; null as a key stands for the overflow series, whose labels are not known. */
export async function readTopErrors(
  tx: TransactionSql,
  { window, nowMs, limit, service, probeRoutes, catalogue }: TopErrorsQuestion,
): Promise<Pick<TopErrors, 'items' | 'overflow_count'> | TooManySeries> {
  const names = errorCounters(catalogue);
  const [series, progress] = await Promise.all([
    readSeries(tx, names, service === undefined ? {} : { 'service.name': service }),
    readProgress(tx, names, window, nowMs),
  ]);
  if ('refusal' in series) return series;
  const outcomes = new Set(names.filter((name) => catalogue.entryOf(name)?.labels.includes('outcome')));
  const members = membersBy<string | null>(series.found, (one) =>
    isProbeRoute(String(one.labels['http.route'] ?? ''), probeRoutes) ? undefined : errorTypeOf(one, outcomes),
  );
  const totals = await readTotals(tx, 'counter', members, window, progress);
  const counted = members.keys.map((error_type, at) => ({ error_type, count: totals.get(at)?.sum ?? 0 }));
  return {
    items: counted
      .flatMap(({ error_type, count }) => (error_type === null || count === 0 ? [] : [{ error_type, count }]))
      .sort((a, b) => b.count - a.count || (a.error_type < b.error_type ? -1 : 1))
      .slice(0, limit),
    overflow_count: counted.find(({ error_type }) => error_type === null)?.count ?? 0,
  };
}

/** Undefined: no error. Counters with an outcome count what went well too, and their overflow series nobody knows what. */
function errorTypeOf(
  { metric_name, labels }: LabelledSeries,
  outcomes: ReadonlySet<string>,
): string | null | undefined {
  const hasOutcome = outcomes.has(metric_name);
  if (labels[overflowKey] === true) return hasOutcome ? undefined : null;
  const named = labels['error.type'];
  if (named !== undefined) return String(named);
  if (!hasOutcome) return String(labels['http.response.status_code'] ?? otherValue);
  const { outcome } = labels;
  if (outcome === 'failure') return otherValue;
  return outcome === 'timeout' ? outcome : undefined;
}
