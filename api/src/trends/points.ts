import type { TrendPoint } from '@command-center/contract/api/trends';
import { mergeEncoded } from '@command-center/contract/sketch/mergeEncoded';
import { percentiles } from '@command-center/contract/sketch/percentile';
import { countOf } from '@command-center/contract/sketch/spans';
import type { TrendShape, TrendWindowRow } from '../queries/trendColumns.ts';

export interface Resolution {
  readonly name: '1m' | '1h';
  readonly ms: number;
}

/** Presents a merged window; `sketches`: of all its parts. `rate` is a second: of a counter's increase, of a histogram's events. */
export function pointOf(
  row: TrendWindowRow,
  sketches: readonly Uint8Array[],
  shape: TrendShape,
  resolution: Resolution,
  nowMs: number,
): TrendPoint {
  const partial = row.ts.getTime() + resolution.ms > nowMs ? { partial: true } : {};
  return { ts: row.ts.toISOString(), ...membersOf(row, sketches, shape, resolution.ms / 1000), ...partial };
}

function membersOf(
  row: TrendWindowRow,
  sketches: readonly Uint8Array[],
  shape: TrendShape,
  seconds: number,
): Omit<TrendPoint, 'ts' | 'partial'> {
  switch (shape) {
    case 'counter': {
      const sum = row.sum ?? 0;
      return { sum, rate: sum / seconds };
    }
    case 'histogram': {
      const count = row.count ?? 0;
      return {
        count,
        sum: row.sum ?? 0,
        rate: count / seconds,
        min: row.min ?? null,
        max: row.max ?? null,
        ...percentilesOf(row, sketches, count),
      };
    }
    default:
      return { value: row.value ?? null, min: row.min ?? null, max: row.max ?? null };
  }
}

/** Percentiles are of all events or of none: where a part came without buckets nobody knows them. */
function percentilesOf(row: TrendWindowRow, sketches: readonly Uint8Array[], count: number) {
  const spans = mergeEncoded(sketches);
  const isWhole = count > 0 && countOf(spans) === count;
  const known = { min: row.min ?? null, max: row.max ?? null };
  const [p50, p95, p99] = isWhole ? percentiles(spans, [0.5, 0.95, 0.99], known) : [];
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
