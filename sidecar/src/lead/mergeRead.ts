import { minuteSketchesFromMs } from '@command-center/contract/retention';
import { unframe } from '@command-center/contract/sketch/frames';
import { knownPercentiles } from '@command-center/contract/sketch/knownPercentiles';
import type { PointWindow } from '@command-center/contract/trends/point';
import type { TrendShape } from '@command-center/contract/trends/shape';
import { type ChosenSeries, hourOf, type Period, type TrendWindow } from '@command-center/drizzle/trends/columns';
import { trendHours } from '@command-center/drizzle/trends/hours';
import { sketchesByMinute, sketchKey } from '@command-center/drizzle/trends/minuteSketches';
import { packedSketches, trendMinutes } from '@command-center/drizzle/trends/minutes';
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
  const packed = isHistogram
    ? sketchesByMinute(await packedSketches(tx, chosen, period))
    : new Map<string, readonly Uint8Array[]>();
  return within(hours, rows).map((row) => mergedOf(row, packed.get(sketchKey(0, row.ts.getTime())) ?? []));
}

async function readHours(
  tx: TransactionSql,
  { shape, hours }: AskedHours,
  chosen: ChosenSeries,
): Promise<readonly PointWindow[]> {
  const period = periodOf(hours);
  if (period === undefined) return [];
  const rolledUp = { ...chosen, liveFromMs: chosen.ids.map(() => period.toMs) };
  return within(hours, await trendHours(tx, shape, rolledUp, period, 0)).map((row) => mergedOf(row, []));
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
function within(hours: readonly Date[], rows: readonly TrendWindow[]): readonly TrendWindow[] {
  const starts = new Set(hours.map((hour) => hour.getTime()));
  return rows.filter(({ ts }) => starts.has(hourOf(ts.getTime())));
}

function mergedOf(row: TrendWindow, packed: readonly Uint8Array[]): PointWindow {
  const { ts, count, sum, value, min, max } = row;
  const sketches = [...unframe(row.sketches ?? new Uint8Array(0)), ...packed];
  const percentiles = knownPercentiles(sketches, count ?? 0, { min: min ?? null, max: max ?? null });
  return { startMs: ts.getTime(), count, sum, value, min, max, percentiles };
}
