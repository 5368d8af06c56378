import { counter, gauge, type MetricDefinition, renamed, single } from './definition.ts';

const records = [
  { suffix: 'spans', unit: '{span}', words: 'Spans' },
  { suffix: 'metric_points', unit: '{datapoint}', words: 'Metric points' },
  { suffix: 'log_records', unit: '{record}', words: 'Log records' },
] as const;

const fates = [
  { prefix: 'otelcol_exporter_send_failed', words: 'that a collector failed to send, counted once its retries end' },
  { prefix: 'otelcol_exporter_enqueue_failed', words: 'that a collector dropped at a full queue' },
  { prefix: 'otelcol_exporter_sent', words: 'that a collector sent' },
] as const;

/** The default reader of the collector writes no `_total`; others do. */
const collectorCounters = fates.flatMap((fate) =>
  records.map((record) => {
    const name = `${fate.prefix}_${record.suffix}`;
    return counter({
      name,
      unit: record.unit,
      signal: 'errors',
      tab: 'infrastructure',
      labels: ['exporter', 'data_type'],
      description: `${record.words} ${fate.words}.`,
      sources: [{ instrument: renamed(record.unit, name, `${name}_total`) }],
    });
  }),
);

/** contract.md §4: how telemetry itself is doing, at the collector and in the SDKs. */
export const pipelineMetrics: readonly MetricDefinition[] = [
  counter({
    name: 'kaiku_otel_export_failures_total',
    unit: '{failure}',
    signal: 'errors',
    tab: 'infrastructure',
    labels: ['error.type'],
    description: 'Records that an SDK failed to export.',
    sources: [
      { instrument: single('kaiku_otel_export_failures_total', '{failure}') },
      {
        instrument: {
          id: 'otel.sdk.exporter.exported',
          unit: '{record}',
          isSplit: true,
          // Success and failure share a metric; a failure has an error.type.
          names: ['span', 'metric_data_point', 'log'].map((record) => ({
            name: `otel.sdk.exporter.${record}.exported`,
            selectors: [{ key: 'error.type', present: true }],
          })),
        },
      },
    ],
  }),
  ...collectorCounters,
  gauge('sum', {
    name: 'otelcol_exporter_queue_size',
    unit: '{batch}',
    signal: 'saturation',
    tab: 'infrastructure',
    labels: ['exporter', 'data_type'],
    description: "What waits in a collector's queue, in the unit of its sizer.",
  }),
  gauge('sum', {
    name: 'otelcol_exporter_queue_capacity',
    unit: '{batch}',
    signal: 'saturation',
    tab: 'infrastructure',
    labels: ['exporter', 'data_type'],
    description: "What a collector's queue holds at most.",
  }),
  counter({
    name: 'kaiku_otel_dropped_spans_total',
    unit: '{span}',
    signal: 'saturation',
    tab: 'infrastructure',
    description: 'Spans that an SDK dropped.',
  }),
];
