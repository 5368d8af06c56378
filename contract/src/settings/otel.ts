import { choice, headers, integer, text, url } from './row.ts';

const web = { protocols: ['http:', 'https:'], fallback: undefined } as const;

/** Where the product's own telemetry goes: OpenTelemetry's variables for exporters, as far as they mean something here. */
export const otelRows = {
  otelExporterOtlpEndpoint: url({
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    meaning:
      "Where the sidecar's own metrics go, with /v1/metrics added. A door of the product drops them: they are not in the contract.",
    ...web,
  }),
  otelExporterOtlpMetricsEndpoint: url({
    name: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    meaning: 'The same, taken as it is.',
    ...web,
  }),
  otelExporterOtlpHeaders: headers({
    name: 'OTEL_EXPORTER_OTLP_HEADERS',
    meaning: 'Headers of these requests, such as a token.',
    fallback: undefined,
  }),
  otelExporterOtlpMetricsHeaders: headers({
    name: 'OTEL_EXPORTER_OTLP_METRICS_HEADERS',
    meaning: 'The same, in place of these.',
    fallback: undefined,
  }),
  otelExporterOtlpProtocol: choice({
    name: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    meaning: 'How these requests are made.',
    values: ['http/protobuf'],
    fallback: 'http/protobuf',
  }),
  otelExporterOtlpMetricsProtocol: choice({
    name: 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
    meaning: 'The same.',
    values: ['http/protobuf'],
    fallback: 'http/protobuf',
  }),
  otelExporterOtlpTimeoutMs: integer({
    name: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    meaning: 'How long one of these requests may take.',
    unit: 'ms',
    min: 1,
    max: 600_000,
    fallback: 10_000,
  }),
  otelMetricExportIntervalMs: integer({
    name: 'OTEL_METRIC_EXPORT_INTERVAL',
    meaning: 'How often they are made.',
    unit: 'ms',
    min: 100,
    max: 3_600_000,
    fallback: 60_000,
  }),
  otelServiceName: text({
    name: 'OTEL_SERVICE_NAME',
    meaning: 'service.name of these metrics.',
    fallback: 'command-center-sidecar',
  }),
  metricsLog: choice({
    name: 'COMMAND_CENTER_METRICS_LOG',
    meaning:
      "`emf` writes what is worth an alarm of these metrics to the sidecar's standard output, as often, in CloudWatch's embedded metric format.",
    values: ['none', 'emf'],
    fallback: 'none',
  }),
};
