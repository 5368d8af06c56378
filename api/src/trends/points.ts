import type { TrendPoint } from '@command-center/contract/api/trends';
import { percentileOf, type RankedPercentile } from '@command-center/contract/sketch/percentile';
import type { MergedWindow } from '@command-center/contract/trends/merged';
import type { TrendShape } from '@command-center/contract/trends/shape';

export interface Resolution {
  readonly name: '1m' | '1h';
  readonly ms: number;
}

/** Presents a merged window. `rate` is a second: of a counter's increase, of a histogram's events. */
export function pointOf(window: MergedWindow, shape: TrendShape, resolution: Resolution, nowMs: number): TrendPoint {
  const partial = window.startMs + resolution.ms > nowMs ? { partial: true } : {};
  return {
    ts: new Date(window.startMs).toISOString(),
    ...membersOf(window, shape, resolution.ms / 1000),
    ...partial,
  };
}

function membersOf(window: MergedWindow, shape: TrendShape, seconds: number): Omit<TrendPoint, 'ts' | 'partial'> {
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
