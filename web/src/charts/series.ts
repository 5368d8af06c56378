import type { TrendPoint, TrendSeries } from '@command-center/contract/api/trends';
import type { Percentile } from '../ui/numbers.ts';
import { exact, percentileText, quantity } from '../ui/numbers.ts';

/** A window of a series. `value` in the chart's unit; null = nobody knows it. */
export interface ChartPoint {
  /** When the window begins, ms since the epoch. */
  readonly tsMs: number;
  /** The window has not ended. */
  readonly isOpen: boolean;
  readonly value: number | null;
  /** How exact it is, where it is a percentile. */
  readonly percentile?: Percentile;
  /** Events that it was measured of, where it is a ratio. */
  readonly of?: number;
}

/** What one line, or one layer of a stack, shows. */
export interface ChartSeries {
  /** Unique within its chart. */
  readonly name: string;
  /** A colour of the tokens. */
  readonly colour: string;
  /** Pixels. */
  readonly width?: number;
  /** In order of time. */
  readonly points: readonly ChartPoint[];
}

export type PercentileName = 'p50' | 'p95' | 'p99';

/** One hue in three weights, so that a chart of percentiles reads at once. */
const percentileLooks = {
  p50: { colour: 'var(--p50)', width: 1 },
  p95: { colour: 'var(--p95)', width: 2 },
  p99: { colour: 'var(--p99)', width: 1 },
} as const;

/** A line for each percentile of a histogram. `factor` turns its unit into the chart's. */
export function percentileSeries(
  series: TrendSeries | undefined,
  names: readonly PercentileName[],
  factor = 1,
): ChartSeries[] {
  return names.map((name) => ({
    name,
    ...percentileLooks[name],
    points: pointsOf(series, (point) => percentileOf(point, name, factor)),
  }));
}

/** A line of one number a window. */
export function valueSeries(
  name: string,
  colour: string,
  series: TrendSeries | undefined,
  read: (point: TrendPoint) => number | null | undefined,
): ChartSeries {
  return { name, colour, points: pointsOf(series, (point) => ({ value: read(point) ?? null })) };
}

function pointsOf(
  series: TrendSeries | undefined,
  read: (point: TrendPoint) => Pick<ChartPoint, 'value' | 'percentile'>,
): ChartPoint[] {
  return (series?.points ?? []).map((point) => ({
    tsMs: Date.parse(point.ts),
    isOpen: point.partial === true,
    ...read(point),
  }));
}

function percentileOf(
  point: TrendPoint,
  name: PercentileName,
  factor: number,
): Pick<ChartPoint, 'value' | 'percentile'> {
  const scaled = (value: number | null | undefined): number | null => (value == null ? null : value * factor);
  const value = scaled(point[name]);
  if (value === null) return { value };
  const percentile = {
    value,
    lo: scaled(point[`${name}_lo`]),
    hi: scaled(point[`${name}_hi`]),
    quality: point[`${name}_quality`] ?? null,
  };
  return { value, percentile };
}

/** A window added up over several series: known where one of them is; open where one of them is. */
export function summed(parts: readonly (readonly ChartPoint[])[]): ChartPoint[] {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return [...only];
  const byTime = new Map<number, ChartPoint>();
  for (const part of parts) {
    for (const { tsMs, isOpen, value } of part) {
      const known = byTime.get(tsMs);
      byTime.set(tsMs, {
        tsMs,
        isOpen: isOpen || known?.isOpen === true,
        value: value === null ? (known?.value ?? null) : (known?.value ?? 0) + value,
      });
    }
  }
  return [...byTime.values()].sort((left, right) => left.tsMs - right.tsMs);
}

/** A value as it reads in words: exact, with its unit, and its quality where it is a percentile. */
export function pointText(point: ChartPoint | undefined, unit: string): string {
  if (point === undefined) return 'no data';
  if (point.percentile !== undefined) return percentileText(point.percentile, unit);
  if (point.value === null) return 'not known';
  return quantity(point.value, unit) + (point.of === undefined ? '' : ` of ${exact(point.of)}`);
}

/** The time of every window that one of the series has, in order. */
export function timesOf(
  series: readonly ChartSeries[],
): readonly { readonly tsMs: number; readonly isOpen: boolean }[] {
  const points = series.map((one) => one.points);
  return summed(points.filter((one) => one.length > 0));
}

/** The point of exactly this window. `points` in order of time. */
export function pointAt(points: readonly ChartPoint[], tsMs: number): ChartPoint | undefined {
  let low = 0;
  let high = points.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const point = points[middle];
    if (point === undefined || point.tsMs === tsMs) return point;
    if (point.tsMs < tsMs) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** The highest value that is drawn; 0 where there is none. */
export function highestOf(series: readonly ChartSeries[]): number {
  let highest = 0;
  for (const { points } of series)
    for (const { value } of points) if (value !== null && value > highest) highest = value;
  return highest;
}

/** The lowest value above 0; null where there is none: where a logarithmic scale begins. */
export function lowestOf(series: readonly ChartSeries[]): number | null {
  let lowest: number | null = null;
  for (const { points } of series) {
    for (const { value } of points)
      if (value !== null && value > 0 && (lowest === null || value < lowest)) lowest = value;
  }
  return lowest;
}

/** Milliseconds of a window. */
export const resolutionMs = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 } as const;

/** Milliseconds of a window; a minute where there is no series. */
export function stepMsOf(series: TrendSeries | undefined): number {
  return resolutionMs[series?.resolution ?? '1m'];
}
