import type { TrendSeries } from '@command-center/contract/api/trends';
import { pointsOf, type SeriesText } from './pointsText.ts';

/** The one series of a trend without `by`, as data. */
export function trendSeriesOf([one]: readonly SeriesText[]): TrendSeries {
  if (one === undefined) throw new Error('a trend without `by` is one series');
  const { pieces: _, ...rest } = one;
  return { ...rest, points: [...pointsOf(one)] };
}
