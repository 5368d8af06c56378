import type { TrendPoint } from '../api/trends.ts';
import { percentileOf, type RankedPercentile } from '../sketch/percentile.ts';
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
  const partial = window.startMs + resolution.ms > nowMs ? { partial: true } : {};
  return {
    ts: new Date(window.startMs).toISOString(),
    ...membersOf(window, shape, resolution.ms / 1000),
    ...partial,
  };
}

function membersOf(window: PointWindow, shape: TrendShape, seconds: number): Omit<TrendPoint, 'ts' | 'partial'> {
  switch (shape) {
    case 'counter': {
      const sum = window.sum ?? 0;
      return { sum, rate: sum / seconds };
    }
    case 'histogram': {
      const count = window.count ?? 0;
      return {
        count,
        sum: window.sum ?? 0,
        rate: count / seconds,
        min: window.min ?? null,
        max: window.max ?? null,
        ...percentilesOf(window.percentiles),
      };
    }
    default:
      return { value: window.value ?? null, min: window.min ?? null, max: window.max ?? null };
  }
}

function percentilesOf(ranked: readonly RankedPercentile[]) {
  const [p50, p95, p99] = ranked.map(percentileOf);
  return {
    p50: p50?.value ?? null,
    p50_lo: p50?.lo ?? null,
    p50_hi: p50?.hi ?? null,
    p50_quality: p50?.quality ?? null,
    p95: p95?.value ?? null,
    p95_lo: p95?.lo ?? null,
    p95_hi: p95?.hi ?? null,
    p95_quality: p95?.quality ?? null,
    p99: p99?.value ?? null,
    p99_lo: p99?.lo ?? null,
    p99_hi: p99?.hi ?? null,
    p99_quality: p99?.quality ?? null,
  };
}
