import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { unframe } from '@command-center/contract/sketch/frames';
import { mergeEncoded } from '@command-center/contract/sketch/mergeEncoded';
import { percentiles } from '@command-center/contract/sketch/percentile';
import { countOf } from '@command-center/contract/sketch/spans';
import type { HourSum } from './hourSums.ts';

/** A row of telemetry_trend_rollups. */
export interface RollUp {
  /** Start of the hour or day. */
  readonly bucketMs: number;
  readonly seriesId: number;
  readonly sampleCount: number;
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly maxP95: number | null;
  readonly sketch: Uint8Array | null;
}

/** The roll-up of one hour; `before`: the sketch of what was packed of it earlier, whose minutes have none any more. */
export function rollUpOf(hour: HourSum, before?: Uint8Array | null): RollUp {
  const sketches = [...(hour.sketches === null ? [] : unframe(hour.sketches)), ...(before ? [before] : [])];
  return {
    bucketMs: hour.hourMs,
    seriesId: hour.seriesId,
    sampleCount: hour.samples,
    count: hour.count,
    sum: hour.sum,
    min: hour.min,
    max: hour.max,
    last: hour.last,
    ...distribution(sketches, hour),
    maxP95: hour.maxP95,
  };
}

/** An hour's row, as the roll-up of its day reads it. */
export interface HourRow
  extends Pick<RollUp, 'seriesId' | 'count' | 'sum' | 'min' | 'max' | 'last' | 'maxP95' | 'sketch'> {
  readonly dayMs: number;
  readonly hourMs: number;
  readonly samples: number;
}

/** Merges the hours of one series and UTC day (design §4). Counters and histograms add; gauges keep sum and count of their minutes. */
export function mergeHours(entry: Pick<CatalogueEntry, 'kind'>, hours: readonly HourRow[]): RollUp | undefined {
  const newest = hours.reduce<HourRow | undefined>(
    (a, b) => (a === undefined || b.hourMs > a.hourMs ? b : a),
    undefined,
  );
  if (newest === undefined) return undefined;
  // Extremes are known only where every hour with events knows its own.
  const filled = hours.filter((hour) => (hour.count ?? 0) > 0);
  const min = filled.every((hour) => hour.min !== null) ? least(filled.map((hour) => hour.min)) : null;
  const max = filled.every((hour) => hour.max !== null) ? greatest(filled.map((hour) => hour.max)) : null;
  const count = total(hours.map((hour) => hour.count));
  return {
    bucketMs: newest.dayMs,
    seriesId: newest.seriesId,
    sampleCount: hours.reduce((sum, hour) => sum + hour.samples, 0),
    count,
    sum: total(hours.map((hour) => hour.sum)),
    min,
    max,
    last: entry.kind === 'gauge' ? newest.last : null,
    ...distribution(
      hours.flatMap((hour) => hour.sketch ?? []),
      { count, min, max },
    ),
    maxP95: greatest(hours.map((hour) => hour.maxP95)),
  };
}

const noDistribution = { p50: null, p95: null, p99: null, sketch: null };

/** Percentiles are of all events or null: where a part came without buckets nobody knows them. */
function distribution(sketches: readonly Uint8Array[], { count, min, max }: Pick<RollUp, 'count' | 'min' | 'max'>) {
  if (sketches.length === 0) return noDistribution;
  const spans = mergeEncoded(sketches);
  const sketch = encodeSketch(spans);
  if (countOf(spans) !== count) return { ...noDistribution, sketch };
  const [p50, p95, p99] = percentiles(spans, [0.5, 0.95, 0.99], { min, max });
  return { p50: p50?.value ?? null, p95: p95?.value ?? null, p99: p99?.value ?? null, sketch };
}

function total(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (value === null ? sum : (sum ?? 0) + value), null);
}

function least(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((low, value) => (value === null ? low : Math.min(low ?? value, value)), null);
}

function greatest(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((high, value) => (value === null ? high : Math.max(high ?? value, value)), null);
}
