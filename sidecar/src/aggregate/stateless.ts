import type { PointContent } from '../decode/records.ts';
import { intoMinuteMs, minuteOf } from './minutes.ts';
import { isUnrecorded, noted, notOf, type Step, type StepContext, stored } from './step.ts';

/** A gauge whose series do not add up: max, min and last of a minute need no memory of the stream, and the same point twice changes nothing. */
export function stepStateless(point: PointContent, { factor }: StepContext): Step<never> {
  if (isUnrecorded(point)) return noted<never>(undefined, 'no_recorded_value');
  if (point.type !== 'number' || point.value === undefined) return notOf<never>(undefined, 'a gauge', point);
  const time = point.timeUnixNano;
  return stored<never>(undefined, [
    { type: 'gauge', minuteMs: minuteOf(time), value: point.value * factor, lastMs: intoMinuteMs(time) },
  ]);
}
