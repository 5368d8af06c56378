import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import { minuteSketchesFromMs, retentionMs } from '@command-center/contract/retention';
import { hourResolution, minuteResolution, type Resolution } from '@command-center/contract/trends/point';
import { type TrendShape, trendShapeOf } from '@command-center/contract/trends/shape';
import { hourOf } from '@command-center/drizzle/trends/columns';
import type { ChosenHours } from '@command-center/drizzle/trends/hours';
import type { z } from 'zod';
import { limits } from '../limits.ts';
import type { trendSeriesRow } from '../queries/trendSeries.ts';
import { type BadParameter, badParameter, type TimeWindow } from '../requests/window.ts';
import { overflowKey } from './overflow.ts';
import type { Where } from './question.ts';

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

export interface TrendAsked {
  readonly entry: CatalogueEntry;
  readonly where: Where;
  readonly by: string | undefined;
  /** Left out: minutes as far as they are answered (interfaces.md §1). */
  readonly resolution?: Resolution;
}

export interface Clock {
  readonly nowMs: number;
  /** Points that the answer may still hold; more are a refusal, never a cut. */
  readonly pointsLeft: number;
}

export type FoundSeries = z.output<typeof trendSeriesRow>;

/** What has to be read for a trend. */
export interface TrendPlan {
  readonly entry: CatalogueEntry;
  readonly shape: TrendShape;
  readonly resolution: Resolution;
  readonly period: TimeWindow;
  readonly chosen: ChosenHours;
  readonly where: Where;
  /** By position of the member. */
  readonly labels: readonly Where[];
  readonly isSplit: boolean;
  /** All series of the metric as one: the leader has merged most of it. */
  readonly isWhole: boolean;
}

/** What to read for a trend over the series that were found for it. */
export function planOf(
  asked: TrendAsked,
  found: readonly FoundSeries[],
  window: TimeWindow,
  clock: Clock,
): { readonly plan: TrendPlan } | { readonly refusal: BadParameter } {
  const { entry, where, by } = asked;
  const shape = trendShapeOf(entry);
  const resolution = asked.resolution ?? resolutionOf(window, shape, clock.nowMs);
  if (found.length > limits.trendSeriesRead)
    return { refusal: tooMany(entry, `over ${limits.trendSeriesRead} series`) };
  const labelled = Map.groupBy(found, (series) => JSON.stringify(splitLabel(by, series)));
  if (labelled.size > limits.trendSeries) return { refusal: tooMany(entry, `${labelled.size} values of ${by}`) };
  const windows = Math.ceil((window.toMs - window.fromMs) / resolution.ms) + 1;
  if (labelled.size * windows > clock.pointsLeft)
    return { refusal: tooMany(entry, `${labelled.size} x ${windows} points`) };

  const ordered = [...labelled.values()].flatMap((series, member) => series.map((one) => ({ ...one, member })));
  return {
    plan: {
      entry,
      where,
      shape,
      resolution,
      period: resolution === minuteResolution ? window : hoursAround(window, clock.nowMs),
      chosen: {
        ids: ordered.map((series) => series.id),
        members: ordered.map((series) => series.member),
        liveFromMs: ordered.map(({ rolled_up_to }) => (rolled_up_to === null ? 0 : rolled_up_to.getTime() + hourMs)),
      },
      labels: [...labelled.values()].map(([series]) => ({ ...where, ...(series && splitLabel(by, series)) })),
      isSplit: by !== undefined,
      isWhole: by === undefined && Object.keys(where).length === 0 && found.length > 0,
    },
  };
}

/** What tells a series from the others in an answer split by a label; the overflow series has no label but its own. */
function splitLabel(by: string | undefined, series: FoundSeries): Record<string, string | true> {
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
