import { z } from 'zod';
import { quality, timestamp } from './primitives.ts';

const percentile = z.number().nullable().optional();
const percentileQuality = quality.nullable().optional();

/** A window. Which members stand in it depends on the metric's kind: counter sum and rate, gauge value min max, histogram count sum rate and percentiles. */
export const trendPoint = z.object({
  ts: timestamp,
  count: z.number().optional(),
  sum: z.number().optional(),
  rate: z.number().optional(),
  value: z.number().nullable().optional(),
  min: z.number().nullable().optional(),
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
  metric_name: z.string(),
  unit: z.string(),
  kind: z.enum(['counter', 'gauge', 'histogram']),
  labels: z.record(z.string(), z.union([z.string(), z.boolean()])),
  resolution: z.enum(['1m', '1h', '1d']),
  points: z.array(trendPoint),
});
export type TrendSeries = z.infer<typeof trendSeries>;

/** `GET /trends`. */
export const trends = z.object({ from: timestamp, to: timestamp, series: z.array(trendSeries) });
export type Trends = z.infer<typeof trends>;
