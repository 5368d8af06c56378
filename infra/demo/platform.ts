import type { Attributes, SeverityNumber } from '@opentelemetry/api';
import type { Random } from './random.ts';

/** What happens in the demo's platform, as data: live.ts plays it through the SDK, history.ts writes down its past. */

/** The state of the world, as every service sees it. */
export interface Conditions {
  /** 0 = calm, 1 = the worst of an incident. */
  readonly intensity: number;
  /** The part of the crowd that is there, around 1. */
  readonly crowd: number;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** Events of a second that are expected under these conditions. */
export type Rate = (conditions: Conditions) => number;

export interface Counter {
  readonly name: string;
  readonly unit: string;
}

export interface Histogram {
  readonly name: string;
  readonly unit: string;
  /** Of explicit buckets, in the unit; undefined = exponential ones. */
  readonly bounds: readonly number[] | undefined;
}

/** A counter's increases. */
export interface Counted {
  readonly counter: Counter;
  readonly attributes: Attributes;
  readonly rate: Rate;
}

/** Values of a histogram, distributed log-normally. */
export interface Measured {
  readonly histogram: Histogram;
  readonly attributes: Attributes;
  readonly rate: Rate;
  /** Half of the values lie below it. */
  readonly median: Rate;
  /** Standard deviation of the logarithm. */
  readonly spread: number;
  /** Counters that rise by one with each value, with the same attributes. */
  readonly counters?: readonly Counter[];
  /** Where it is the duration of a request. */
  readonly answer?: Answer;
}

/** A route as the demo's services know it. */
export interface Route {
  readonly method: string;
  readonly route: string;
  /** A second, at a crowd of 1. */
  readonly rate: number;
  readonly medianS: number;
  /** Whether it waits for the database, and so suffers in the incident. */
  readonly usesDatabase: boolean;
  /** What its statement reads or writes. */
  readonly statement: Statement;
}

interface Statement {
  readonly operation: string;
  readonly table: string;
}

/** How requests of a route end. */
export interface Answer {
  readonly route: Route;
  readonly status: number;
  readonly errorType: string | undefined;
}

/** A gauge or UpDownCounter, read as a whole. */
export interface Level {
  readonly kind: 'gauge' | 'upDownCounter';
  readonly name: string;
  readonly unit: string;
  read(conditions: Conditions, random: Random): readonly Reading[];
}

export interface Reading {
  readonly value: number;
  readonly attributes: Attributes;
}

/** A log record. */
export interface Said {
  readonly severity: SeverityNumber;
  readonly event: string;
  readonly body: string;
  readonly attributes: Attributes;
  readonly rate: Rate;
}

/** A process of the observed platform. */
export interface Service {
  readonly name: string;
  readonly version: string;
  readonly instance: string;
  /** As SDKs default, or as their `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta`. */
  readonly temporality: 'cumulative' | 'delta';
  readonly counted: readonly Counted[];
  readonly measured: readonly Measured[];
  readonly levels: readonly Level[];
  readonly said: readonly Said[];
}

/** A level without attributes. */
export function level(
  kind: Level['kind'],
  name: string,
  unit: string,
  value: (conditions: Conditions, random: Random) => number,
): Level {
  return { kind, name, unit, read: (conditions, random) => [{ value: value(conditions, random), attributes: {} }] };
}
