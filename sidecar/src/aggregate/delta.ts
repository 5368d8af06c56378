import type { PointContent } from '../decode/records.ts';
import { contributionsOf, type Reading } from './additiveGauge.ts';
import { counterIncrements } from './cumulativeNumber.ts';
import { distributionOf, hasTooManyBuckets } from './distribution.ts';
import { histogramIncrements } from './histogramIncrements.ts';
import { MAX_INTERVALS } from './limits.ts';
import { type Increment, isUnrecorded, noted, notOf, rejected, type Step, type StepContext, stored } from './step.ts';

/** Nanoseconds, (start, end]. */
export interface Interval {
  readonly start: bigint;
  readonly end: bigint;
}

/** Stream of deltas: which intervals were counted (OTLP conformance 11). */
export interface DeltaState {
  readonly kind: 'delta';
  /** Disjoint, ordered, joined where they touch; the newest 16. */
  readonly intervals: readonly Interval[];
  /** End of the newest interval that was dropped from the list: whether an older point was counted is no longer known. 0 = none was. */
  readonly floor: bigint;
  /** Of an UpDownCounter: the deltas added up, which then is a gauge. */
  readonly running: Reading | null;
}

const empty: DeltaState = { kind: 'delta', intervals: [], floor: 0n, running: null };

/** OTLP conformance 11-13. */
export function stepDelta(state: DeltaState | undefined, point: PointContent, context: StepContext): Step<DeltaState> {
  if (isUnrecorded(point)) return noted(marked(state, point.timeUnixNano), 'no_recorded_value');
  if (point.type === 'summary' || (point.type === 'number' && point.value === undefined))
    return notOf(state, 'delta', point);
  if (hasTooManyBuckets(point)) return rejected(state, 'impossible_buckets');
  const { startTimeUnixNano: start, timeUnixNano: end } = point;
  // Without a start (or with one that covers nothing) a point is known by its time alone.
  const hasStart = start !== 0n && start < end;
  const interval = { start: hasStart ? start : end - 1n, end };
  const before = state ?? empty;
  if (before.intervals.some((known) => known.start <= interval.start && interval.end <= known.end))
    return noted(state, 'duplicate');
  if (isTooLate(before, interval)) return rejected(state, 'too_late');
  const covered = cover(before, interval);
  if (point.type === 'number' && !point.metric.isMonotonic) return runningStep(covered, point.value ?? 0, end, context);
  return stored(covered, incrementsOf(point, hasStart ? start : undefined, context));
}

/** Older than all 16, or as old as one that gave way: whether it was counted is no longer known, or would not be at its retry. */
function isTooLate({ intervals, floor }: DeltaState, { end }: Interval): boolean {
  const oldest = intervals[0];
  return end <= floor || (intervals.length >= MAX_INTERVALS && oldest !== undefined && end < oldest.start);
}

/** A running value is a gauge: nothing is filled across a point without recorded value. */
function marked(state: DeltaState | undefined, time: bigint): DeltaState | undefined {
  if (state === undefined || state.running === null || state.running.isMarked || time <= state.running.time)
    return state;
  return { ...state, running: { ...state.running, isMarked: true } };
}

function incrementsOf(point: PointContent, from: bigint | undefined, context: StepContext): Increment[] {
  if (point.type === 'number') return counterIncrements((point.value ?? 0) * context.factor, from, point.timeUnixNano);
  const added = distributionOf(point);
  if (added === undefined || point.type === 'summary') return [];
  const scaled = (value: number | undefined): number | null =>
    value === undefined || !Number.isFinite(value) ? null : value * context.factor;
  const isEmpty = point.count === 0;
  const extremes = { min: isEmpty ? null : scaled(point.min), max: isEmpty ? null : scaled(point.max) };
  return histogramIncrements(added, extremes, from, point.timeUnixNano, context);
}

/** A delta that is not newer than the newest changes the sum from there on; its own minute is past. */
function runningStep(state: DeltaState, change: number, time: bigint, context: StepContext): Step<DeltaState> {
  const { running } = state;
  const value = (running?.value ?? 0) + change;
  if (running !== null && running.time >= time) {
    const next: Reading = { ...running, value };
    const increments = contributionsOf({ ...running, value: 0 }, { ...next, value: change }, context.factor, value);
    return stored({ ...state, running: next }, increments);
  }
  const next: Reading = { time, value, isMarked: false };
  return stored({ ...state, running: next }, contributionsOf(running, next, context.factor, value));
}

/** Adds an interval, joining what it touches or overlaps. */
function cover(state: DeltaState, added: Interval): DeltaState {
  let { start, end } = added;
  const apart: Interval[] = [];
  for (const known of state.intervals) {
    if (known.end < start || known.start > end) {
      apart.push(known);
      continue;
    }
    if (known.start < start) start = known.start;
    if (known.end > end) end = known.end;
  }
  const intervals = [...apart, { start, end }].sort((a, b) => (a.start < b.start ? -1 : 1));
  const dropped = intervals.length > MAX_INTERVALS ? intervals[intervals.length - MAX_INTERVALS - 1] : undefined;
  const floor = dropped !== undefined && dropped.end > state.floor ? dropped.end : state.floor;
  return { ...state, intervals: intervals.slice(-MAX_INTERVALS), floor };
}
