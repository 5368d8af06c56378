import { defaultCatalogue } from '@command-center/contract/catalogue/catalogue';
import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import type { Sql } from 'postgres';

/** The series of the bench's data set: 500 of every kind, as an installation of some services has them. */

/** How a series' minutes look on disk. */
export type Shape = 'counter' | 'additive' | 'gauge' | 'explicit' | 'exponential';

/** Series a metric; of a histogram the second number are those whose senders use exponential buckets. */
const SHARES: Readonly<Record<string, readonly [number, number?]>> = {
  'http.server.request.duration': [28, 14],
  kaiku_http_requests_total: [60],
  kaiku_http_errors_total: [60],
  'db.client.operation.duration': [14, 10],
  'db.client.connection.count': [16],
  'db.client.connection.max': [8],
  kaiku_ws_connections_active: [6],
  kaiku_ws_messages_total: [24],
  kaiku_ws_reconnects_total: [14],
  kaiku_auth_login_attempts_total: [10],
  kaiku_auth_token_refresh_total: [10],
  'process.memory.usage': [24],
  'process.cpu.utilization': [24],
  'nodejs.eventloop.delay.p99': [16],
  'process.uptime': [20],
  kaiku_users_active: [2],
  kaiku_guilds: [2],
  kaiku_otel_export_failures_total: [8],
  otelcol_exporter_send_failed_spans: [3],
  otelcol_exporter_send_failed_metric_points: [3],
  otelcol_exporter_send_failed_log_records: [3],
  otelcol_exporter_enqueue_failed_spans: [3],
  otelcol_exporter_enqueue_failed_metric_points: [3],
  otelcol_exporter_enqueue_failed_log_records: [3],
  otelcol_exporter_sent_spans: [6],
  otelcol_exporter_sent_metric_points: [6],
  otelcol_exporter_sent_log_records: [6],
  otelcol_exporter_queue_size: [9],
  otelcol_exporter_queue_capacity: [9],
  kaiku_otel_dropped_spans_total: [8],
  kaiku_voice_session_duration_seconds: [4],
  kaiku_voice_sessions_active: [4],
  kaiku_voice_rtp_packets_forwarded_total: [8],
  kaiku_voice_joins_total: [8],
  kaiku_voice_packet_loss_ratio: [4, 2],
  kaiku_voice_jitter_ms: [4, 2],
  kaiku_voice_latency_ms: [4, 4],
  kaiku_voice_quality_total: [12],
  kaiku_voice_rooms_active: [4],
  kaiku_voice_room_participants: [4],
  kaiku_voice_session_crashes_total: [4],
};

export interface BenchSeries {
  readonly id: number;
  readonly metric: string;
  readonly shape: Shape;
}

/** Puts the series into the database. `factor`: how many times the 500. */
export async function writeSeries(sql: Sql, factor = 1): Promise<readonly BenchSeries[]> {
  const wanted = defaultCatalogue.entries.flatMap((entry) => seriesOf(entry, factor));
  const rows = await sql<{ id: number; metric_name: string; labels: Readonly<Record<string, string>> }[]>`
    INSERT INTO telemetry_metric_series (metric_name, labels)
    SELECT u.metric, u.labels FROM jsonb_to_recordset(${sql.json(wanted)}) AS u(metric text, labels jsonb)
    RETURNING id, metric_name, labels`;
  const shapes = new Map(wanted.map(({ metric, labels, shape }) => [`${metric} ${labels['service.name']}`, shape]));
  return rows.map((row) => {
    const shape = shapes.get(`${row.metric_name} ${row.labels['service.name']}`);
    if (shape === undefined) throw new Error(`no shape for ${row.metric_name}`);
    return { id: row.id, metric: row.metric_name, shape };
  });
}

function seriesOf(entry: CatalogueEntry, factor: number) {
  const [usual = 0, exponential = 0] = SHARES[entry.name] ?? [];
  const shape: Shape =
    entry.kind === 'histogram'
      ? 'explicit'
      : entry.kind === 'counter'
        ? 'counter'
        : entry.merge === 'sum'
          ? 'additive'
          : 'gauge';
  return Array.from({ length: (usual + exponential) * factor }, (_, index) => ({
    metric: entry.name,
    shape: index < usual * factor ? shape : ('exponential' as const),
    labels: labelsOf(entry, index),
  }));
}

const STATUS = ['500', '404', '503', '401'];

/** Each label set is one of its own; a service has ten of them. */
function labelsOf(entry: CatalogueEntry, index: number): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {
    'service.name': `service-${index}`,
    'deployment.environment.name': 'production',
  };
  for (const label of entry.labels.slice(2)) {
    if (label === 'http.response.status_code') labels[label] = STATUS[index % STATUS.length] ?? '500';
    else if (label === 'http.route') labels[label] = `/api/v1/resource-${index % 20}/{id}`;
    else if (label === 'http.request.method') labels[label] = index % 3 === 0 ? 'POST' : 'GET';
    else labels[label] = `${label.split('.').at(-1)}-${index % 5}`;
  }
  return labels;
}
