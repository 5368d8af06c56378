import type { ReasonCode } from '@command-center/contract/reasons';
import type { SpanList } from '@command-center/contract/sketch/spans';
import type { PointContent } from '../decode/records.ts';

/** What one point adds to one minute of each of its series. Additive for counters, histograms and additive gauges; a reading for the other gauges. */
export type Increment =
  | { readonly type: 'counter'; readonly minuteMs: number; readonly increase: number }
  | {
      readonly type: 'histogram';
      readonly minuteMs: number;
      readonly count: number;
      readonly sum: number;
      /** Of this minute; null where the sender's min and max are of the whole life (cumulative). */
      readonly min: number | null;
      readonly max: number | null;
      /** Canonical unit; integers only. Empty where the sender sent no buckets. */
      readonly spans: SpanList;
    }
  | {
      readonly type: 'additiveGauge';
      readonly minuteMs: number;
      /** New value minus what this stream had already contributed to that minute. */
      readonly contribution: number;
      /** The stream's whole value, for series whose streams do not add up. */
      readonly reading: number;
      /** Of the newest point, milliseconds into the minute; 59999.999 rounds down. */
      readonly lastMs: number;
    }
  | { readonly type: 'gauge'; readonly minuteMs: number; readonly value: number; readonly lastMs: number };

/** What a stream's step may know besides its own state; all of it is committed state, the data, or the database's clock at load. */
export interface StepContext {
  /** Earliest committed point time of this (resource, scope, metric), nanoseconds; undefined = nothing committed yet. */
  readonly firstTimeUnixNano: bigint | undefined;
  /** Turns values into the canonical unit. */
  readonly factor: number;
  readonly isSigned: boolean;
}

/** `stored` also where the increase is zero. Codes are those of contract/src/reasons.ts. */
export type StepOutcome =
  | { readonly type: 'stored' }
  /** Counted in intake, not the sender's loss: duplicate, baseline, overtaken, no_recorded_value, reset (stored as well, counted as a reset). */
  | { readonly type: 'noted'; readonly reason: ReasonCode }
  /** partial_success. */
  | { readonly type: 'rejected'; readonly reason: ReasonCode };

export interface Step<S> {
  /** The same object as before where nothing changed; states are immutable. */
  readonly state: S | undefined;
  readonly increments: readonly Increment[];
  readonly outcome: StepOutcome;
}

/** Bit 0 of a point's flags (OTLP, DataPointFlags). */
export function isUnrecorded(point: PointContent): boolean {
  return (point.flags & 1) === 1;
}

export function stored<S>(state: S | undefined, increments: readonly Increment[]): Step<S> {
  return { state, increments, outcome: { type: 'stored' } };
}

export function noted<S>(state: S | undefined, reason: ReasonCode, increments: readonly Increment[] = []): Step<S> {
  return { state, increments, outcome: { type: 'noted', reason } };
}

export function rejected<S>(state: S | undefined, reason: ReasonCode): Step<S> {
  return { state, increments: [], outcome: { type: 'rejected', reason } };
}

/** A point that curation should have sent elsewhere, or rejected for its missing value. */
export function notOf<S>(state: S | undefined, machine: string, point: PointContent): Step<S> {
  if (point.type === 'number' && point.value === undefined) return rejected(state, 'no_value');
  throw new Error(`${machine} does not take points of type ${point.type}`);
}
