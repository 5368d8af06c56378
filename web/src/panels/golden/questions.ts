import type { TrendSeries, Trends } from '@command-center/contract/api/trends';
import type { Polled } from '../../state/poll.svelte.ts';

/** What the tab asks `/trends` for. Metrics that are split by nothing are asked for together: an answer takes eight. */
export const metrics = {
  duration: 'http.server.request.duration',
  requests: 'kaiku_http_requests_total',
  errors: 'kaiku_http_errors_total',
  queries: 'db.client.operation.duration',
  sessionDuration: 'kaiku_voice_session_duration_seconds',
  sockets: 'kaiku_ws_connections_active',
  messages: 'kaiku_ws_messages_total',
  sessions: 'kaiku_voice_sessions_active',
  packets: 'kaiku_voice_rtp_packets_forwarded_total',
  logins: 'kaiku_auth_login_attempts_total',
  refreshes: 'kaiku_auth_token_refresh_total',
  reconnects: 'kaiku_ws_reconnects_total',
  joins: 'kaiku_voice_joins_total',
  exports: 'kaiku_otel_export_failures_total',
  connections: 'db.client.connection.count',
  mostConnections: 'db.client.connection.max',
  droppedSpans: 'kaiku_otel_dropped_spans_total',
  memory: 'process.memory.usage',
} as const;

/** What a collector failed to send, or dropped at a full queue. */
export const collectorFailures = ['send', 'enqueue'].flatMap((fate) =>
  ['spans', 'metric_points', 'log_records'].map((record) => `otelcol_exporter_${fate}_failed_${record}`),
);

/** What the tab shows, for its export: of a route only what is kept by route. */
export function shownMetrics(route: string): readonly string[] {
  const { duration, requests, errors } = metrics;
  return route === '' ? [...Object.values(metrics), ...collectorFailures] : [duration, requests, errors];
}

/** The series of one metric in an answer, in its order. */
export function seriesOf(source: Polled<Trends>, metric: string): TrendSeries[] {
  return source.held?.data.series.filter(({ metric_name }) => metric_name === metric) ?? [];
}

/** A label's value; '' where the series has none, as the overflow series. */
export function labelOf({ labels }: TrendSeries, key: string): string {
  const value = labels[key];
  return typeof value === 'string' ? value : '';
}
