import type { ForbiddenCase, InnocentCase } from './corpus.ts';

/** OTLP in JSON, as `/v1/<signal>` takes it. */
export interface Request {
  readonly signal: 'logs' | 'metrics' | 'traces';
  readonly body: object;
}

type Attributes = Readonly<Record<string, unknown>>;

/** Every place of OTLP in which a string can stand, filled with the case. */
export function requestsOf({ key, sent }: ForbiddenCase, nowMs: number): Request[] {
  const field: Attributes = key === undefined ? {} : { [key]: sent };
  return key === undefined
    ? [logsOf(sent, field, nowMs), spansOf(sent, field, nowMs), metricsOf(sent, field, nowMs)]
    : [fieldLogs(key, sent, nowMs), spansOf('op', field, nowMs), metricsOf('other', field, nowMs)];
}

function logsOf(sent: string, field: Attributes, nowMs: number): Request {
  const kept = ['target', 'action', 'request_id', 'target_type', 'policy_outcome', 'code.function.name', 'error.type'];
  const labels = ['http.route', 'url.path', 'ws.event_type', 'db.collection.name', 'exporter', 'data_type'];
  const everywhere = Object.fromEntries([...kept, ...labels, 'exception.type', 'dropped'].map((each) => [each, sent]));
  return logRequest({ 'service.name': sent, 'deployment.environment.name': sent, [sent]: 'x' }, sent, [
    { ...record(nowMs), body: anyValue(sent) },
    { ...record(nowMs), body: anyValue('kept'), attributes: attributes({ ...everywhere, ...field }) },
    { ...record(nowMs), body: anyValue({ message: sent, [sent]: 'x', 'exception.type': sent }) },
    { ...record(nowMs), body: anyValue([sent, { inner: sent }]) },
    { ...record(nowMs), body: { bytesValue: Buffer.from(sent).toString('base64') } },
    { ...record(nowMs), eventName: sent, severityText: sent },
    { ...record(nowMs), attributes: attributes({ 'exception.message': sent, 'event.name': sent, domain: sent }) },
    { ...record(nowMs), attributes: attributes({ [sent]: 'x', event: sent, 'exception.stacktrace': sent }) },
  ]);
}

/** A field stands in attributes, in a body, and in a body's text as JSON and as logfmt. */
function fieldLogs(key: string, sent: string, nowMs: number): Request {
  return logRequest({ 'service.name': 'corpus', [key]: sent }, 'corpus', [
    { ...record(nowMs), body: anyValue('kept'), attributes: attributes({ [key]: sent }) },
    { ...record(nowMs), body: anyValue({ message: 'kept', [key]: sent }) },
    { ...record(nowMs), body: anyValue({ event: 'kept', fields: { [key]: sent } }) },
    { ...record(nowMs), body: anyValue([{ [key]: sent }]) },
    { ...record(nowMs), body: anyValue(`failed ${JSON.stringify({ ok: false, [key]: sent, n: 1 })}`) },
    { ...record(nowMs), body: anyValue(JSON.stringify(JSON.stringify({ [key]: sent }))) },
    { ...record(nowMs), body: anyValue(`failed n=1 ${key}="${sent}" ok=false`) },
  ]);
}

/** Innocent texts come back as bodies, innocent names also as everything that names something. */
export function innocentRequests(cases: readonly InnocentCase[], nowMs: number): Request[] {
  const names = cases.filter(({ isName }) => isName).map(({ sent }) => sent);
  return [
    logRequest(
      { 'service.name': 'corpus' },
      'corpus',
      cases.map(({ sent, where }) => ({
        ...record(nowMs),
        body: anyValue(sent),
        attributes: attributes({ request_id: where }),
      })),
    ),
    ...names.map((name) =>
      logRequest({ 'service.name': 'corpus' }, 'corpus', [
        { ...record(nowMs), eventName: name, attributes: attributes({ action: name, 'exception.type': name }) },
      ]),
    ),
    ...names.map((name) => ({
      signal: 'traces' as const,
      body: {
        resourceSpans: [
          { resource: resource({ 'service.name': name }), scopeSpans: [{ spans: [{ ...span(nowMs), name }] }] },
        ],
      },
    })),
    ...names.map((name) =>
      metricRequest('corpus', [gauge('kaiku_ws_messages_total', nowMs, { 'ws.event_type': name })]),
    ),
  ];
}

