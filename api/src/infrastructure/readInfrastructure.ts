import type { Infrastructure } from '@command-center/contract/api/infrastructure';
import type { Contract } from '@command-center/contract/contract';
import type { Settings } from '@command-center/contract/settings/settings';
import { scaled } from '@command-center/contract/sketch/percentile';
import { presentSummary, summaryRow } from '@command-center/contract/summary/present';
import { colouredPercentile } from '@command-center/contract/thresholds';
import type { TransactionSql } from 'postgres';
import type { z } from 'zod';
import { withoutCredentials } from '../addresses.ts';
import { limits } from '../limits.ts';
import { timedSeries, timedSeriesRow } from '../queries/labelledSeries.ts';
import { readSummary } from '../queries/readSummary.ts';
import { slowQueries, slowQueryRow } from '../queries/slowQueries.ts';
import { type BadParameter, badParameter, periodOf, type TimeWindow } from '../requests/window.ts';
import { checked } from '../statement.ts';
import type { Chart } from '../totals/coverage.ts';
import { membersBy } from '../totals/members.ts';
import { percentilesOf, readProgress, readTotals, type Total } from '../totals/readTotals.ts';
import { overflowKey } from '../trends/overflow.ts';
import { readTogether } from '../trends/readTrend.ts';
import { trendSeriesOf } from '../trends/trendSeriesOf.ts';
import { exportMetrics, readExports } from './readExports.ts';
import { fillMetrics, readFills } from './readFills.ts';

const minuteMs = 60_000;
const queryDuration = 'db.client.operation.duration';
const memoryUsage = 'process.memory.usage';
const charted = [queryDuration, memoryUsage];
const names = [...fillMetrics, ...exportMetrics, queryDuration];

export interface Asked {
  readonly chart: Chart;
  readonly contract: Contract;
  readonly settings: Settings;
  readonly nowMs: number;
}

/** How database, Valkey, S3, the pipeline and processes are doing. */
export async function readInfrastructure(
  tx: TransactionSql,
  { chart, contract, settings, nowMs }: Asked,
): Promise<Infrastructure | { readonly refusal: BadParameter }> {
  const { thresholds: bounds } = settings;
  const recent = { fromMs: Math.floor(nowMs / minuteMs) * minuteMs - 5 * minuteMs, toMs: nowMs };
  const [summaryRows, seriesRows, progress, slow] = await Promise.all([
    tx.unsafe(readSummary),
    timedSeries(tx, names, [...exportMetrics, ...charted], limits.trendSeriesRead),
    readProgress(tx, names, { ...chart.window, toMs: Math.max(chart.window.toMs, nowMs) }, nowMs),
    slowQueries(tx, chart.window, bounds.DB_QUERY_P95.warn, limits.slowQuerySpans, limits.infrastructureRows),
  ]);
  const series = checked(timedSeriesRow, seriesRows);
  if (series.length > limits.trendSeriesRead)
    return { refusal: badParameter('range', `range has over ${limits.trendSeriesRead} series.`) };
  const queried = membersBy(series, ({ metric_name }) => (metric_name === queryDuration ? metric_name : undefined));
  const [fills, exports, queries, charts] = await Promise.all([
    readFills(tx, series, settings, nowMs),
    readExports(tx, { series, progress, chart, recent, bounds, nowMs }),
    readTotals(tx, 'histogram', queried, recent, progress),
    readCharts(tx, series, { chart, contract, nowMs }),
  ]);
  if ('refusal' in charts) return charts;
  const [duration = [], usage = []] = charts.trends;
  const [row] = checked(summaryRow, summaryRows);
  if (row === undefined) throw new Error('read_summary answers one row always');
  const summary = presentSummary(row, contract.services, 0);
  const status = (id: string) => summary.services.find((service) => service.id === id) ?? null;
  return {
    now: new Date(nowMs).toISOString(),
    ...periodOf(chart.window),
    resolution: chart.resolution.name,
    stale: summary.stale,
    database: {
      status: status('postgresql'),
      thresholds: bounds.DB_POOL,
      pools: fills.pools,
      query: queryOf(queries.get(0), bounds),
      query_duration: trendSeriesOf(duration),
      slow_queries: slowOf(slow, chart.window),
    },
    valkey: { status: status('valkey'), used_for: contract.valkeyUsedFor },
    s3: { status: status('s3') },
    pipeline: {
      status: status('otel_pipeline'),
      collector_endpoint:
        settings.collectorEndpoint === undefined ? null : withoutCredentials(settings.collectorEndpoint),
      ...exports,
      queues: fills.queues,
    },
    memory: {
      limit: settings.processMemoryLimitBytes ?? null,
      processes: fills.processes,
      usage: trendSeriesOf(usage),
    },
  };
}

/** The trends of `charted`, over series that were read. */
function readCharts(
  tx: TransactionSql,
  series: readonly z.output<typeof timedSeriesRow>[],
  { chart, contract, nowMs }: Omit<Asked, 'settings'>,
) {
  const asked = charted.map((metric) => {
    const entry = contract.catalogue.entryOf(metric);
    if (entry === undefined) throw new Error(`${metric} is not in the contract`);
    return { entry, by: undefined, resolution: chart.resolution };
  });
  const known = series.map((one) => ({ ...one, member: null, is_overflow: one.labels[overflowKey] === true }));
  return readTogether(tx, asked, chart.window, { nowMs, pointsLeft: limits.trendPoints }, known);
}

function queryOf(total: Total | undefined, bounds: Settings['thresholds']): Infrastructure['database']['query'] {
  const p95 = scaled(total === undefined ? null : percentilesOf(total)[1], 1000);
  return {
    p95: p95?.value ?? null,
    p95_lo: p95?.lo ?? null,
    p95_hi: p95?.hi ?? null,
    p95_quality: p95?.quality ?? null,
    unit: 'ms',
    n: total?.count ?? 0,
    colour: colouredPercentile(bounds, 'DB_QUERY_P95', p95),
    thresholds: bounds.DB_QUERY_P95,
  };
}

function slowOf(rows: Parameters<typeof checked>[1], window: TimeWindow): Infrastructure['database']['slow_queries'] {
  const found = checked(slowQueryRow, rows);
  const [first] = found;
  const isCut = first !== undefined && first.read >= limits.slowQuerySpans;
  return {
    from: isCut ? first.oldest.toISOString() : periodOf(window).from,
    items: found.map(({ span_name, count, p95_ms, max_ms }) => ({ span_name, count, p95_ms, max_ms })),
  };
}
