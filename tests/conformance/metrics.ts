import type { KeyValue } from '@command-center/sidecar/decode/records';
import type { BarePoint, MetricTree } from '@command-center/sidecar/decode/testing/trees';
import { type Attributes, attributes, exponentialPoint, histogramPoint, metricOf, numberPoint } from './requests.ts';

/** Points and rows on one clock: seconds and minutes are counted from the start of a minute half an hour back. */
export const minuteZeroMs = (Math.floor(Date.now() / 60_000) - 30) * 60_000;

/** Nanoseconds since the epoch; exact for whole nanoseconds given as `nanoseconds`. */
export function at(seconds: number, nanoseconds = 0n): bigint {
  return BigInt(minuteZeroMs + Math.round(seconds * 1_000)) * 1_000_000n + nanoseconds;
}

/** `start` undefined = not given; seconds. */
export type Start = number | undefined;

export interface Extra {
  readonly attributes?: Attributes;
  readonly flags?: number;
}

function base(start: Start, time: number, extra: Extra) {
  return {
    attributes: attributes(extra.attributes ?? {}) satisfies KeyValue[],
    flags: extra.flags ?? 0,
    startTimeUnixNano: start === undefined ? 0n : at(start),
    timeUnixNano: at(time),
  };
}

export function number(start: Start, time: number, value: number | undefined, extra: Extra = {}) {
  return numberPoint({ ...base(start, time, extra), value });
}

export interface Totals {
  readonly count?: number;
  readonly sum?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const added = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Explicit buckets; the sum is the count unless said otherwise. */
export function explicit(
  start: Start,
  time: number,
  explicitBounds: readonly number[],
  bucketCounts: readonly number[],
  totals: Totals = {},
  extra: Extra = {},
) {
  const count = added(bucketCounts);
  return histogramPoint({ ...base(start, time, extra), explicitBounds, bucketCounts, count, sum: count, ...totals });
}

export interface Exponential extends Totals {
  readonly scale?: number;
  readonly zeroCount?: number;
  readonly zeroThreshold?: number;
  readonly positive?: readonly [offset: number, ...counts: number[]];
  readonly negative?: readonly [offset: number, ...counts: number[]];
}

/** Exponential buckets; count and sum are what the buckets hold unless said otherwise. */
export function exponential(start: Start, time: number, sent: Exponential, extra: Extra = {}) {
  const { scale = 0, zeroCount = 0, zeroThreshold = 0, positive = [0], negative = [0], ...totals } = sent;
  const range = ([offset, ...bucketCounts]: readonly [number, ...number[]]) => ({ offset, bucketCounts });
  const count = added(positive.slice(1)) + added(negative.slice(1)) + zeroCount;
  return exponentialPoint({
    ...base(start, time, extra),
    ...{ scale, zeroCount, zeroThreshold, positive: range(positive), negative: range(negative), count, sum: count },
    ...totals,
  });
}

/** Counters and histograms without a competing source, and gauges by the way their streams merge. */
export const counterName = 'kaiku_ws_messages_total';
export const histogramName = 'kaiku_voice_session_duration_seconds';
export const additiveName = 'kaiku_ws_connections_active';
export const maxName = 'process.cpu.utilization';

type Points = readonly BarePoint[];
type Overrides = Partial<Omit<MetricTree, 'name' | 'points'>>;

export const counter = (points: Points, overrides: Overrides = {}): MetricTree =>
  metricOf(counterName, points, { kind: 'sum', ...overrides });
export const histogram = (points: Points, overrides: Overrides = {}): MetricTree =>
  metricOf(histogramName, points, { kind: 'histogram', isMonotonic: false, ...overrides });
export const exponentialHistogram = (points: Points, overrides: Overrides = {}): MetricTree =>
  histogram(points, { kind: 'exponentialHistogram', ...overrides });
export const gauge = (points: Points, name = additiveName): MetricTree => metricOf(name, points, { kind: 'gauge' });
export const upDown = (points: Points, name = additiveName, overrides: Overrides = {}): MetricTree =>
  metricOf(name, points, { kind: 'sum', isMonotonic: false, ...overrides });
