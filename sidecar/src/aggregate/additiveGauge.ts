import type { PointContent } from '../decode/records.ts';
import { MAX_FILL_NS } from './limits.ts';
import { intoMinuteMs, minuteOf } from './minutes.ts';
import { type Increment, isUnrecorded, noted, notOf, type Step, type StepContext, stored } from './step.ts';

/** A stream's newest reading, as sent. */
export interface Reading {
  /** Nanoseconds. */
  readonly time: bigint;
  readonly value: number;
  /** Whether NO_RECORDED_VALUE came after it: nothing is filled across the marker (OTLP conformance 14). */
  readonly isMarked: boolean;
}

/** Stream of a gauge or UpDownCounter whose series add up (design §4, "gauge"). */
export interface AdditiveGaugeState extends Reading {
  readonly kind: 'additiveGauge';
}

const MINUTE_MS = 60_000;

/** OTLP conformance 11, 13, 14. */
export function stepAdditiveGauge(
  state: AdditiveGaugeState | undefined,
  point: PointContent,
  context: StepContext,
): Step<AdditiveGaugeState> {
  const time = point.timeUnixNano;
  if (isUnrecorded(point)) {
    const isNewer = state !== undefined && time > state.time && !state.isMarked;
    return noted(isNewer ? { ...state, isMarked: true } : state, 'no_recorded_value');
  }
  if (point.type !== 'number' || point.value === undefined) return notOf(state, 'additiveGauge', point);
  const { value } = point;
  if (state !== undefined && time < state.time) return noted(state, 'overtaken');
  if (state !== undefined && time === state.time)
    return noted(state, value === state.value ? 'duplicate' : 'conflicting_duplicate');
  const next: AdditiveGaugeState = { kind: 'additiveGauge', time, value, isMarked: false };
  return stored(next, contributionsOf(state ?? null, next, context.factor, value));
}

/**
 * What a reading adds to its minute and to the minutes it was silent in: the new value minus the stream's previous contribution to that minute
 * (its last value if that lies in the same minute, else 0). `reading` is the whole value, for series that do not add up.
 */
export function contributionsOf(before: Reading | null, after: Reading, factor: number, reading: number): Increment[] {
  const minuteMs = minuteOf(after.time);
  const increments: Increment[] = [];
  const add = (at: number, value: number, lastMs: number, whole: number): void => {
    increments.push({
      type: 'additiveGauge',
      minuteMs: at,
      contribution: value * factor,
      reading: whole * factor,
      lastMs,
    });
  };
  const beforeMinuteMs = before === null ? minuteMs : minuteOf(before.time);
  if (before !== null && !before.isMarked && after.time - before.time <= MAX_FILL_NS) {
    for (let at = beforeMinuteMs + MINUTE_MS; at < minuteMs; at += MINUTE_MS) add(at, before.value, 0, before.value);
  }
  const contributed = before !== null && beforeMinuteMs === minuteMs ? before.value : 0;
  add(minuteMs, after.value - contributed, intoMinuteMs(after.time), reading);
  return increments;
}
