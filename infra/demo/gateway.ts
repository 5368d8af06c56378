import { SeverityNumber } from '@opentelemetry/api';
import { AggregationType } from '@opentelemetry/sdk-metrics';
import { reportProcess } from './process.ts';
import { type Route, serve } from './requests.ts';
import { openSender } from './sender.ts';
import type { DemoService, Surroundings } from './service.ts';

/** Seconds, as the semantic conventions advise for http.server.request.duration. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const CONNECTIONS = 2_300;

const routes: readonly Route[] = [
  {
    method: 'GET',
    route: '/ws/connect',
    rate: 2.2,
    medianS: 0.02,
    usesDatabase: false,
    statement: { operation: 'SELECT', table: 'sessions' },
  },
  {
    method: 'POST',
    route: '/ws/resume',
    rate: 0.7,
    medianS: 0.034,
    usesDatabase: true,
    statement: { operation: 'SELECT', table: 'sessions' },
  },
];
const messages = [
  { type: 'message_create', rate: 46 },
  { type: 'typing_start', rate: 31 },
  { type: 'presence_update', rate: 60 },
  { type: 'heartbeat', rate: 75 },
];

/** The socket hub: explicit buckets and delta temporality, with counters of requests and errors beside its histogram. */
export function openGateway({ endpoint, tally, random }: Surroundings): DemoService {
  const sender = openSender({
    ...{ endpoint, tally, service: 'kaiku-gateway', version: '2.8.1', instance: 'gateway-1', temporality: 'delta' },
    views: [
      {
        instrumentName: 'http.server.request.duration',
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: BOUNDS } },
      },
    ],
  });
  const { meter, logger } = sender;
  const durations = meter.createHistogram('http.server.request.duration', { unit: 's' });
  const requests = meter.createCounter('kaiku_http_requests_total', { unit: '{request}' });
  const errors = meter.createCounter('kaiku_http_errors_total', { unit: '{error}' });
  const sent = meter.createCounter('kaiku_ws_messages_total', { unit: '{message}' });
  const reconnects = meter.createCounter('kaiku_ws_reconnects_total', { unit: '{reconnect}' });
  let connections = CONNECTIONS;
  meter
    .createObservableUpDownCounter('kaiku_ws_connections_active', { unit: '{connection}' })
    .addCallback((result) => result.observe(connections));
  const live = reportProcess(meter, random, 260e6);
  return {
    live: (moment) => {
      live(moment);
      serve(sender, routes, random, moment, ({ durationS, attributes, status }) => {
        durations.record(durationS, attributes);
        requests.add(1, attributes);
        if (status >= 400) errors.add(1, attributes);
      });
      for (const { type, rate } of messages)
        sent.add(random.poisson(rate * moment.crowd * moment.seconds), { 'ws.event_type': type });
      connections = Math.round(CONNECTIONS * moment.crowd * (1 - 0.15 * moment.intensity)) + random.integer(-8, 8);
      reconnects.add(random.poisson((0.5 + 14 * moment.intensity) * moment.seconds), { outcome: 'success' });
      const lost = random.poisson((0.02 + 2 * moment.intensity) * moment.seconds);
      if (lost === 0) return;
      reconnects.add(lost, { outcome: 'failure', 'error.type': 'session_expired' });
      logger.emit({
        severityNumber: SeverityNumber.WARN,
        severityText: 'WARN',
        eventName: 'ws.session.lost',
        body: 'a socket could not be resumed: its session had expired',
      });
    },
    flush: () => sender.flush(),
    close: () => sender.close(),
  };
}
