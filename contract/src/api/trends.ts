import { z } from 'zod';
import { quality, timestamp } from './primitives.ts';

const percentile = z.number().nullable().optional();
const percentileQuality = quality.nullable().optional();

/** A window. Which members stand in it depends on the metric's kind: counter sum and rate, gauge value min max, histogram count sum rate and percentiles. */
export const trendPoint = z.object({
  /** When the window began. */
  ts: timestamp,
  /** Values of a histogram in the window. */
  count: z.number().optional(),
  /** Of a counter its increase, of a histogram the sum of its values. */
  sum: z.number().optional(),
  /** A second: of a counter its increase, of a histogram its count. */
  rate: z.number().optional(),
  /** Reading of a gauge; how readings merge says the contract. */
  value: z.number().nullable().optional(),
  /** Least value of a histogram, or reading of a gauge. */
  min: z.number().nullable().optional(),
  /** And the greatest. */
  max: z.number().nullable().optional(),
  p50: percentile,
  p50_lo: percentile,
  p50_hi: percentile,
  p50_quality: percentileQuality,
  p95: percentile,
  p95_lo: percentile,
  p95_hi: percentile,
  p95_quality: percentileQuality,
  p99: percentile,
  p99_lo: percentile,
  p99_hi: percentile,
  p99_quality: percentileQuality,
  /** True for the window that is still open. */
  partial: z.boolean().optional(),
});
export type TrendPoint = z.infer<typeof trendPoint>;

export const trendSeries = z.object({
  /** Canonical name, whichever alias was asked for. */
  metric_name: z.string(),
  /** UCUM, as the contract has it. */
  unit: z.string(),
  kind: z.enum(['counter', 'gauge', 'histogram']),
  /** What `by` and `where` chose; empty where all series are merged. */
  labels: z.record(z.string(), z.union([z.string(), z.boolean()])),
  /** Width of a window. */
  resolution: z.enum(['1m', '1h', '1d']),
  /** Oldest first. A gap is a missing point. */
  points: z.array(trendPoint),
});
export type TrendSeries = z.infer<typeof trendSeries>;

/** `GET /trends`. */
export const trends = z.object({ from: timestamp, to: timestamp, series: z.array(trendSeries) });
export type Trends = z.infer<typeof trends>;
