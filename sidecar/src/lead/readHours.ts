import { entryOf } from '@command-center/contract/catalogue/catalogue';
import type { Labels } from '@command-center/contract/labels';
import type { PendingQuery, Row, TransactionSql } from 'postgres';
import { numberArray, textArray } from '../store/arrays.ts';
import { maxHistogramHours } from './limits.ts';
import { countsServerErrors } from './measures.ts';
import { type HistogramPart, histogramHour, noPercentiles, type Rollup } from './rollupRow.ts';

/** An hour of one series. */
export interface SeriesHour {
  readonly seriesId: number;
  readonly hourMs: number;
}

const DAY_MS = 86_400_000;

/** How the minutes of a series become an hour; `null` = the contract does not know the metric, so nothing asks for it. */
type Shape = 'counter' | 'histogram' | 'sum' | 'max' | 'min' | 'last';

interface Wanted extends SeriesHour {
  readonly shape: Shape;
  readonly isServerErrors: boolean;
}

/** Computes hours of one UTC day anew from their minutes, open and closed ones alike; hours without any are left out. */
export async function readHours(
  tx: TransactionSql,
  dayMs: number,
  hours: readonly SeriesHour[],
): Promise<readonly Rollup[]> {
  const wanted = await describe(tx, hours);
  const histograms = wanted.filter(({ shape }) => shape === 'histogram');
  const rollups = await readNumbers(
    tx,
    dayMs,
    wanted.filter(({ shape }) => shape !== 'histogram'),
  );
  for (let at = 0; at < histograms.length; at += maxHistogramHours) {
    rollups.push(...(await readHistograms(tx, dayMs, histograms.slice(at, at + maxHistogramHours))));
  }
  return rollups;
}

async function describe(tx: TransactionSql, hours: readonly SeriesHour[]): Promise<readonly Wanted[]> {
  const ids = [...new Set(hours.map(({ seriesId }) => seriesId))];
  const rows = await tx<{ id: number; metric_name: string; labels: Labels }[]>`
    /* rolled-up-series */
    SELECT id, metric_name, labels FROM telemetry_metric_series WHERE id = ANY (${numberArray(ids)}::integer[])`;
  const known = new Map(rows.map((row) => [row.id, row]));
  return hours.flatMap((hour): Wanted[] => {
    const series = known.get(hour.seriesId);
    const entry = entryOf(series?.metric_name ?? '');
    if (series === undefined || entry === undefined) return [];
    const isServerErrors = entry.name === 'kaiku_http_errors_total' && countsServerErrors(series.labels);
    return [{ ...hour, shape: entry.kind === 'gauge' ? entry.merge : entry.kind, isServerErrors }];
  });
}

/** The windows of each wanted hour; `w` has the columns. The day stands there as well, so that only its partition is planned. */
function windowsOf(tx: TransactionSql, dayMs: number, wanted: readonly Wanted[], columns: PendingQuery<Row[]>) {
  const inHour = tx`series_id = h.series_id AND ts >= h.hour AND ts < h.hour + interval '1 hour'
    AND ts >= ${new Date(dayMs)} AND ts < ${new Date(dayMs + DAY_MS)}`;
  return tx`
    (SELECT series_id, to_timestamp(hour_ms / 1000) AS hour, shape
      FROM unnest(${numberArray(wanted.map(({ seriesId }) => seriesId))}::integer[],
        ${numberArray(wanted.map(({ hourMs }) => hourMs))}::double precision[], ${textArray(wanted.map(({ shape }) => shape))}::text[])
        AS u(series_id, hour_ms, shape)) AS h
    CROSS JOIN LATERAL (
      SELECT ts, ${columns} FROM telemetry_open_windows WHERE ${inHour}
      UNION ALL
      SELECT ts, ${columns} FROM telemetry_metric_samples WHERE ${inHour}
    ) AS w`;
}

