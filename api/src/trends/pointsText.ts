import { type TrendPoint, type TrendSeries, type Trends, trendPoint } from '@command-center/contract/api/trends';
import { z } from 'zod';

/** Points as JSON, one behind the other without the array's brackets: what the leader has merged is handed on as it lies. */
export interface PointsText {
  readonly text: string;
  readonly size: number;
  /** The same as data, where it has not come as text. */
  readonly points?: readonly TrendPoint[];
}

/** Written when it is asked for: some points are only counted together. */
export function pointsText(points: readonly TrendPoint[]): PointsText {
  return {
    points,
    size: points.length,
    get text() {
      return JSON.stringify(points).slice(1, -1);
    },
  };
}

/** A series of the answer, its points in pieces, oldest first. */
export interface SeriesText extends Omit<TrendSeries, 'points'> {
  readonly pieces: readonly PointsText[];
}

/** The answer of /trends. A day of a latency is half a megabyte, which took longer to build and to write than to read. */
export function trendsText(head: Omit<Trends, 'series'>, series: readonly SeriesText[]): string {
  return withArray(head, 'series', series.map(seriesText));
}

/** A series as JSON. */
export function seriesText({ pieces, ...rest }: SeriesText): string {
  const filled = pieces.filter(({ size }) => size > 0).map(({ text }) => text);
  return withArray(rest, 'points', filled);
}

/** The points of a series, taken out of their text. */
export function pointsOf({ pieces }: SeriesText): readonly TrendPoint[] {
  return pieces.flatMap((piece) => {
    if (piece.size === 0) return [];
    return piece.points ?? z.array(trendPoint).parse(JSON.parse(`[${piece.text}]`));
  });
}

/** An object as JSON, with an array of JSON texts as its last member. */
function withArray(rest: object, name: string, elements: readonly string[]): string {
  return `${JSON.stringify(rest).slice(0, -1)},"${name}":[${elements.join(',')}]}`;
}
