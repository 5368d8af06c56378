import { minuteSketchesFromMs } from '@command-center/contract/retention';
import { knownPercentiles } from '@command-center/contract/sketch/knownPercentiles';
import { hourResolution, minuteResolution, type PointWindow } from '@command-center/contract/trends/point';
import type { TrendShape } from '@command-center/contract/trends/shape';
import { type ChosenSeries, hourOf, type Period, type TrendWindow } from '@command-center/drizzle/trends/columns';
import { trendHours } from '@command-center/drizzle/trends/hours';
import { packedHistograms, packedSketches, trendMinutes } from '@command-center/drizzle/trends/minutes';
import { windowsOf } from '@command-center/drizzle/trends/windows';
import type { TransactionSql } from 'postgres';

const HOUR_MS = 3_600_000;

export interface AskedHours {
  readonly metricName: string;
  readonly shape: TrendShape;
  /** Ascending, of one UTC day. */
  readonly hours: readonly Date[];
  readonly nowMs: number;
}

/** The minutes of the hours, and the hours themselves, over all series that the API answers for. */
export async function readMerged(tx: TransactionSql, asked: AskedHours) {
  const chosen = await seriesOf(tx, asked.metricName);
  if (chosen.ids.length === 0) return { minutes: [], ofHours: [] };
  return { minutes: await readMinutes(tx, asked, chosen), ofHours: await readHours(tx, asked, chosen) };
}

/** Oldest first; of histograms only those that have their sketches: the others are answered by the hour. */
async function readMinutes(
  tx: TransactionSql,
  asked: AskedHours,
  chosen: ChosenSeries,
): Promise<readonly PointWindow[]> {
  const { shape, nowMs } = asked;
  const isHistogram = shape === 'histogram';
  const hours = isHistogram ? asked.hours.filter((hour) => hour.getTime() >= minuteSketchesFromMs(nowMs)) : asked.hours;
  const period = periodOf(hours);
  if (period === undefined) return [];
  const rows = await trendMinutes(tx, shape, chosen, period, Number.POSITIVE_INFINITY);
  const packed = {
    histograms: isHistogram ? await packedHistograms(tx, chosen, period) : [],
    sketches: isHistogram ? await packedSketches(tx, chosen, period) : [],
  };
  return within(hours, windowsOf(shape, minuteResolution.ms, period, rows, packed));
}

async function readHours(
  tx: TransactionSql,
  { shape, hours }: AskedHours,
  chosen: ChosenSeries,
): Promise<readonly PointWindow[]> {
  const period = periodOf(hours);
  if (period === undefined) return [];
  const rolledUp = { ...chosen, liveFromMs: chosen.ids.map(() => period.toMs) };
  const rows = await trendHours(tx, shape, rolledUp, period, 0);
  return within(hours, windowsOf(shape, hourResolution.ms, period, rows));
}

/** All series, as one member. */
async function seriesOf(tx: TransactionSql, metricName: string): Promise<ChosenSeries> {
  const rows = await tx<{ id: number }[]>`
    /* read-series-of-metric */
    SELECT id FROM telemetry_metric_series WHERE metric_name = ${metricName} AND scope = 'cluster' ORDER BY id`;
  return { ids: rows.map(({ id }) => id), members: rows.map(() => 0) };
}

function periodOf(hours: readonly Date[]): Period | undefined {
  const [first] = hours;
  const last = hours.at(-1);
  return first && last && { fromMs: first.getTime(), toMs: last.getTime() + HOUR_MS };
}

/** There may be hours between the first and the last that were not asked for. */
function within(hours: readonly Date[], windows: readonly TrendWindow[]): readonly PointWindow[] {
  const starts = new Set(hours.map((hour) => hour.getTime()));
  return windows.filter(({ startMs }) => starts.has(hourOf(startMs))).map(mergedOf);
}

function mergedOf(window: TrendWindow): PointWindow {
  const { startMs, count, sum, value, min, max, sketches } = window;
  return { startMs, count, sum, value, min, max, percentiles: knownPercentiles(sketches, count ?? 0, window) };
}