/** Counters add. Gauges keep sum and count of their minutes, the least, the greatest and the last reading, writers merged first. */
async function readNumbers(tx: TransactionSql, dayMs: number, wanted: readonly Wanted[]): Promise<Rollup[]> {
  if (wanted.length === 0) return [];
  const columns = tx`value_sum, value_min, value_max, value_last, value_last_ms`;
  const rows = await tx<NumberHour[]>`
    /* roll-up-numbers */
    WITH minutes AS (
      SELECT h.series_id, h.hour, h.shape, w.ts, sum(w.value_sum) AS increase, min(w.value_min) AS low, max(w.value_max) AS high,
        CASE h.shape WHEN 'counter' THEN NULL WHEN 'sum' THEN sum(w.value_last) WHEN 'max' THEN max(w.value_max)
          WHEN 'min' THEN min(w.value_min)
          ELSE (array_agg(w.value_last ORDER BY w.value_last_ms DESC NULLS LAST, w.value_last DESC))[1] END AS reading
      FROM ${windowsOf(tx, dayMs, wanted, columns)} GROUP BY h.series_id, h.hour, h.shape, w.ts
    )
    SELECT series_id, extract(epoch FROM hour)::double precision * 1000 AS hour_ms, count(*)::integer AS minutes, sum(increase) AS increase,
      count(reading)::integer AS readings, sum(reading) AS total,
      min(CASE shape WHEN 'sum' THEN reading ELSE low END) AS low, max(CASE shape WHEN 'sum' THEN reading ELSE high END) AS high,
      (array_agg(reading ORDER BY ts DESC) FILTER (WHERE reading IS NOT NULL))[1] AS last
    FROM minutes GROUP BY series_id, hour`;
  const known = new Map(wanted.map((one) => [keyOf(one), one]));
  return rows.flatMap((row): Rollup[] => {
    const one = known.get(keyOf({ seriesId: row.series_id, hourMs: row.hour_ms }));
    return one === undefined ? [] : [numberHour(one, row)];
  });
}

interface NumberHour {
  series_id: number;
  hour_ms: number;
  minutes: number;
  increase: number | null;
  readings: number;
  total: number | null;
  low: number | null;
  high: number | null;
  last: number | null;
}

function numberHour({ seriesId, hourMs, shape, isServerErrors }: Wanted, row: NumberHour): Rollup {
  const own = { seriesId, bucketMs: hourMs, sampleCount: row.minutes, ...noPercentiles, maxP95: null, sketch: null };
  if (shape !== 'counter') {
    const readings = { count: row.readings, sum: row.total, min: row.low, max: row.high, last: row.last };
    return { ...own, ...readings, totalCount: null, errorCount: null };
  }
  const sum = row.increase ?? 0;
  const count = Math.round(sum);
  const counts = { count, totalCount: count, errorCount: isServerErrors ? count : 0 };
  return { ...own, ...counts, sum, min: null, max: null, last: null };
}

async function readHistograms(tx: TransactionSql, dayMs: number, wanted: readonly Wanted[]): Promise<Rollup[]> {
  const columns = tx`value_count, value_sum, value_min, value_max, value_p95, sketch`;
  const rows = await tx<HistogramRow[]>`
    /* roll-up-histograms */
    SELECT h.series_id, extract(epoch FROM h.hour)::double precision * 1000 AS hour_ms, extract(epoch FROM w.ts)::double precision * 1000 AS minute_ms,
      w.value_count::double precision, w.value_sum, w.value_min, w.value_max, w.value_p95, w.sketch
    FROM ${windowsOf(tx, dayMs, wanted, columns)} WHERE w.sketch IS NOT NULL`;
  const byHour = Map.groupBy(rows, (row) => keyOf({ seriesId: row.series_id, hourMs: row.hour_ms }));
  return wanted.flatMap((one): Rollup[] => {
    const parts = byHour.get(keyOf(one));
    return parts === undefined ? [] : [histogramHour(one.seriesId, one.hourMs, parts.map(partOf))];
  });
}

interface HistogramRow {
  series_id: number;
  hour_ms: number;
  minute_ms: number;
  value_count: number | null;
  value_sum: number | null;
  value_min: number | null;
  value_max: number | null;
  value_p95: number | null;
  sketch: Uint8Array;
}

function partOf(row: HistogramRow): HistogramPart {
  return {
    minuteMs: row.minute_ms,
    count: row.value_count ?? 0,
    sum: row.value_sum ?? 0,
    min: row.value_min,
    max: row.value_max,
    p95: row.value_p95,
    sketch: row.sketch,
  };
}

function keyOf({ seriesId, hourMs }: SeriesHour): string {
  return `${seriesId}:${hourMs}`;
}
