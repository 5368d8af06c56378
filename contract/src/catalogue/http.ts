import { counter, histogram, type MetricDefinition, renamed, single } from './definition.ts';
import type { Selector } from './entry.ts';

const server: Selector = { key: 'span.kind', equals: 'SPAN_KIND_SERVER' };
const failed: Selector = { key: 'http.response.status_code', atLeast: 400 };

const duration = renamed('s', 'http.server.request.duration', { name: 'http.server.duration', unit: 'ms' });
const kaikuDuration = renamed('s', 'kaiku_http_request_duration_seconds', {
  name: 'kaiku_http_request_duration_ms',
  unit: 'ms',
});
// The connector's default unit is ms; with useSecondAsDefaultMetricsUnit the point says s.
const spanDuration = {
  id: 'traces.span.metrics.duration',
  unit: 's',
  names: [{ name: 'traces.span.metrics.duration', unit: 'ms', selectors: [server] }],
};
const spanCalls = {
  id: 'traces.span.metrics.calls',
  unit: '{call}',
  names: [{ name: 'traces.span.metrics.calls', selectors: [server] }],
};
const kaikuRequests = single('kaiku_http_requests_total', '{request}');

const latencyHistograms = [duration, kaikuDuration, spanDuration];

/** contract.md §4: requests served over HTTP. */
export const httpMetrics: readonly MetricDefinition[] = [
  histogram({
    name: 'http.server.request.duration',
    unit: 's',
    signal: 'latency',
    tab: 'golden_signals',
    labels: ['http.request.method', 'http.route'],
    description: 'Duration of HTTP requests at the server.',
    sources: latencyHistograms.map((instrument) => ({ instrument })),
  }),
  counter({
    name: 'kaiku_http_requests_total',
    unit: '{request}',
    signal: 'traffic',
    tab: 'golden_signals',
    labels: ['http.request.method', 'http.route'],
    description: 'HTTP requests served.',
    sources: [
      { instrument: kaikuRequests },
      { instrument: spanCalls },
      ...latencyHistograms.map((instrument) => ({ instrument, field: 'count' as const })),
    ],
  }),
  counter({
    name: 'kaiku_http_errors_total',
    unit: '{error}',
    signal: 'errors',
    tab: 'golden_signals',
    labels: ['http.route', 'http.response.status_code', 'error.type'],
    description: 'HTTP requests answered with a status from 400 on; 4xx are shown apart and never in the error rate.',
    sources: [
      { instrument: single('kaiku_http_errors_total', '{error}') },
      { instrument: kaikuRequests, selectors: [[failed]] },
      {
        instrument: spanCalls,
        // A span without HTTP status is judged by its own status.
        selectors: [
          [failed],
          [
            { key: 'status.code', equals: 'STATUS_CODE_ERROR' },
            { key: 'http.response.status_code', present: false },
          ],
        ],
      },
      ...latencyHistograms.map((instrument) => ({ instrument, field: 'count' as const, selectors: [[failed]] })),
    ],
  }),
];
