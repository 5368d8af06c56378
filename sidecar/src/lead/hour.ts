import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import { decodeSketch, encodeSketch } from '@command-center/contract/sketch/codec';
import { percentile } from '@command-center/contract/sketch/percentile';
import { mergeMany } from '@command-center/contract/sketch/spans';

/** A part of an hour: one writer's minute, or of a day, one of its hours. */
export interface Part {
  readonly tsMs: number;
  /** Minutes it stands for. */
  readonly samples: number;
  readonly count: number | null;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly lastMs: number | null;
  readonly maxP95: number | null;
  readonly sketch: Uint8Array | null;
}

/** A row of telemetry_trend_rollups without its key. */
export interface RollUp {
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

const nothing = {
  count: null,
  sum: null,
  min: null,
  max: null,
  last: null,
  p50: null,
  p95: null,
  p99: null,
  maxP95: null,
  sketch: null,
};

/** Merges the minutes of all writers of one series and hour (design §4). Counters and histograms add; gauges keep sum and count of their minutes. */
export function mergeMinutes(entry: Pick<CatalogueEntry, 'kind' | 'merge'>, parts: readonly Part[]): RollUp {
  const minutes = [...Map.groupBy(parts, (part) => part.tsMs)].sort(([a], [b]) => a - b).map(([, same]) => same);
  if (entry.kind !== 'gauge') return addUp(parts, minutes.length);
  const readings = minutes.map((same) => readingOf(entry.merge, same));
  return {
    ...nothing,
    sampleCount: minutes.length,
    count: minutes.length,
    sum: readings.reduce((total, reading) => total + reading.value, 0),
    min: Math.min(...readings.map((reading) => reading.min)),
    max: Math.max(...readings.map((reading) => reading.max)),
    last: readings.at(-1)?.value ?? null,
  };
}

/** Merges the hours of one series and UTC day. */
export function mergeHours(entry: Pick<CatalogueEntry, 'kind'>, hours: readonly Part[]): RollUp {
  const sampleCount = hours.reduce((total, hour) => total + hour.samples, 0);
  if (entry.kind !== 'gauge') return addUp(hours, sampleCount);
  const newest = hours.reduce<Part | undefined>((a, b) => (a === undefined || b.tsMs > a.tsMs ? b : a), undefined);
  return {
    ...nothing,
    sampleCount,
    count: total(hours.map((hour) => hour.count)),
    sum: total(hours.map((hour) => hour.sum)),
    min: least(hours.map((hour) => hour.min)),
    max: greatest(hours.map((hour) => hour.max)),
    last: newest?.last ?? null,
  };
}

function addUp(parts: readonly Part[], sampleCount: number): RollUp {
  const sketches = parts.flatMap((part) => part.sketch ?? []);
  // Extremes are known only where every part with events knows its own; percentiles only where every one has buckets.
  const filled = parts.filter((part) => (part.count ?? 0) > 0);
  const min = filled.every((part) => part.min !== null) ? least(filled.map((part) => part.min)) : null;
  const max = filled.every((part) => part.max !== null) ? greatest(filled.map((part) => part.max)) : null;
  const base = {
    ...nothing,
    sampleCount,
    count: total(parts.map((part) => part.count)),
    sum: total(parts.map((part) => part.sum)),
    min,
    max,
  };
  if (sketches.length === 0) return base;
  const spans = mergeMany(sketches.map(decodeSketch));
  const at = (p: number): number | null => percentile(spans, p, { min, max })?.value ?? null;
  const maxP95 = greatest(parts.map((part) => part.maxP95));
  return { ...base, p50: at(0.5), p95: at(0.95), p99: at(0.99), maxP95, sketch: encodeSketch(spans) };
}

/** One minute of a gauge over its writers: additive ones add up, of the others the newest, least or greatest counts. */
function readingOf(
  merge: CatalogueEntry['merge'],
  writers: readonly Part[],
): { value: number; min: number; max: number } {
  const lasts = writers.map((part) => part.last ?? 0);
  if (merge === 'sum') {
    const value = lasts.reduce((sum, last) => sum + last, 0);
    return { value, min: value, max: value };
  }
  const newest = writers.reduce((a, b) =>
    (b.lastMs ?? 0) > (a.lastMs ?? 0) || (b.lastMs === a.lastMs && (b.last ?? 0) > (a.last ?? 0)) ? b : a,
  );
  const min = least(writers.map((part) => part.min)) ?? newest.last ?? 0;
  const max = greatest(writers.map((part) => part.max)) ?? newest.last ?? 0;
  const byRule = { max, min, last: newest.last ?? 0 };
  return { value: byRule[merge], min, max };
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
