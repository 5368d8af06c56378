import type { Config } from '@command-center/contract/api/config';
import type { Infrastructure } from '@command-center/contract/api/infrastructure';
import type { ServiceHealth, Summary } from '@command-center/contract/api/summary';
import { minRatioEvents, type ThresholdName } from '@command-center/contract/thresholds';
import type { ChartSeries } from '../../charts/series.ts';
import { boundsText, exact, percentileText, quantity } from '../../ui/numbers.ts';
import { roughSpanText } from '../../ui/times.ts';

type Database = Infrastructure['database'];
type Pipeline = Infrastructure['pipeline'];

/** A service's status: as the summary knows it, which is pushed, else as it was answered here. */
export function statusOf(
  id: string,
  answer: ServiceHealth | null,
  summary: Pick<Summary, 'services'> | null,
): ServiceHealth | null {
  return summary?.services.find((one) => one.id === id) ?? answer;
}

/** What stands behind how full something is, or for how long nothing was heard of it. */
function fillNote(parts: readonly string[], age_s: number | null): string {
  if (parts.length > 0) return parts.join(', ');
  return age_s === null ? 'nothing heard in the last hour' : `silent for ${roughSpanText(age_s * 1_000)}`;
}

/** Where a threshold is yellow and red; null until the configuration is known. */
export function boundsOf(
  config: Config | null,
  name: ThresholdName,
): { readonly warn: number; readonly crit: number } | null {
  return config?.thresholds.find((one) => one.name === name) ?? null;
}

const counted = (count: number | null, word: string): string[] =>
  count === null ? [] : [word === '' ? exact(count) : `${exact(count)} ${word}`];

export function poolNote({ used, idle, max, age_s }: Database['pools'][number]): string {
  const most = max === null ? [] : [`of ${exact(max)}`];
  return fillNote([...counted(used, 'used'), ...counted(idle, 'idle'), ...most], age_s);
}

export function queueNote({ size, capacity, age_s }: Pipeline['queues'][number]): string {
  const most = capacity === null ? '' : ` of ${exact(capacity)}`;
  return fillNote(size === null ? [] : [exact(size) + most], age_s);
}

export function memoryNote({ bytes, age_s }: Infrastructure['memory']['processes'][number]): string {
  return fillNote(bytes === null ? [] : [quantity(bytes, 'By')], age_s);
}

/** Percent of the most connections that are open and idle; null where one of them is not known. */
export function idlePercent({ idle, max }: Database['pools'][number]): number | null {
  return idle === null || max === null || max <= 0 ? null : (100 * idle) / max;
}

/** The p95 as a number for a card; bounds stand in the note. */
export function queryText({ p95, p95_lo, p95_quality, unit, n }: Database['query']): string {
  if (p95 === null) return n === 0 ? 'no queries' : 'not known';
  const quality = p95_quality === 'bounded' ? null : p95_quality;
  return percentileText({ value: p95, lo: p95_lo, hi: null, quality }, unit);
}

export function queryNote({ p95, p95_lo, p95_hi, p95_quality, unit, n }: Database['query']): string {
  if (n === 0) return '';
  const queries = `${exact(n)} queries`;
  if (p95 === null || p95_quality !== 'bounded') return queries;
  return `${boundsText(p95_lo, p95_hi, unit)}, ${queries}`;
}

/** The counts behind a failure rate, and why it has no colour where they are few. */
export function failuresNote({ n, numerator }: Pipeline['export_failures']): string {
  if (n === 0) return 'no collector reports any';
  const counts = `${exact(numerator)} of ${exact(n)} lost`;
  return n < minRatioEvents ? `${counts}: too few for a colour (${minRatioEvents} needed)` : counts;
}

export function droppedNote({ last_5_min, in_range }: Pipeline['dropped_spans']): string {
  if (in_range !== null) return `${exact(in_range)} in this range`;
  return last_5_min === null ? 'no SDK reports any; 0 is worth reporting' : 'in the last 5 min';
}

/** What collectors lost and sent, in counts a window: what was lost at the bottom, so that it is seen. */
export function exportSeries({ exports }: Pick<Pipeline, 'exports'>, toMs: number, stepMs: number): ChartSeries[] {
  const layer = (name: 'failed' | 'sent', colour: string): ChartSeries => ({
    name,
    colour,
    points: exports.map((window) => {
      const tsMs = Date.parse(window.ts);
      return { tsMs, isOpen: tsMs + stepMs > toMs, value: window[name] };
    }),
  });
  return exports.length === 0 ? [] : [layer('failed', 'var(--series-6)'), layer('sent', 'var(--series-1)')];
}
