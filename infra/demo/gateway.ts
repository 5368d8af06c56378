import { SeverityNumber } from '@opentelemetry/api';
import { type Counter, level, type Route, type Service } from './platform.ts';
import { processLevels } from './process.ts';
import { requestsOf } from './requests.ts';

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
  { type: 'message_create', perSecond: 46 },
  { type: 'typing_start', perSecond: 31 },
  { type: 'presence_update', perSecond: 60 },
  { type: 'heartbeat', perSecond: 75 },
];

const durations = { name: 'http.server.request.duration', unit: 's', bounds: BOUNDS };
const requests: Counter = { name: 'kaiku_http_requests_total', unit: '{request}' };
const errors: Counter = { name: 'kaiku_http_errors_total', unit: '{error}' };
const sent: Counter = { name: 'kaiku_ws_messages_total', unit: '{message}' };
const reconnects: Counter = { name: 'kaiku_ws_reconnects_total', unit: '{reconnect}' };
const lostSessions = ({ intensity }: { readonly intensity: number }): number => 0.02 + 2 * intensity;

/** The socket hub: explicit buckets and delta temporality, with counters of requests and errors beside its histogram. */
export const gateway: Service = {
  ...{ name: 'kaiku-gateway', version: '2.8.1', instance: 'gateway-1', temporality: 'delta' },
  measured: requestsOf(routes, durations, (status) => (status >= 400 ? [requests, errors] : [requests])),
  counted: [
    ...messages.map(({ type, perSecond }) => ({
      counter: sent,
      attributes: { 'ws.event_type': type },
      rate: ({ crowd }: { readonly crowd: number }) => perSecond * crowd,
    })),
    { counter: reconnects, attributes: { outcome: 'success' }, rate: ({ intensity }) => 0.5 + 14 * intensity },
    {
      counter: reconnects,
      attributes: { outcome: 'failure', 'error.type': 'session_expired' },
      rate: lostSessions,
    },
  ],
  levels: [
    level(
      'upDownCounter',
      'kaiku_ws_connections_active',
      '{connection}',
      ({ crowd, intensity }, random) =>
        Math.round(CONNECTIONS * crowd * (1 - 0.15 * intensity)) + random.integer(-8, 8),
    ),
    ...processLevels(260e6),
  ],
  said: [
    {
      severity: SeverityNumber.WARN,
      event: 'ws.session.lost',
      body: 'a socket could not be resumed: its session had expired',
      attributes: {},
      // One record tells of all that were lost in a second.
      rate: (conditions) => 1 - Math.exp(-lostSessions(conditions)),
    },
  ],
};
