import { otelRows } from './otel.ts';
import { bytes, file, flag, integer, postgresUrl, text, url, yaml } from './row.ts';

const optional = { fallback: undefined } as const;
const web = { protocols: ['http:', 'https:'], fallback: undefined } as const;

/** interfaces.md §5: what is kept of telemetry, what is probed, and where links lead. */
export const telemetryRows = {
  contract: file({
    name: 'COMMAND_CENTER_CONTRACT',
    meaning: 'YAML file over the built-in contract.',
    fallback: undefined,
    defaultText: 'built in',
  }),
  contractYaml: yaml({
    name: 'COMMAND_CENTER_CONTRACT_YAML',
    meaning: 'The text of that file, where there are no files (Workers).',
    fallback: undefined,
  }),
  maxSeriesPerMetric: integer({
    name: 'COMMAND_CENTER_MAX_SERIES_PER_METRIC',
    meaning: 'Label sets a metric may have; more go into its overflow series.',
    unit: 'series',
    min: 1,
    max: 10_000,
    fallback: 100,
  }),
  processMemoryLimitBytes: bytes({
    name: 'COMMAND_CENTER_PROCESS_MEMORY_LIMIT_BYTES',
    meaning: 'What the memory of observed processes is measured against; unset, it takes no colour.',
    max: 2 ** 50,
    ...optional,
  }),
  primaryService: text({
    name: 'COMMAND_CENTER_PRIMARY_SERVICE',
    meaning: 'Service whose metadata is shown.',
    fallback: undefined,
    defaultText: 'the one with most requests in the last hour',
  }),
  collectorEndpoint: text({
    name: 'COMMAND_CENTER_COLLECTOR_ENDPOINT',
    meaning: 'Shown beside the OTel pipeline.',
    ...optional,
  }),
  probeHttpUrl: url({ name: 'COMMAND_CENTER_PROBE_HTTP_URL', meaning: 'Answers GET with 2xx while healthy.', ...web }),
  probePostgresUrl: postgresUrl({
    name: 'COMMAND_CENTER_PROBE_POSTGRES_URL',
    meaning: 'Postgres to probe with SELECT 1.',
    fallback: undefined,
    defaultText: "the product's own",
  }),
  probeValkeyUrl: url({
    name: 'COMMAND_CENTER_PROBE_VALKEY_URL',
    meaning: 'Valkey to probe with PING.',
    protocols: ['redis:', 'rediss:', 'valkey:', 'valkeys:'],
    isSecret: true,
    ...optional,
  }),
  probeS3Bucket: text({ name: 'COMMAND_CENTER_PROBE_S3_BUCKET', meaning: 'Bucket to probe.', ...optional }),
  probeS3Endpoint: url({ name: 'COMMAND_CENTER_PROBE_S3_ENDPOINT', meaning: 'Endpoint of its store.', ...web }),
  probeS3Region: text({ name: 'COMMAND_CENTER_PROBE_S3_REGION', meaning: 'Region of its store.', ...optional }),
  grafanaUrl: url({ name: 'COMMAND_CENTER_GRAFANA_URL', meaning: 'Link template to Grafana.', ...web }),
  tempoUrl: url({
    name: 'COMMAND_CENTER_TEMPO_URL',
    meaning: 'Link template to a trace; {trace_id}, {service}, {from} and {to} are filled in.',
    ...web,
  }),
  lokiUrl: url({ name: 'COMMAND_CENTER_LOKI_URL', meaning: 'Link template to logs.', ...web }),
  prometheusUrl: url({ name: 'COMMAND_CENTER_PROMETHEUS_URL', meaning: 'Link template to metrics.', ...web }),
  exportBucket: text({
    name: 'COMMAND_CENTER_EXPORT_BUCKET',
    meaning: 'Bucket that takes exports; its own rule lets objects live a day (docs/exports.md).',
    ...optional,
  }),
  exportEndpoint: url({
    name: 'COMMAND_CENTER_EXPORT_ENDPOINT',
    meaning: 'Endpoint of its store, where that is not AWS.',
    ...web,
  }),
  exportRegion: text({
    name: 'COMMAND_CENTER_EXPORT_REGION',
    meaning: 'Region of its store; unset, AWS_REGION, or us-east-1 where an endpoint is set.',
    ...optional,
  }),
  featureClientTelemetry: flag({
    name: 'COMMAND_CENTER_FEATURE_CLIENT_TELEMETRY',
    meaning: 'Telemetry of clients.',
    isPlanned: true,
    fallback: false,
  }),
  featureValkeyInfo: flag({
    name: 'COMMAND_CENTER_FEATURE_VALKEY_INFO',
    meaning: 'Numbers of INFO in Valkey.',
    isPlanned: true,
    fallback: false,
  }),
  featureDeployMarkers: flag({
    name: 'COMMAND_CENTER_FEATURE_DEPLOY_MARKERS',
    meaning: 'Deployments marked in charts.',
    isPlanned: true,
    fallback: false,
  }),
  featureAnomalyBaselines: flag({
    name: 'COMMAND_CENTER_FEATURE_ANOMALY_BASELINES',
    meaning: 'Baselines of 7 days.',
    isPlanned: true,
    fallback: false,
  }),
  ...otelRows,
  testTimescaleUrl: postgresUrl({
    name: 'TEST_TIMESCALE_URL',
    meaning: 'A Postgres with TimescaleDB, as a superuser, for `npm run test:timescale`; nothing else reads it.',
    ...optional,
  }),
};
