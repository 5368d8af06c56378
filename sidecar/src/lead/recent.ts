import type { Merge } from '@command-center/contract/catalogue/entry';
import type { Contract } from '@command-center/contract/contract';
import type { Labels } from '@command-center/contract/labels';
import { isProbeRoute } from '@command-center/contract/routes';
import { numberArray, textArray } from '@command-center/drizzle/arrays';
import type { TransactionSql } from 'postgres';
import { maxSummarySeries } from './limits.ts';

/** A series whose windows the summary reads. */
export interface Series {
  readonly id: number;
  readonly metric: string;
  /** How its writers' readings become one, where it is a gauge. */
  readonly merge: Merge;
  readonly labels: Labels;
  readonly lastSeenMs: number;
}

/** One writer's row of one series in one minute. */
export interface MinuteRow {
  readonly series: Series;
  readonly minuteMs: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
  readonly lastMs: number | null;
  readonly sketch: Uint8Array | null;
}

/** Rows by canonical metric name. */
export type RowsByMetric = ReadonlyMap<string, readonly MinuteRow[]>;

/** The series of the named metrics, without those of routes that only machines ask for; the newest where there are too many. */
export async function readSeries(
  tx: TransactionSql,
  metrics: readonly string[],
  { catalogue, probeRoutes }: Contract,
): Promise<readonly Series[]> {
  const rows = await tx<{ id: number; metric_name: string; labels: Labels; last_seen_ms: number }[]>`
    /* summary-series */
    SELECT id, metric_name, labels, extract(epoch FROM last_seen)::double precision * 1000 AS last_seen_ms
    FROM telemetry_metric_series WHERE metric_name = ANY (${textArray(metrics)}::text[]) AND scope = 'cluster'
    ORDER BY last_seen DESC LIMIT ${maxSummarySeries}`;
  return rows
    .map((row) => ({
      id: row.id,
      metric: row.metric_name,
      merge: catalogue.entryOf(row.metric_name)?.merge ?? 'last',
      labels: row.labels,
      lastSeenMs: row.last_seen_ms,
    }))
    .filter(({ labels }) => !isProbeRoute(String(labels['http.route'] ?? ''), probeRoutes));
}

interface WindowColumns {
  series_id: number;
  minute_ms: number;
  value_count: number | null;
  value_sum: number | null;
  value_min: number | null;
  value_max: number | null;
  value_last: number | null;
  value_last_ms: number | null;
  sketch: Uint8Array | null;
}

/** The minutes of the series that start in [fromMs, toMs), open and closed ones alike. */
export async function readMinutes(
  tx: TransactionSql,
  series: readonly Series[],
  fromMs: number,
  toMs: number,
): Promise<RowsByMetric> {
  const byId = new Map(series.map((one) => [one.id, one]));
  const part = tx`SELECT series_id, extract(epoch FROM ts)::double precision * 1000 AS minute_ms, value_count::double precision, value_sum,
    value_min, value_max, value_last, value_last_ms, sketch`;
  const wanted = tx`WHERE series_id = ANY (${numberArray([...byId.keys()])}::integer[])
    AND ts >= ${new Date(fromMs)} AND ts < ${new Date(toMs)}`;
  const rows = await tx<WindowColumns[]>`
    /* summary-minutes */
    ${part} FROM telemetry_open_windows ${wanted} UNION ALL ${part} FROM telemetry_metric_samples ${wanted}`;
  const byMetric = new Map<string, MinuteRow[]>();
  for (const row of rows) {
    const owner = byId.get(row.series_id);
    if (owner === undefined) continue;
    const known = byMetric.get(owner.metric);
    if (known === undefined) byMetric.set(owner.metric, [minuteRow(owner, row)]);
    else known.push(minuteRow(owner, row));
  }
  return byMetric;
}

function minuteRow(series: Series, row: WindowColumns): MinuteRow {
  return {
    series,
    minuteMs: row.minute_ms,
    count: row.value_count ?? 0,
    sum: row.value_sum ?? 0,
    min: row.value_min,
    max: row.value_max,
    last: row.value_last,
    lastMs: row.value_last_ms,
    sketch: row.sketch,
  };
}

/** Value of a label, '' where the series lacks it. */
export function labelOf(series: Series, key: string): string {
  return String(series.labels[key] ?? '');
}

/** A gauge of one series in one minute, its writers merged. */
export interface Reading {
  readonly series: Series;
  readonly minuteMs: number;
  readonly value: number;
}

/** Merges the writers of each minute of a gauge as its catalogue entry says (design §4); newest first. */
export function readings(rows: readonly MinuteRow[]): readonly Reading[] {
  const groups = Map.groupBy(rows, (row) => `${row.series.id}:${row.minuteMs}`);
  const merged: Reading[] = [];
  for (const parts of groups.values()) {
    const [first] = parts;
    const value = mergedReading(parts);
    if (first !== undefined && value !== null) merged.push({ series: first.series, minuteMs: first.minuteMs, value });
  }
  return merged.sort((a, b) => b.minuteMs - a.minuteMs);
}

function mergedReading(parts: readonly MinuteRow[]): number | null {
  const merge = parts[0]?.series.merge ?? 'last';
  const known = (value: (row: MinuteRow) => number | null): number[] => parts.map(value).filter((one) => one !== null);
  if (merge === 'last') {
    const [newest] = [...parts].sort((a, b) => (b.lastMs ?? 0) - (a.lastMs ?? 0) || (b.last ?? 0) - (a.last ?? 0));
    return newest?.last ?? null;
  }
  const values = known((row) => (merge === 'max' ? row.max : merge === 'min' ? row.min : row.last));
  if (values.length === 0) return null;
  if (merge === 'max') return Math.max(...values);
  if (merge === 'min') return Math.min(...values);
  return values.reduce((sum, value) => sum + value, 0);
}
