import type { Intake } from '@command-center/contract/api/intake';
import { isReasonCode, type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { intakeByName, intakeByNameRow } from '../queries/intakeByName.ts';
import { intakeReasonRow, intakeReasons } from '../queries/intakeReasons.ts';
import { metricSourceRow, metricSources } from '../queries/metricSources.ts';
import { timeQuery } from '../requests/parameters.ts';
import { periodOf, type TimeWindow, windowOf } from '../requests/window.ts';
import { checked, withinTransaction } from '../statement.ts';
import { type Surroundings, type View, withQuery } from './view.ts';

export function intakeView({ deps, now }: Surroundings): View {
  return withQuery(timeQuery, async (c, parameters) => {
    const time = windowOf(parameters, now());
    if ('refusal' in time) return refuse(time.refusal);
    return c.json(await read(deps, time.window));
  });
}

/** Metrics outside the contract are dropped under this code. */
const unknownMetric: ReasonCode = 'not_in_contract';

/** Under these a label, attribute or text was left out, and its record was kept. */
const fieldReasons: readonly ReasonCode[] = [
  'label_dropped',
  'attribute_dropped',
  'attribute_limit',
  'forbidden_key',
  'summary_quantiles_dropped',
  'message_withheld',
];

async function read(deps: Deps, window: TimeWindow): Promise<Intake> {
  const limit = limits.intakeRows;
  return withinTransaction(deps.sql, limits.statementMs, 'read only', async (tx) => {
    const [byName, byReason, bySource] = await Promise.all([
      intakeByName(tx, window, fieldReasons, limit),
      intakeReasons(tx, window, limit),
      metricSources(tx, window, limit),
    ]);
    const why = checked(intakeReasonRow, byReason).slice(0, limit);
    return {
      ...periodOf(window),
      by_service: checked(intakeByNameRow, byName)
        .slice(0, limit)
        .map((row) => ({ ...row, last: row.last.toISOString() })),
      reasons: why.map((row) => ({ ...row, text: textOf(row.outcome, row.reason), last: row.last.toISOString() })),
      unknown_metrics: why
        .filter((row) => row.signal === 'metrics' && row.reason === unknownMetric && row.name !== '')
        .map(({ name, service, count, last }) => ({ name, service, count, last: last.toISOString() })),
      sources: checked(metricSourceRow, bySource)
        .slice(0, limit)
        .map((row) => ({ ...row, from: row.from?.toISOString() ?? null })),
      truncated: [byName, byReason, bySource].some((rows) => rows.length > limit),
    };
  });
}

/** Words for a reason of the table, or for the rule that masked a text. */
function textOf(outcome: string, reason: string): string {
  if (isReasonCode(reason)) return `${reasons[reason].title}. ${reasons[reason].text}`;
  return outcome === 'masked'
    ? `Text that looks like ${reason.replaceAll('_', ' ')} was masked before it was stored.`
    : reason;
}
