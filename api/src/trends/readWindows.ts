import { lateAfterMs } from '@command-center/contract/retention';
import { knownPercentiles } from '@command-center/contract/sketch/knownPercentiles';
import { minuteResolution, type PointWindow, type Resolution } from '@command-center/contract/trends/point';
import type { TrendShape } from '@command-center/contract/trends/shape';
import { hourOf } from '@command-center/drizzle/trends/columns';
import { type ChosenHours, trendHours } from '@command-center/drizzle/trends/hours';
import { packedHistograms, packedSketches, trendMinutes } from '@command-center/drizzle/trends/minutes';
import { windowsOf } from '@command-center/drizzle/trends/windows';
import type { TransactionSql } from 'postgres';
import { packedHistogramRow, packedSketchesRow, trendRow } from '../queries/trendRows.ts';
import type { TimeWindow } from '../requests/window.ts';
import { checked } from '../statement.ts';

const hourMs = 3_600_000;

export interface MemberWindow extends PointWindow {
  readonly member: number;
}

/** The windows of the chosen series, with the percentiles of all their parts. */
export async function readWindows(
  tx: TransactionSql,
  shape: TrendShape,
  resolution: Resolution,
  chosen: ChosenHours,
  period: TimeWindow,
  nowMs: number,
): Promise<readonly MemberWindow[]> {
  // A quarter of an hour later than the last hour that can be packed: the clocks of API and database need not agree.
  const unpackedFromMs = nowMs - lateAfterMs - hourMs;
  const isByMinute = resolution === minuteResolution;
  const read = isByMinute ? trendMinutes : trendHours;
  const mayBePacked = isByMinute && shape === 'histogram' && hourOf(period.fromMs) < unpackedFromMs;
  const [rows, histograms, sketches] = await Promise.all([
    read(tx, shape, chosen, period, unpackedFromMs),
    mayBePacked ? packedHistograms(tx, chosen, period) : [],
    mayBePacked ? packedSketches(tx, chosen, period) : [],
  ]);
  const packed = {
    histograms: checked(packedHistogramRow, histograms),
    sketches: checked(packedSketchesRow, sketches),
  };
  return windowsOf(shape, resolution.ms, period, checked(trendRow, rows), packed).map((window) => {
    const { member, startMs, count, sum, value, min, max } = window;
    const percentiles = knownPercentiles(window.sketches, count ?? 0, window);
    return { member, startMs, count, sum, value, min, max, percentiles };
  });
}
