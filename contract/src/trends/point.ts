import type { TrendPoint } from '../api/trends.ts';
import { type Percentile, percentileOf, type RankedPercentile } from '../sketch/percentile.ts';
import type { TrendShape } from './shape.ts';

export interface Resolution {
  readonly name: '1m' | '1h';
  readonly ms: number;
}

export const minuteResolution: Resolution = { name: '1m', ms: 60_000 };
export const hourResolution: Resolution = { name: '1h', ms: 3_600_000 };

/** A minute or an hour, merged over series and writers; which numbers it has depends on the metric's shape. */
export interface PointWindow {
  readonly startMs: number;
  readonly count?: number | null | undefined;
  readonly sum?: number | null | undefined;
  readonly value?: number | null | undefined;
  readonly min?: number | null | undefined;
  readonly max?: number | null | undefined;
  /** p50, p95 and p99, of all events; [] where a part came without buckets: nobody knows them. */
  readonly percentiles: readonly RankedPercentile[];
}

/** Presents a merged window. `rate` is a second: of a counter's increase, of a histogram's events. */
export function pointOf(window: PointWindow, shape: TrendShape, resolution: Resolution, nowMs: number): TrendPoint {
  const point = wholePointOf(window, shape, resolution.ms / 1000);
  if (window.startMs + resolution.ms > nowMs) point.partial = true;
  return point;
}

/** Each shape's members in one literal: a day is 1,440 of them, and to put them together out of parts took three times as long. */
function wholePointOf(window: PointWindow, shape: TrendShape, seconds: number): TrendPoint {
  const ts = timestampOf(window.startMs);
  switch (shape) {
    case 'counter': {
      const sum = window.sum ?? 0;
      return { ts, sum, rate: sum / seconds };
    }
    case 'histogram': {
      const count = window.count ?? 0;
      const [p50, p95, p99] = presented(window.percentiles);
      return {
        ts,
        count,
        sum: window.sum ?? 0,
        rate: count / seconds,
        min: window.min ?? null,
        max: window.max ?? null,
        p50: p50.value,
        p50_lo: p50.lo,
        p50_hi: p50.hi,
        p50_quality: p50.quality,
        p95: p95.value,
        p95_lo: p95.lo,
        p95_hi: p95.hi,
        p95_quality: p95.quality,
        p99: p99.value,
        p99_lo: p99.lo,
        p99_hi: p99.hi,
        p99_quality: p99.quality,
      };
    }
    default:
      return { ts, value: window.value ?? null, min: window.min ?? null, max: window.max ?? null };
  }
}

/** Two days of minutes and 30 of hours: what the console's charts show. */
const MAX_TIMESTAMPS = 4_096;
const timestamps = new Map<number, string>();

/** Kept, for the members of an answer and the charts of a console have the same windows: to write it takes ten times as long as the rest of a counter's point. */
function timestampOf(ms: number): string {
  const known = timestamps.get(ms);
  if (known !== undefined) return known;
  if (timestamps.size >= MAX_TIMESTAMPS) timestamps.clear();
  const written = new Date(ms).toISOString();
  timestamps.set(ms, written);
  return written;
}

type Presented = Percentile | typeof unknown;

const unknown = { value: null, lo: null, hi: null, quality: null };

function presented([p50, p95, p99]: readonly RankedPercentile[]): readonly [Presented, Presented, Presented] {
  if (p50 === undefined || p95 === undefined || p99 === undefined) return [unknown, unknown, unknown];
  return [percentileOf(p50), percentileOf(p95), percentileOf(p99)];
}
