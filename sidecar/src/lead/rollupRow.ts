import { decodeSketch, encodeSketch } from '@command-center/contract/sketch/codec';
import { percentile } from '@command-center/contract/sketch/percentile';
import { countOf, mergeMany, type SpanList } from '@command-center/contract/sketch/spans';

/** What an hour or a day of one series comes to; pure. Source: design §4, telemetry_trend_rollups. */

export interface Rollup {
  readonly seriesId: number;
  readonly bucketMs: number;
  /** Minutes with data. */
  readonly sampleCount: number;
  /** Events of counters and histograms; minutes of gauges. */
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** The greatest p95 of a minute. */
  readonly maxP95: number | null;
  readonly totalCount: number | null;
  /** Events that were server errors. */
  readonly errorCount: number | null;
  readonly sketch: Uint8Array | null;
}

/** One writer's row of a histogram in one minute. */
export interface HistogramPart {
  readonly minuteMs: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly p95: number | null;
  readonly sketch: Uint8Array;
}

/** An hour of a histogram out of its minutes, those of several writers merged. */
export function histogramHour(seriesId: number, bucketMs: number, parts: readonly HistogramPart[]): Rollup {
  const minutes = [...Map.groupBy(parts, (part) => part.minuteMs).values()];
  const count = total(parts.map((part) => part.count));
  const limits = extremes(parts);
  const spans = mergedSpans(parts.map((part) => part.sketch));
  return {
    seriesId,
    bucketMs,
    sampleCount: minutes.length,
    count,
    sum: total(parts.map((part) => part.sum)),
    ...limits,
    last: null,
    ...percentiles(spans, count, limits),
    maxP95: greatest(minutes.map(minuteP95)),
    totalCount: count,
    errorCount: 0,
    sketch: encodeSketch(spans),
  };
}

/** A day out of its hours, of any kind; null = there are none. */
export function dayOf(bucketMs: number, hours: readonly Rollup[]): Rollup | null {
  const newest = hours.reduce<Rollup | undefined>(
    (found, hour) => (found === undefined || hour.bucketMs > found.bucketMs ? hour : found),
    undefined,
  );
  if (newest === undefined) return null;
  const count = sumOf(hours, (hour) => hour.count);
  const limits = extremes(hours);
  const sketches = hours.map((hour) => hour.sketch).filter((sketch) => sketch !== null);
  const spans = sketches.length === 0 ? null : mergedSpans(sketches);
  return {
    seriesId: newest.seriesId,
    bucketMs,
    sampleCount: total(hours.map((hour) => hour.sampleCount)),
    count,
    sum: sumOf(hours, (hour) => hour.sum),
    ...limits,
    last: newest.last,
    ...(spans === null ? noPercentiles : percentiles(spans, count ?? 0, limits)),
    maxP95: greatest(hours.map((hour) => hour.maxP95)),
    totalCount: sumOf(hours, (hour) => hour.totalCount),
    errorCount: sumOf(hours, (hour) => hour.errorCount),
    sketch: spans === null ? null : encodeSketch(spans),
  };
}

export const noPercentiles = { p50: null, p95: null, p99: null } as const;

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function sumOf(hours: readonly Rollup[], pick: (hour: Rollup) => number | null): number | null {
  const known = hours.map(pick).filter((value) => value !== null);
  return known.length === 0 ? null : total(known);
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

type Extremes = Pick<Rollup, 'count' | 'min' | 'max'>;

/** Known only where every part with events knows its own. */
function extremes(parts: readonly Extremes[]): { readonly min: number | null; readonly max: number | null } {
  const filled = parts.filter((part) => part.count !== null && part.count > 0);
  const known = (pick: (part: Extremes) => number | null, choose: (...values: number[]) => number): number | null => {
    const values = filled.map(pick).filter((value) => value !== null);
    return values.length > 0 && values.length === filled.length ? choose(...values) : null;
  };
  return { min: known((part) => part.min, Math.min), max: known((part) => part.max, Math.max) };
}

function mergedSpans(sketches: readonly Uint8Array[]): SpanList {
  return mergeMany(sketches.map(decodeSketch));
}

/** Of all events or null: where a part came without buckets nobody knows them. */
function percentiles(
  spans: SpanList,
  count: number,
  limits: { readonly min: number | null; readonly max: number | null },
): Pick<Rollup, 'p50' | 'p95' | 'p99'> {
  if (countOf(spans) !== count) return noPercentiles;
  const at = (p: number): number | null => percentile(spans, p, limits)?.value ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Its writer knew it already, unless there were several. */
function minuteP95(parts: readonly HistogramPart[]): number | null {
  const filled = parts.filter((part) => part.count > 0);
  const [only] = filled;
  if (filled.length <= 1) return only?.p95 ?? null;
  const count = total(filled.map((part) => part.count));
  return percentiles(mergedSpans(filled.map((part) => part.sketch)), count, extremes(filled)).p95;
}
