import type { ReasonCode } from '@command-center/contract/reasons';
import { EQUAL_STARTS, KNOWN_SENDER_NS, MAX_STARTS, NEW_PROCESS_NS } from './limits.ts';
import type { StepContext } from './step.ts';

/**
 * What cumulative streams of numbers and of histograms have in common (OTLP conformance 10, 11; design §5): a stream is a handful of sequences,
 * one a start time, since an old process and its successor, or two replicas with one resource, take turns.
 */

/** The newest point of one sequence. `start` 0 = not given. */
export interface Sequence<V> {
  readonly start: bigint;
  readonly time: bigint;
  readonly value: V;
}

export interface Sequences<V> {
  /** Ordered by start; "not given" stands last, and so is never the oldest that gives way. */
  readonly sequences: readonly Sequence<V>[];
  /** How many points in a row had start = time; at most 3. */
  readonly equalStarts: number;
}

export interface CumulativePoint<V> {
  readonly start: bigint;
  readonly time: bigint;
  readonly value: V;
  isEqual(other: V): boolean;
}

/** What a point is to its stream. */
export type Placement<V> =
  /** Counted: what it adds is the difference to `previous`, or all of it where that is undefined. */
  | {
      readonly type: 'adds';
      readonly state: Sequences<V>;
      readonly previous: V | undefined;
      readonly from: bigint | undefined;
    }
  /** Adds nothing, and still makes its minute's row. */
  | { readonly type: 'baseline'; readonly state: Sequences<V> }
  /** Changes nothing. */
  | { readonly type: 'ignored'; readonly reason: ReasonCode };

/** Decides by times in the data and committed state alone, never by arrival, so that a retry or another sidecar decides alike. */
export function place<V>(
  state: Sequences<V> | undefined,
  point: CumulativePoint<V>,
  context: StepContext,
): Placement<V> {
  const known = state?.sequences ?? [];
  const isEqualStart = point.start !== 0n && point.start === point.time;
  const sameStart = known.find((sequence) => sequence.start === point.start);
  if (isEqualStart && sameStart !== undefined) return repeated(sameStart, point);
  const equalStarts = isEqualStart ? Math.min((state?.equalStarts ?? 0) + 1, EQUAL_STARTS) : 0;
  const isUnknownStart = equalStarts >= EQUAL_STARTS;
  const start = isUnknownStart ? 0n : point.start;
  const sequence = known.find((candidate) => candidate.start === start);
  const next = (): Sequences<V> => ({
    sequences: withSequence(known, { start, time: point.time, value: point.value }),
    equalStarts,
  });
  if (sequence !== undefined) {
    if (point.time <= sequence.time) return repeated(sequence, point);
    return { type: 'adds', state: next(), previous: sequence.value, from: sequence.time };
  }
  const oldest = known[0];
  if (known.length >= MAX_STARTS && oldest !== undefined && isBefore(start, oldest.start))
    return { type: 'ignored', reason: 'late_start' };
  if (isEqualStart || !countsInFull(start, point.time, context)) return { type: 'baseline', state: next() };
  const isRecent = start !== 0n && point.time - start <= NEW_PROCESS_NS;
  return { type: 'adds', state: next(), previous: undefined, from: isRecent ? start : undefined };
}

/** A new process, or a new label set of a sender that was known for a while; else the value may be a whole life's history. */
function countsInFull(start: bigint, time: bigint, { firstTimeUnixNano }: StepContext): boolean {
  if (start !== 0n && time - start <= NEW_PROCESS_NS) return true;
  return firstTimeUnixNano !== undefined && time - firstTimeUnixNano > KNOWN_SENDER_NS;
}

/** Not newer than what is known of its sequence: the next point absorbs it, or it is the same one again. */
function repeated<V>(sequence: Sequence<V>, point: CumulativePoint<V>): Placement<V> {
  if (point.time < sequence.time) return { type: 'ignored', reason: 'overtaken' };
  return { type: 'ignored', reason: point.isEqual(sequence.value) ? 'duplicate' : 'conflicting_duplicate' };
}

function withSequence<V>(known: readonly Sequence<V>[], added: Sequence<V>): readonly Sequence<V>[] {
  const [first] = known;
  // Most streams never see a second start.
  if (known.length === 1 && first?.start === added.start) return [added];
  const others = known.filter((sequence) => sequence.start !== added.start);
  return [...others, added].sort((a, b) => (isBefore(a.start, b.start) ? -1 : 1)).slice(-MAX_STARTS);
}

function isBefore(a: bigint, b: bigint): boolean {
  return a !== 0n && (b === 0n || a < b);
}
