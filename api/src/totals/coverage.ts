import { minuteSketchesFromMs, retentionMs } from '@command-center/contract/retention';
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

function wholeHour(fromMs: number, nowMs: number): number {
  const hour = hourOf(fromMs);
  return hour < nowMs - retentionMs ? Math.ceil(fromMs / hourMs) * hourMs : hour;
}
