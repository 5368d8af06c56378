import type { Infrastructure } from '@command-center/contract/api/infrastructure';
import type { Settings } from '@command-center/contract/settings/settings';
import { coloured, exportRatio } from '@command-center/contract/thresholds';
import type { TransactionSql } from 'postgres';
import type { z } from 'zod';
import type { timedSeriesRow } from '../queries/labelledSeries.ts';
import type { TimeWindow } from '../requests/window.ts';
import type { Chart } from '../totals/coverage.ts';
import { membersBy } from '../totals/members.ts';
import { readTotals } from '../totals/readTotals.ts';
import type { Progress } from '../totals/sources.ts';
import { readWindows } from '../trends/readWindows.ts';

type Pipeline = Infrastructure['pipeline'];
type Fate = 'sent' | 'failed' | 'dropped';

const hourMs = 3_600_000;
const droppedSpans = 'kaiku_otel_dropped_spans_total';
/** Counters of telemetry itself. */
export const exportMetrics: readonly string[] = [...exportRatio.denominator, droppedSpans];

export interface ExportsAsked {
  readonly series: readonly z.output<typeof timedSeriesRow>[];
  readonly progress: Progress;
  readonly chart: Chart;
  /** The last 5 min. */
  readonly recent: TimeWindow;
  readonly bounds: Settings['thresholds'];
  readonly nowMs: number;
}

/** What became of telemetry on its way: sent, lost at collectors, dropped by SDKs. */
export async function readExports(
  tx: TransactionSql,
  { series, progress, chart, recent, bounds, nowMs }: ExportsAsked,
): Promise<Pick<Pipeline, 'export_failures_5m' | 'export_failures' | 'exports' | 'dropped_spans'>> {
  const members = membersBy(series, ({ metric_name }) => fateOf(metric_name));
  const rolledUpTo = new Map(series.map(({ id, rolled_up_to }) => [id, rolled_up_to]));
  const liveFromMs = members.ids.map((id) => {
    const hour = rolledUpTo.get(id);
    return hour === undefined || hour === null ? 0 : hour.getTime() + hourMs;
  });
  const [last, windows] = await Promise.all([
    readTotals(tx, 'counter', members, recent, progress),
    members.ids.length === 0
      ? []
      : readWindows(tx, 'counter', chart.resolution, { ...members, liveFromMs }, chart.window, nowMs),
  ]);
  const lately = (fate: Fate): number | null => last.get(members.keys.indexOf(fate))?.sum ?? null;
  // What the chart draws adds up to what stands beside it.
  const inRange = (fate: Fate): number | null => {
    const own = windows.filter(({ member }) => members.keys[member] === fate);
    return own.length === 0 ? null : own.reduce((total, { sum }) => total + (sum ?? 0), 0);
  };
  const failures = (sumOf: (fate: Fate) => number | null) => {
    const numerator = sumOf('failed') ?? 0;
    const n = numerator + (sumOf('sent') ?? 0);
    const value = n > 0 ? (100 * numerator) / n : null;
    return { value, unit: '%' as const, n, numerator, colour: coloured(bounds, 'OTEL_EXPORT_FAILURE', value, n) };
  };
  const exported = windows.filter(({ member }) => members.keys[member] !== 'dropped');
  const last5 = lately('dropped');
  return {
    export_failures_5m: { ...failures(lately), thresholds: bounds.OTEL_EXPORT_FAILURE },
    export_failures: failures(inRange),
    exports: [...Map.groupBy(exported, ({ startMs }) => startMs)]
      .sort(([a], [b]) => a - b)
      .map(([startMs, parts]) => {
        const sum = (fate: Fate): number => parts.find(({ member }) => members.keys[member] === fate)?.sum ?? 0;
        return { ts: new Date(startMs).toISOString(), sent: sum('sent'), failed: sum('failed') };
      }),
    dropped_spans: {
      last_5_min: last5,
      in_range: inRange('dropped'),
      colour: coloured(bounds, 'OTEL_DROPPED_SPANS', last5),
      thresholds: bounds.OTEL_DROPPED_SPANS,
    },
  };
}

function fateOf(metric: string): Fate | undefined {
  if (metric === droppedSpans) return 'dropped';
  if (exportRatio.numerator.includes(metric)) return 'failed';
  return exportRatio.denominator.includes(metric) ? 'sent' : undefined;
}
