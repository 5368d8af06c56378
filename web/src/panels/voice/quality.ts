import type { VoiceQuality } from '@command-center/contract/api/voice';
import { type ChartPoint, type ChartSeries, resolutionMs } from '../../charts/series.ts';

export const classes = ['poor', 'fair', 'good', 'excellent'] as const;
type Class = (typeof classes)[number];

/** Series colours, in an order that reads from bad to good. */
export const classColours: Readonly<Record<Class, string>> = {
  poor: 'var(--series-6)',
  fair: 'var(--series-5)',
  good: 'var(--series-3)',
  excellent: 'var(--series-1)',
};

type Counts = Readonly<Record<Class, number>>;

const reports = (counts: Counts): number => classes.reduce((sum, name) => sum + counts[name], 0);

/** Percent of the reports, class by class; null where there are none. */
export function sharesOf(counts: Counts): Readonly<Record<Class, number>> | null {
  const all = reports(counts);
  if (all === 0) return null;
  const share = (name: Class): number => (100 * counts[name]) / all;
  return { poor: share('poor'), fair: share('fair'), good: share('good'), excellent: share('excellent') };
}

/** Shares of the classes, a window, and with the first of how many reports; a window without reports is a gap. */
export function shareSeries({
  quality,
  ...answer
}: Pick<VoiceQuality, 'quality' | 'resolution' | 'to'>): ChartSeries[] {
  const windows = quality.points.flatMap((counts) => {
    const shares = sharesOf(counts);
    return shares === null ? [] : [{ ...timeOf(counts.ts, answer), shares, of: reports(counts) }];
  });
  return classes.map((name, at) => ({
    name,
    colour: classColours[name],
    points: windows.map(({ shares, of, ...time }) => ({ ...time, value: shares[name], ...(at === 0 ? { of } : {}) })),
  }));
}

/** Joins that succeeded, percent a window; one in which nobody tried is a gap. */
export function joinSeries({
  join_success,
  ...answer
}: Pick<VoiceQuality, 'join_success' | 'resolution' | 'to'>): ChartSeries {
  const points = join_success.flatMap(({ ts, value, n }) =>
    value === null ? [] : [{ ...timeOf(ts, answer), value, of: n }],
  );
  return { name: 'joined', colour: 'var(--series-1)', points };
}

/** Where the axis of a ratio near 100 % begins: at 80 where all of it lies above. */
export function floorOf({ points }: ChartSeries): number {
  return points.length > 0 && points.every(({ value }) => value === null || value > 80) ? 80 : 0;
}

function timeOf(
  ts: string,
  { resolution, to }: Pick<VoiceQuality, 'resolution' | 'to'>,
): Pick<ChartPoint, 'tsMs' | 'isOpen'> {
  const tsMs = Date.parse(ts);
  return { tsMs, isOpen: tsMs + resolutionMs[resolution] > Date.parse(to) };
}
