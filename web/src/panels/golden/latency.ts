import type { TrendPoint, TrendSeries } from '@command-center/contract/api/trends';
import type { Percentile } from '../../ui/numbers.ts';

export const percentileNames = ['p50', 'p95', 'p99'] as const;
export type PercentileName = (typeof percentileNames)[number];

/** A window of a latency histogram; a percentile is null where nobody knows it. Values in the metric's unit. */
export interface LatencyRow {
  readonly tsMs: number;
  readonly isOpen: boolean;
  readonly count: number;
  readonly p50: Percentile | null;
  readonly p95: Percentile | null;
  readonly p99: Percentile | null;
}

export function latencyRows(series: TrendSeries | undefined): LatencyRow[] {
  return (series?.points ?? []).map((point) => ({
    tsMs: Date.parse(point.ts),
    isOpen: point.partial === true,
    count: point.count ?? 0,
    p50: percentileOf(point, 'p50'),
    p95: percentileOf(point, 'p95'),
    p99: percentileOf(point, 'p99'),
  }));
}

function percentileOf(point: TrendPoint, name: PercentileName): Percentile | null {
  const value = point[name] ?? null;
  if (value === null) return null;
  return {
    value,
    lo: point[`${name}_lo`] ?? null,
    hi: point[`${name}_hi`] ?? null,
    quality: point[`${name}_quality`] ?? null,
  };
}

const resolutionMs = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 } as const;

/** Milliseconds of a window; a minute where there is no series. */
export function stepMsOf(series: TrendSeries | undefined): number {
  return resolutionMs[series?.resolution ?? '1m'];
}

/** The highest value that is drawn. */
export function highestOf(rows: readonly LatencyRow[]): number {
  return rows.reduce((highest, { p99, p95 }) => Math.max(highest, p99?.value ?? p95?.value ?? 0), 0);
}

/** The row that stands in the readout while nothing is pointed at: the newest whole window. */
export function newestWhole(rows: readonly LatencyRow[]): number {
  return rows.findLastIndex(({ isOpen }) => !isOpen);
}
