import type { TrendPoint, TrendSeries, Trends } from '@command-center/contract/api/trends';

/** Points as JSON, one behind the other without the array's brackets: what the leader has merged is handed on as it lies. */
export interface PointsText {
  readonly text: string;
  readonly size: number;
}

export function pointsText(points: readonly TrendPoint[]): PointsText {
  return { text: JSON.stringify(points).slice(1, -1), size: points.length };
}

/** A series of the answer, its points in pieces, oldest first. */
export interface SeriesText extends Omit<TrendSeries, 'points'> {
  readonly pieces: readonly PointsText[];
}

/** The answer of /trends. A day of a latency is half a megabyte, which took longer to build and to write than to read. */
export function trendsText(head: Omit<Trends, 'series'>, series: readonly SeriesText[]): string {
  const texts = series.map(({ pieces, ...rest }) => {
    const filled = pieces.filter(({ size }) => size > 0).map(({ text }) => text);
    return withArray(rest, 'points', filled);
  });
  return withArray(head, 'series', texts);
}

/** An object as JSON, with an array of JSON texts as its last member. */
function withArray(rest: object, name: string, elements: readonly string[]): string {
  return `${JSON.stringify(rest).slice(0, -1)},"${name}":[${elements.join(',')}]}`;
}