function spansOf(sent: string, field: Attributes, nowMs: number): Request {
  const event = { timeUnixNano: nano(nowMs), name: sent, attributes: attributes({ 'exception.message': sent }) };
  const spans = [
    { ...span(nowMs), name: sent, attributes: attributes({ 'http.route': sent, 'url.full': sent, [sent]: 'x' }) },
    { ...span(nowMs), name: `GET /${sent}`, attributes: attributes({ 'url.path': `/${sent}`, ...field }) },
    { ...span(nowMs), name: sent, attributes: attributes({ 'http.target': sent, 'rpc.response.status_code': sent }) },
    {
      ...span(nowMs),
      name: sent,
      attributes: attributes({ 'db.system': sent, 'db.operation': sent, 'db.sql.table': sent, 'db.statement': sent }),
    },
    { ...span(nowMs), name: 'op', traceState: sent, status: { code: 2, message: sent }, events: [event] },
    { ...span(nowMs), name: 'op', attributes: attributes({ domain: sent, ...field }) },
  ];
  return {
    signal: 'traces',
    body: {
      resourceSpans: [
        { resource: resource({ 'service.name': sent, ...field }), scopeSpans: [scoped(sent, { spans })] },
      ],
    },
  };
}

function metricsOf(sent: string, field: Attributes, nowMs: number): Request {
  const labels = { 'ws.event_type': sent, 'error.type': sent, [sent]: 'x', ...field };
  const failed = { 'http.response.status_code': 500, 'error.type': sent, 'http.target': `/${sent}` };
  return metricRequest(
    sent,
    [
      gauge('kaiku_ws_messages_total', nowMs, labels),
      gauge('kaiku_http_requests_total', nowMs, { 'http.route': sent, 'http.request.method': sent }),
      gauge('kaiku_http_errors_total', nowMs, failed),
      gauge('kaiku_auth_login_attempts_total', nowMs, { outcome: sent, 'error.type': sent }),
      histogram('db.client.operation.duration', nowMs, { 'db.collection.name': sent, 'db.operation.name': sent }),
      gauge('otelcol_exporter_sent_spans', nowMs, { exporter: sent, data_type: sent }),
      { ...gauge(sent, nowMs, { [sent]: sent }), description: sent },
      { ...gauge('kaiku_guilds', nowMs, {}), unit: sent },
      { ...gauge('kaiku_users_active', nowMs, { 'service.name': sent }) },
    ],
    field,
  );
}

function logRequest(resourceAttributes: Attributes, scope: string, logRecords: readonly object[]): Request {
  return {
    signal: 'logs',
    body: { resourceLogs: [{ resource: resource(resourceAttributes), scopeLogs: [scoped(scope, { logRecords })] }] },
  };
}

function metricRequest(service: string, metrics: readonly object[], field: Attributes = {}): Request {
  const attributesOfIt = { 'service.name': service, 'deployment.environment.name': service, ...field };
  return {
    signal: 'metrics',
    body: { resourceMetrics: [{ resource: resource(attributesOfIt), scopeMetrics: [scoped(service, { metrics })] }] },
  };
}

const nano = (ms: number): string => `${ms}000000`;
const resource = (values: Attributes): object => ({ attributes: attributes(values) });

function scoped(name: string, items: object): object {
  return { scope: { name, version: name, attributes: attributes({ [name]: name }) }, schemaUrl: name, ...items };
}

let ids = 0;

/** Letters alone, so that no number of the corpus stands in an id by chance. */
function id(digits: number): string {
  ids += 1;
  return ids
    .toString(6)
    .replace(/\d/g, (digit) => 'abcdef'.charAt(Number(digit)))
    .padStart(digits, 'a');
}

const record = (nowMs: number): object => ({ timeUnixNano: nano(nowMs), severityNumber: 17 });

function span(nowMs: number): object {
  const times = { startTimeUnixNano: nano(nowMs - 10), endTimeUnixNano: nano(nowMs) };
  return { traceId: id(32), spanId: id(16), kind: 2, ...times };
}

function gauge(name: string, nowMs: number, labels: Attributes): object {
  const exemplars = [{ timeUnixNano: nano(nowMs), asDouble: 1, filteredAttributes: attributes({ ...labels, name }) }];
  const point = { attributes: attributes(labels), timeUnixNano: nano(nowMs), asDouble: 1, exemplars };
  return name.endsWith('_total') || name.startsWith('otelcol')
    ? {
        name,
        sum: {
          aggregationTemporality: 1,
          isMonotonic: true,
          dataPoints: [{ ...point, startTimeUnixNano: nano(nowMs - 10) }],
        },
      }
    : { name, gauge: { dataPoints: [point] } };
}

function histogram(name: string, nowMs: number, labels: Attributes): object {
  const times = { startTimeUnixNano: nano(nowMs - 10), timeUnixNano: nano(nowMs) };
  const point = {
    attributes: attributes(labels),
    ...times,
    count: '1',
    sum: 1,
    bucketCounts: ['0', '1'],
    explicitBounds: [0.5],
  };
  return { name, unit: 's', histogram: { aggregationTemporality: 1, dataPoints: [point] } };
}

function attributes(values: Attributes): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { intValue: String(value) };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: attributes(Object(value)) } };
}
