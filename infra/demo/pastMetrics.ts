import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram as ExplicitHistogram,
  type ExponentialHistogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { type Drawn, drawLogNormal, middleOf, SCALE } from './logNormal.ts';
import type { Counted, Level, Measured, Reading, Service } from './platform.ts';
import type { Random } from './random.ts';
import { resourceOf, SCOPE } from './sender.ts';

/**
 * Scope of the increases of the past: each minute is an interval of its own, in a stream beside the one that lives. Levels have the scope of
 * the present, so that a stream that lives on is not added to its own past.
 */
const PAST_SCOPE = `${SCOPE}.past`;

/** Collects points as the SDK would export them, with times of the past, which its instruments cannot be given. */
export interface MetricWriter {
  measure(measured: Measured, values: number, median: number, random: Random, start: HrTime, end: HrTime): void;
  count(counted: Counted, increase: number, start: HrTime, end: HrTime): void;
  read(level: Level, readings: readonly Reading[], start: HrTime, end: HrTime): void;
  written(): ResourceMetrics;
}

export function metricWriter(service: Service): MetricWriter {
  const increases = new Map<string, MetricData>();
  const levels = new Map<string, MetricData>();
  const add = (
    to: Map<string, MetricData>,
    { name, unit }: { readonly name: string; readonly unit: string },
    kind: Kind,
    point: DataPoint<number | ExplicitHistogram | ExponentialHistogram>,
  ): void => {
    const metric = to.get(name) ?? emptyMetric(name, unit, kind);
    to.set(name, metric);
    (metric.dataPoints as DataPoint<unknown>[]).push(point);
  };
  // The most special first: one source counts (docs/contract.md), and the door takes the first that it hears for the whole past.
  const special = service.measured.flatMap(({ counters }) => counters ?? []).toReversed();
  for (const { name, unit } of special) increases.set(name, emptyMetric(name, unit, 'counter'));
  const count = (counter: Counted['counter'], value: number, attributes: Attributes, start: HrTime, end: HrTime) =>
    add(increases, counter, 'counter', { startTime: start, endTime: end, attributes, value });
  return {
    measure: ({ histogram, attributes, spread, counters }, values, median, random, startTime, endTime) => {
      const drawn = drawLogNormal(random, values, median, spread);
      const point = { startTime, endTime, attributes };
      if (histogram.bounds === undefined)
        add(increases, histogram, 'exponential', { ...point, value: exponentialOf(drawn, values) });
      else add(increases, histogram, 'explicit', { ...point, value: explicitOf(drawn, values, histogram.bounds) });
      for (const counter of counters ?? []) count(counter, values, attributes, startTime, endTime);
    },
    count: ({ counter, attributes }, increase, start, end) => count(counter, increase, attributes, start, end),
    read: (level, readings, startTime, endTime) => {
      for (const { value, attributes } of readings)
        add(levels, level, level.kind, { startTime, endTime, attributes, value });
    },
    written: () => ({
      resource: resourceOf(service),
      scopeMetrics: [
        { scope: { name: PAST_SCOPE, version: service.version }, metrics: [...increases.values()] },
        { scope: { name: SCOPE, version: service.version }, metrics: [...levels.values()] },
      ],
    }),
  };
}

type Kind = 'counter' | 'exponential' | 'explicit' | Level['kind'];

function emptyMetric(name: string, unit: string, kind: Kind): MetricData {
  const descriptor = { name, unit, description: '', valueType: ValueType.DOUBLE };
  const delta = { descriptor, aggregationTemporality: AggregationTemporality.DELTA, dataPoints: [] };
  const whole = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE, dataPoints: [] };
  switch (kind) {
    case 'counter':
      return { ...delta, dataPointType: DataPointType.SUM, isMonotonic: true };
    case 'exponential':
      return { ...delta, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM };
    case 'explicit':
      return { ...delta, dataPointType: DataPointType.HISTOGRAM };
    case 'upDownCounter':
      return { ...whole, dataPointType: DataPointType.SUM, isMonotonic: false };
    case 'gauge':
      return { ...whole, dataPointType: DataPointType.GAUGE };
  }
}

function exponentialOf({ offset, counts }: Drawn, count: number): ExponentialHistogram {
  return {
    ...{ count, scale: SCALE, zeroCount: 0 },
    ...summaryOf({ offset, counts }),
    positive: { offset, bucketCounts: counts },
    negative: { offset: 0, bucketCounts: [] },
  };
}

function explicitOf(drawn: Drawn, count: number, bounds: readonly number[]): ExplicitHistogram {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let bucket = 0;
  for (const [index, values] of drawn.counts.entries()) {
    const value = middleOf(drawn.offset + index);
    while (value > (bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    counts[bucket] = (counts[bucket] ?? 0) + values;
  }
  return { count, ...summaryOf(drawn), buckets: { boundaries: [...bounds], counts } };
}

/** Of the middles of the buckets. Nothing drawn has a sum of 0 and no extremes. */
function summaryOf({ offset, counts }: Drawn): { sum: number; min?: number; max?: number } {
  let sum = 0;
  for (const [index, values] of counts.entries()) sum += values * middleOf(offset + index);
  if (counts.length === 0) return { sum };
  return { sum, min: middleOf(offset), max: middleOf(offset + counts.length - 1) };
}
