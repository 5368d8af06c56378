import { SeverityNumber } from '@opentelemetry/api';
import type { Counted, Level, Reading, Service } from './platform.ts';
import { processLevels } from './process.ts';

const QUEUE_CAPACITY = 1_000;

const sides = [
  { dataType: 'traces', records: 'spans', perSecond: 90 },
  { dataType: 'metrics', records: 'metric_points', perSecond: 60 },
  { dataType: 'logs', records: 'log_records', perSecond: 12 },
] as const;

const labelsOf = (dataType: string) => ({ exporter: 'otlp_grpc/tempo', data_type: dataType });
/** Of the records, those that could not be sent at the worst of an incident. */
const LOST = 0.03;

const outcomes: readonly Counted[] = sides.flatMap(({ dataType, records, perSecond }) => [
  {
    counter: { name: `otelcol_exporter_sent_${records}`, unit: '' },
    attributes: labelsOf(dataType),
    rate: ({ crowd, intensity }) => perSecond * crowd * (1 - LOST * intensity),
  },
  {
    counter: { name: `otelcol_exporter_send_failed_${records}`, unit: '' },
    attributes: labelsOf(dataType),
    rate: ({ crowd, intensity }) => perSecond * crowd * LOST * intensity,
  },
]);

/** The sides share one fate. */
const everySide = (value: number): readonly Reading[] =>
  sides.map(({ dataType }) => ({ value, attributes: labelsOf(dataType) }));

const queue: Level = {
  ...{ kind: 'gauge', name: 'otelcol_exporter_queue_size', unit: '{batch}' },
  read: ({ intensity }, random) => everySide(Math.min(QUEUE_CAPACITY, random.poisson(4 + 600 * intensity))),
};

/** What a collector and the SDKs say of themselves. */
export const pipeline: Service = {
  ...{ name: 'otelcol', version: '0.157.0', instance: 'collector-1', temporality: 'cumulative' },
  measured: [],
  counted: [
    ...outcomes,
    {
      counter: { name: 'kaiku_otel_export_failures_total', unit: '{failure}' },
      attributes: { 'error.type': 'timeout' },
      rate: ({ intensity }) => 0.004 + intensity,
    },
    {
      counter: { name: 'kaiku_otel_dropped_spans_total', unit: '{span}' },
      attributes: {},
      rate: ({ intensity }) => (intensity > 0.8 ? 0.3 : 0),
    },
  ],
  levels: [
    queue,
    {
      ...{ kind: 'gauge', name: 'otelcol_exporter_queue_capacity', unit: '{batch}' },
      read: () => everySide(QUEUE_CAPACITY),
    },
    ...processLevels(140e6),
  ],
  said: [
    {
      severity: SeverityNumber.WARN,
      event: 'exporter.queue.filling',
      body: 'the sending queue is more than half full',
      attributes: {},
      rate: ({ intensity }) => (intensity > 0.8 ? 0.2 : 0),
    },
  ],
};
