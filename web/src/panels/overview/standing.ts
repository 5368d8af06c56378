import type { Intake } from '@command-center/contract/api/intake';
import type { Summary } from '@command-center/contract/api/summary';
import { exact } from '../../ui/numbers.ts';

/** How far the data has come: nothing is drawn as if it were zero. */
export type Standing =
  /** Something is stored. */
  | { readonly type: 'data' }
  /** The sidecar started less than a minute ago. */
  | { readonly type: 'collecting' }
  | { readonly type: 'neverReceived' }
  /** Something arrived, nothing of it is shown; `text` says what. */
  | { readonly type: 'receivedNotShown'; readonly text: string };

const collectingMs = 60_000;

/** `nowMs` by the clock of the answers; `intake` null where it has not been asked. */
export function standingOf(summary: Summary, intake: Intake | null, nowMs: number): Standing {
  const { metrics, logs, traces } = summary.freshness;
  if (metrics !== null || logs !== null || traces !== null) return { type: 'data' };
  const arrived = intake?.by_service.filter(({ received }) => received > 0) ?? [];
  if (arrived.length > 0) return { type: 'receivedNotShown', text: arrivedText(arrived) };
  const isYoung = summary.written_at !== null && nowMs - Date.parse(summary.started_at) < collectingMs;
  return isYoung ? { type: 'collecting' } : { type: 'neverReceived' };
}

function arrivedText(rows: Intake['by_service']): string {
  const total = rows.reduce((sum, { received }) => sum + received, 0);
  const services = [...new Set(rows.map(({ service }) => service).filter((service) => service !== ''))];
  const [first] = services;
  const from =
    first === undefined
      ? ''
      : services.length === 1
        ? ` from \`${first}\``
        : ` from ${exact(services.length)} services`;
  const isMetricsOnly = rows.every(({ signal }) => signal === 'metrics');
  const what = isMetricsOnly ? 'points' : 'records';
  const why = isMetricsOnly ? 'none with a metric in the contract' : 'none that is kept';
  return `${exact(total)} ${what} arrived${from}, ${why}.`;
}
