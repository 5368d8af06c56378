import { ROOT_CONTEXT, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { hostile } from '../../web/dev/logs.ts';
import { type Client, encodings, openClient } from '../e2e/client.ts';
import type { AllInOne } from '../processes/allInOne.ts';

/** What the tests of the lists send: one failed request over two services, enough of the ordinary to fill pages, and messages that attack a page. */

export const hostileMessages = hostile;
/** Records of `pool_wait`, and spans of `GET /ping`: more than a page has. */
export const ORDINARY = 60;
export const UNSAMPLED = '0af7651916cd43dd8448eb211c80319c';

/** Settings of links to other tools. */
export const tools = {
  COMMAND_CENTER_GRAFANA_URL: 'https://grafana.example/d/abc?var-service={service}&from={from}&to={to}',
  COMMAND_CENTER_TEMPO_URL: 'https://tempo.example/trace/{trace_id}',
  COMMAND_CENTER_LOKI_URL: 'https://loki.example/explore',
};

export interface Sent {
  /** Of the failed request. */
  readonly traceId: string;
  readonly logs: number;
  readonly spans: number;
}

export async function sendLists(product: AllInOne): Promise<Sent> {
  const encoding = encodings.find(({ name }) => name === 'HTTP/protobuf');
  if (encoding === undefined) throw new Error('no such encoding');
  const [gateway, orders] = ['gateway', 'orders'].map((service) => openClient(encoding, product, service));
  if (gateway === undefined || orders === undefined) throw new Error('no clients');
  const traceId = sendRequest(gateway, orders);
  sendOrdinary(gateway, orders);
  for (const body of hostileMessages) {
    gateway.logger.emit({ severityNumber: SeverityNumber.ERROR, eventName: 'hostile.text', body });
  }
  orders.logger.emit({
    severityNumber: SeverityNumber.WARN,
    eventName: 'sampled.out',
    body: 'of a trace that nobody keeps',
    context: trace.setSpanContext(ROOT_CONTEXT, { traceId: UNSAMPLED, spanId: 'b7ad6b7169203331', traceFlags: 0 }),
  });
  gateway.meter
    .createHistogram('http.server.request.duration', { unit: 's' })
    .record(0.25, { 'http.request.method': 'GET', 'http.route': '/ping' });
  for (const client of [gateway, orders]) {
    await client.flush();
    await client.close();
  }
  return { traceId, logs: 1 + ORDINARY + hostileMessages.length + 1, spans: 2 + 1 + ORDINARY };
}

/** GET /cart/{id} fails after a slow statement: a SERVER span of 1.5 s, one of the database of 120 ms, and an ERROR record. */
function sendRequest(gateway: Client, orders: Client): string {
  const startTime = Date.now() - 60_000;
  const server = gateway.tracer.startSpan('GET /cart/{id}', {
    kind: SpanKind.SERVER,
    startTime,
    attributes: { 'http.request.method': 'GET', 'http.route': '/cart/{id}', 'http.response.status_code': 503 },
  });
  const context = trace.setSpan(ROOT_CONTEXT, server);
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT', 'db.collection.name': 'carts' };
  const database = orders.tracer.startSpan(
    'SELECT carts',
    { kind: SpanKind.CLIENT, startTime: startTime + 10, attributes },
    context,
  );
  orders.logger.emit({
    severityNumber: SeverityNumber.ERROR,
    eventName: 'cart.failed',
    body: 'the cart could not be read',
    context,
  });
  database.end(startTime + 130);
  server.setStatus({ code: SpanStatusCode.ERROR });
  server.end(startTime + 1_500);
  return server.spanContext().traceId;
}

function sendOrdinary(gateway: Client, orders: Client): void {
  const nowMs = Date.now() - 120_000;
  const attributes = { 'http.request.method': 'GET', 'http.response.status_code': 200 };
  for (let index = 0; index < ORDINARY; index += 1) {
    const startTime = nowMs - index * 1_000;
    gateway.tracer
      .startSpan('GET /ping', {
        kind: SpanKind.SERVER,
        startTime,
        attributes: { ...attributes, 'http.route': '/ping' },
      })
      .end(startTime + 5 + index);
    orders.logger.emit({
      severityNumber: SeverityNumber.WARN,
      eventName: 'pool_wait',
      body: `waited ${index} ms for a connection`,
      timestamp: startTime,
      attributes: { domain: 'db' },
    });
  }
  const startTime = nowMs + 30_000;
  gateway.tracer
    .startSpan('POST /auth/login', {
      kind: SpanKind.SERVER,
      startTime,
      attributes: { ...attributes, 'http.request.method': 'POST', 'http.route': '/auth/login' },
    })
    .end(startTime + 250);
}
