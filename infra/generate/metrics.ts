import { type MetricRow, metricRows } from '@command-center/sidecar/operate/metricRows';
import { prometheusName } from '@command-center/sidecar/operate/prometheus';
import { code, noticeOf, table } from './table.ts';

function cells(row: MetricRow): string[] {
  const { name, kind, unit, labels, description } = row;
  const suffix = kind === 'histogram' ? ' (`_bucket`, `_sum`, `_count`)' : '';
  return [code(name), `${code(prometheusName(row))}${suffix}`, kind, unit, labels.map(code).join(', '), description];
}

/** docs/metrics.md */
export function metricsPage(): string {
  const rows: readonly MetricRow[] = Object.values(metricRows);
  return `${noticeOf('sidecar/src/operate/metricRows.ts')}

# The sidecar's own metrics

At \`/metrics\` on \`COMMAND_CENTER_SIDECAR_HOST\` and \`COMMAND_CENTER_SIDECAR_PORT\` in Prometheus' text format 0.0.4, and, with
\`OTEL_EXPORTER_OTLP_ENDPOINT\` set, sent there as OTLP over HTTP in protobuf, cumulative. With
\`COMMAND_CENTER_METRICS_LOG=emf\` what is worth an alarm is written to standard output for CloudWatch ([why](adr/0032-alarms-read-the-log.md)). They never go into the product's own
tables. Reasons and rules are those of [the contract](contract.md). Beside them stand \`/healthz\` (the process is alive) and \`/readyz\` (what is sent can
be stored; 503 and a sentence otherwise).

Watch first: \`command_center_sidecar_ready\`, \`command_center_sidecar_lag_seconds\`, and the rate of
\`command_center_sidecar_requests_refused_total\`.

${table(['metric', 'in Prometheus', 'kind', 'unit', 'labels', 'meaning'], rows.map(cells))}
`;
}
