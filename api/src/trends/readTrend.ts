import type { TrendSeries } from '@command-center/contract/api/trends';
import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import { lateAfterMs, minuteSketchesFromMs, retentionMs } from '@command-center/contract/retention';
import { knownPercentiles } from '@command-center/contract/sketch/knownPercentiles';
import {
  hourResolution,
  minuteResolution,
  type PointWindow,
  pointOf,
  type Resolution,
} from '@command-center/contract/trends/point';
import { type TrendShape, trendShapeOf } from '@command-center/contract/trends/shape';
import { hourOf } from '@command-center/drizzle/trends/columns';
import { type ChosenHours, trendHours } from '@command-center/drizzle/trends/hours';
import { packedHistograms, packedSketches, trendMinutes } from '@command-center/drizzle/trends/minutes';
import { windowsOf } from '@command-center/drizzle/trends/windows';
import type { TransactionSql } from 'postgres';
import type { z } from 'zod';
import { limits } from '../limits.ts';
import { packedHistogramRow, packedSketchesRow, trendRow } from '../queries/trendRows.ts';
import { trendSeries, trendSeriesRow } from '../queries/trendSeries.ts';
import { type BadParameter, badParameter, type TimeWindow } from '../requests/window.ts';
import { checked } from '../statement.ts';
import { overflowKey } from './overflow.ts';
import { type PointsText, pointsText, type SeriesText } from './pointsText.ts';
import type { Where } from './question.ts';
import { readMerged } from './readMerged.ts';

const hourMs = 3_600_000;
/** Up to here minutes are answered, beyond it hours (interfaces.md §1). */
const minutesUpToMs = 24 * hourMs;

/** The resolution of a window's answer. Minutes of older days have no percentiles of their own any more: of histograms their hours are answered. */
function resolutionOf(window: TimeWindow, shape: TrendShape, nowMs: number): Resolution {
  if (window.toMs - window.fromMs > minutesUpToMs) return hourResolution;
  return shape === 'histogram' && window.fromMs < minuteSketchesFromMs(nowMs) ? hourResolution : minuteResolution;
}

/**
 * Up to a day that is answered by hours has the edges of hours: a look at twenty minutes of last week gets the hour they lie in. Not so where that hour
 * began before the 30-day line.
 */
function hoursAround(window: TimeWindow, nowMs: number): TimeWindow {
  if (window.toMs - window.fromMs > minutesUpToMs) return window;
  const startMs = hourOf(window.fromMs);
  return {
    fromMs: startMs < nowMs - retentionMs ? window.fromMs : startMs,
    toMs: Math.ceil(window.toMs / hourMs) * hourMs,
  };
}

export type TrendAnswer = { readonly series: readonly SeriesText[] } | { readonly refusal: BadParameter };

export interface TrendAsked {
  readonly entry: CatalogueEntry;
  readonly where: Where;
  readonly by: string | undefined;
  /** Left out: minutes as far as they are answered (interfaces.md §1). */
  readonly resolution?: Resolution;
}

/**
 * The trend of one metric: without `by` one series, all merged; with it one a value of that label. Reads at most `pointsLeft` points; more are a
 * refusal, never a cut.
 */
export async function readTrend(
  tx: TransactionSql,
  asked: TrendAsked,
  window: TimeWindow,
  clock: { readonly nowMs: number; readonly pointsLeft: number },
): Promise<TrendAnswer> {
  const { entry, where, by } = asked;
  const shape = trendShapeOf(entry);
  const resolution = asked.resolution ?? resolutionOf(window, shape, clock.nowMs);
  const choice = { metricName: entry.name, where, by };
  const found = checked(trendSeriesRow, await trendSeries(tx, choice, limits.trendSeriesRead));
  if (found.length > limits.trendSeriesRead)
    return { refusal: tooMany(entry, `over ${limits.trendSeriesRead} series`) };
  const labelled = Map.groupBy(found, (series) => JSON.stringify({ ...where, ...splitLabel(by, series) }));
  const members = [...labelled.keys()];
  if (members.length > limits.trendSeries) return { refusal: tooMany(entry, `${members.length} values of ${by}`) };
  const windows = Math.ceil((window.toMs - window.fromMs) / resolution.ms) + 1;
  if (members.length * windows > clock.pointsLeft)
    return { refusal: tooMany(entry, `${members.length} x ${windows} points`) };

  const ordered = [...labelled.values()].flatMap((series, member) => series.map((one) => ({ ...one, member })));
  const chosen = {
    ids: ordered.map((series) => series.id),
    members: ordered.map((series) => series.member),
    liveFromMs: ordered.map((series) => (series.rolled_up_to === null ? 0 : series.rolled_up_to.getTime() + hourMs)),
  };
  const period = resolution === minuteResolution ? window : hoursAround(window, clock.nowMs);
  const isWhole = by === undefined && Object.keys(where).length === 0 && found.length > 0;
  const merged = isWhole
    ? await readMerged(tx, { name: entry.name, seriesIds: chosen.ids }, resolution.name, period)
    : { pieces: [], upToMs: period.fromMs };
  const rest = { fromMs: Math.max(period.fromMs, merged.upToMs), toMs: period.toMs };
  const live =
    rest.fromMs < rest.toMs && found.length > 0
      ? await readWindows(tx, shape, resolution, chosen, rest, clock.nowMs)
      : [];
  const textOf = (windows: readonly PointWindow[]): PointsText =>
    pointsText(windows.map((one) => pointOf(one, shape, resolution, clock.nowMs)));
  const seriesOf = (labels: TrendSeries['labels'], pieces: readonly PointsText[]): SeriesText => ({
    metric_name: entry.name,
    unit: entry.unit,
    kind: entry.kind,
    labels,
    resolution: resolution.name,
    pieces,
  });
  if (by === undefined) return { series: [seriesOf(where, [...merged.pieces, textOf(live)])] };
  const labels = [...labelled.values()].map(([series]) => ({
    ...where,
    ...(series === undefined ? {} : splitLabel(by, series)),
  }));
  const byMember = Map.groupBy(live, ({ member }) => member);
  return { series: [...byMember].map(([member, windows]) => seriesOf(labels[member] ?? where, [textOf(windows)])) };
}

interface MemberWindow extends PointWindow {
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

/** What tells a series from the others in an answer split by a label; the overflow series has no label but its own. */
function splitLabel(by: string | undefined, series: z.infer<typeof trendSeriesRow>): Record<string, string | true> {
  if (by === undefined) return {};
  if (series.is_overflow) return { [overflowKey]: true };
  return series.member === null ? {} : { [by]: series.member };
}

function tooMany(entry: CatalogueEntry, what: string): BadParameter {
  return badParameter(
    'metric',
    `${entry.name} has ${what} here, more than one answer holds. Narrow it with where, a shorter range, or fewer metrics.`,
  );
}
