import { type HrTime, ValueType } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import type { MetricPoint, MetricSnapshot } from './meters.ts';

/** Loaded only where metrics are sent: the packages behind it are not small. */

export interface ExportTimes {
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly nowMs: number;
}

/** An ExportMetricsServiceRequest in protobuf; cumulative, so that a lost one is made up by the next. */
export function otlpRequest(
  resource: Readonly<Record<string, string>>,
  metrics: readonly MetricSnapshot[],
  times: ExportTimes,
): Uint8Array {
  const bytes = ProtobufMetricsSerializer.serializeRequest({
    resource: resourceFromAttributes(resource),
    scopeMetrics: [
      {
        scope: { name: 'command-center-sidecar' },
        metrics: metrics.filter(({ points }) => points.length > 0).map((metric) => dataOf(metric, times)),
      },
    ],
  });
  if (bytes === undefined) throw new Error('the metrics could not be encoded');
  return bytes;
}

function dataOf({ row, points }: MetricSnapshot, times: ExportTimes): MetricData {
  const { name, description, unit, bounds } = row;
  const base = {
    descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const pointsOf = <T>(value: (point: MetricPoint) => T): DataPoint<T>[] =>
    points.map((point) => ({
      startTime: hrTime(times.startMs),
      endTime: hrTime(times.nowMs),
      attributes: { ...point.labels },
      value: value(point),
    }));
  switch (row.kind) {
    case 'counter':
      return {
        ...base,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: pointsOf(({ value }) => value),
      };
    case 'gauge':
      return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: pointsOf(({ value }) => value) };
    case 'histogram':
      return {
        ...base,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: pointsOf(({ value, counts }) => ({
          buckets: { boundaries: [...bounds], counts: [...counts] },
          sum: value,
          count: counts.reduce((sum, count) => sum + count, 0),
        })),
      };
  }
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}
