import type { TrendSeries } from '@command-center/contract/api/trends';
import { type ChartSeries, pointAt, valueSeries } from '../../charts/series.ts';

/** Connections of a database pool: in use, idle, and the most there may be. What nobody reports is left out. */
export function poolSeries(
  used: TrendSeries | undefined,
  idle: TrendSeries | undefined,
  most: TrendSeries | undefined,
): ChartSeries[] {
  const line = (name: string, colour: string, series: TrendSeries | undefined): ChartSeries =>
    valueSeries(name, colour, series, ({ value }) => value);
  return [
    line('used', 'var(--series-1)', used),
    line('idle', 'var(--series-3)', idle),
    line('max', 'var(--series-8)', most),
  ].filter(({ points }) => points.length > 0);
}

/** Percent of the connections that may be open which are in use, a window. */
export function utilisation(connections: readonly ChartSeries[]): ChartSeries {
  const pointsOf = (name: string) => connections.find((one) => one.name === name)?.points ?? [];
  const most = pointsOf('max');
  const points = pointsOf('used').flatMap(({ tsMs, isOpen, value }) => {
    const of = pointAt(most, tsMs)?.value ?? null;
    return value === null || of === null || of === 0 ? [] : [{ tsMs, isOpen, value: (100 * value) / of }];
  });
  return { name: 'in use', colour: 'var(--series-1)', points };
}
