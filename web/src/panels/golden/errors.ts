import type { TrendPoint, TrendSeries } from '@command-center/contract/api/trends';
import { countsServerErrors } from '@command-center/contract/serverErrors';
import { type ChartPoint, type ChartSeries, pointAt, summed, valueSeries } from '../../charts/series.ts';
import { labelOf } from './questions.ts';

const countOf = (point: TrendPoint): number | undefined => point.sum;
const pointsOf = (series: TrendSeries): readonly ChartPoint[] => valueSeries('', '', series, countOf).points;

/** Several series as one, in counts a window; one that nobody reports has no points. */
export function counted(name: string, colour: string, series: readonly TrendSeries[]): ChartSeries {
  return { name, colour, points: series.length === 0 ? [] : summed(series.map(pointsOf)) };
}

/** Errors of requests by whose fault they are: 5xx and errors without a status code are the server's, 4xx the client's (contract.md §4). */
export function httpErrors(series: readonly TrendSeries[]): ChartSeries[] {
  const isClients = (one: TrendSeries): boolean => labelOf(one, 'http.response.status_code').startsWith('4');
  const server = series.filter(({ labels }) => countsServerErrors(labels));
  const client = series.filter(isClients);
  const other = series.filter((one) => !server.includes(one) && !client.includes(one));
  return [
    counted('5xx', 'var(--series-6)', server),
    counted('4xx', 'var(--series-1)', client),
    ...(other.length === 0 ? [] : [counted('other', 'var(--series-8)', other)]),
  ];
}

/** Percent of requests that failed by the server's fault, a window; null where none was asked. */
export function errorRate(errors: ChartSeries | undefined, requests: ChartSeries): ChartSeries {
  const points = requests.points.map(({ tsMs, isOpen, value }) => {
    const failed = pointAt(errors?.points ?? [], tsMs)?.value ?? 0;
    return { tsMs, isOpen, value: value === null || value === 0 ? null : Math.min(100, (100 * failed) / value) };
  });
  return { name: 'error rate', colour: 'var(--series-2)', points };
}
