import { minuteSketchesFromMs, retentionMs } from '@command-center/contract/retention';
import { hourResolution, minuteResolution, type Resolution } from '@command-center/contract/trends/point';
import { hourOf } from '@command-center/drizzle/trends/columns';
import type { TimeWindow } from '../requests/window.ts';

const hourMs = 3_600_000;
/** From this length on an answer begins with a whole hour: nobody misses part of one, and to read it by the minute takes as long as all the rest. */
const wholeHoursFromMs = 24 * hourMs;

/**
 * What a total covers of the asked window: that, or its edges moved out to whole hours where it is long or where minutes have no percentiles any more. An
 * hour that began before the 30-day line is left out.
 */
export function coverageOf({ fromMs, toMs }: TimeWindow, nowMs: number): TimeWindow {
  const sketchesFromMs = minuteSketchesFromMs(nowMs);
  const isLong = toMs - fromMs >= wholeHoursFromMs;
  const start = isLong || fromMs < sketchesFromMs ? wholeHour(fromMs, nowMs) : fromMs;
  const end = toMs < sketchesFromMs ? Math.ceil(toMs / hourMs) * hourMs : toMs;
  return { fromMs: Math.min(start, end), toMs: end };
}

/** Up to here the charts of a tab that is asked for every few seconds are by the minute. */
const minutesUpToMs = 6 * hourMs;

export interface Chart {
  /** With the edges of hours, but for now, where it is by the hour. */
  readonly window: TimeWindow;
  readonly resolution: Resolution;
}

/** How the charts of one tab, and the totals beside them, answer the asked window: /trends tells more of a shorter one. */
export function chartOf(asked: TimeWindow, nowMs: number): Chart {
  const { fromMs, toMs } = asked;
  if (toMs - fromMs <= minutesUpToMs && fromMs >= minuteSketchesFromMs(nowMs))
    return { window: asked, resolution: minuteResolution };
  const end = toMs <= hourOf(nowMs) ? Math.ceil(toMs / hourMs) * hourMs : toMs;
  return { window: { fromMs: Math.min(wholeHour(fromMs, nowMs), end), toMs: end }, resolution: hourResolution };
}

function wholeHour(fromMs: number, nowMs: number): number {
  const hour = hourOf(fromMs);
  return hour < nowMs - retentionMs ? Math.ceil(fromMs / hourMs) * hourMs : hour;
}
