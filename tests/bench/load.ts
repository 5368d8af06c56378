import { type HrTime, SeverityNumber, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';

/** One kind of load: request bodies whose data time moves on by ten seconds each, all within what the door accepts. */
export interface Load {
  readonly name: string;
  readonly path: '/v1/metrics' | '/v1/logs' | '/v1/traces';
  readonly itemsPerRequest: number;
  body(request: number): Uint8Array;
}

const SERVICES = ['orders', 'checkout', 'gateway', 'accounts', 'voice'];
const ROUTES = 20;
/** Attribute values that curation drops, so that streams merge into series as pods do. */
const PODS = 5;
const STEP_MS = 10_000;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const SCOPE = { name: 'bench', version: '1.0.0' };

interface Stream {
  readonly route: string;
  readonly pod: string;
}

const STREAMS: readonly Stream[] = Array.from({ length: ROUTES * PODS }, (_, index) => ({
  route: `/api/v1/things${index % ROUTES}/{id}`,
  pod: `pod-${Math.floor(index / ROUTES)}`,
}));

/** The five kinds that the benchmark reports, starting at `startMs`. */
export function loads(startMs: number): readonly Load[] {
  const metricLoad = (
    name: string,
    pointsPerStream: number,
    metrics: (timeMs: number, request: number) => MetricData[],
  ): Load => ({
    name,
    path: '/v1/metrics',
    itemsPerRequest: SERVICES.length * STREAMS.length * pointsPerStream,
    body: (request) => {
      const timeMs = startMs + (request + 1) * STEP_MS;
      return concat(SERVICES.map((service) => metricsBody(service, metrics(timeMs, request))));
    },
  });
  return [
    metricLoad('number points', 2, (timeMs, request) => [
      counter('kaiku_http_requests_total', startMs, timeMs, request, (stream) => ({
        'http.route': stream.route,
        'http.request.method': 'GET',
      })),
      counter('kaiku_ws_messages_total', startMs, timeMs, request, (stream) => ({
        'ws.event_type': `event${stream.route.length}`,
      })),
    ]),
    metricLoad('explicit histograms', 1, (timeMs, request) => [explicitHistogram(startMs, timeMs, request)]),
    metricLoad('exponential histograms', 1, (timeMs, request) => [exponentialHistogram(startMs, timeMs, request)]),
    {
      name: 'logs',
      path: '/v1/logs',
      itemsPerRequest: 1000,
      body: (request) => logsBody(startMs + request * STEP_MS, request),
    },
    {
      name: 'spans',
      path: '/v1/traces',
      itemsPerRequest: 1000,
      body: (request) => spansBody(startMs + request * STEP_MS, request),
    },
  ];
}

function hrTime(timeMs: number): HrTime {
  return [Math.floor(timeMs / 1000), (timeMs % 1000) * 1_000_000];
}

function resource(service: string) {
  return resourceFromAttributes({
    'service.name': service,
    'deployment.environment.name': 'bench',
    'host.name': 'bench-host',
  });
}

/** Concatenated export requests are one request: repeated fields append (protobuf encoding, "Last One Wins"). */
function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

function metricsBody(service: string, metrics: MetricData[]): Uint8Array {
  const request: ResourceMetrics = { resource: resource(service), scopeMetrics: [{ scope: SCOPE, metrics }] };
  return encoded(ProtobufMetricsSerializer.serializeRequest(request));
}

function encoded(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Error('the serializer returned nothing');
  return bytes;
}

function counter(
  name: string,
  startMs: number,
  timeMs: number,
  request: number,
  attributesOf: (stream: Stream) => Record<string, string>,
): MetricData {
  return {
    descriptor: { name, description: '', unit: '', valueType: 0 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: STREAMS.map((stream, index) => ({
      startTime: hrTime(startMs),
      endTime: hrTime(timeMs),
      attributes: { ...attributesOf(stream), 'service.instance.id': stream.pod, index: index },
      value: (request + 1) * (index + 1),
    })),
  };
}

function explicitHistogram(startMs: number, timeMs: number, request: number): MetricData {
  return {
    descriptor: { name: 'http.server.request.duration', description: '', unit: 's', valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: STREAMS.map((stream, index) => {
      const counts = BOUNDS.map((_, bucket) => (request + 1) * ((index + bucket) % 5));
      counts.push(0);
      return {
        startTime: hrTime(startMs),
        endTime: hrTime(timeMs),
        attributes: {
          'http.route': stream.route,
          'http.request.method': 'GET',
          'http.response.status_code': 200,
          pod: stream.pod,
        },
        value: {
          min: 0.001,
          max: 9.5,
          sum: (request + 1) * 3.5,
          count: counts.reduce((sum, n) => sum + n, 0),
          buckets: { boundaries: BOUNDS, counts },
        },
      };
    }),
  };
}

function exponentialHistogram(startMs: number, timeMs: number, request: number): MetricData {
  return {
    descriptor: { name: 'db.client.operation.duration', description: '', unit: 's', valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
    dataPoints: STREAMS.map((stream, index) => {
      const bucketCounts = Array.from({ length: 40 }, (_, bucket) => (request + 1) * ((index + bucket) % 4));
      return {
        startTime: hrTime(startMs),
        endTime: hrTime(timeMs),
        attributes: { 'db.operation.name': 'SELECT', 'db.collection.name': `table${index % ROUTES}`, pod: stream.pod },
        value: {
          min: 0.001,
          max: 0.09,
          sum: (request + 1) * 1.5,
          count: bucketCounts.reduce((sum, n) => sum + n, 0),
          scale: 5,
          zeroCount: 0,
          positive: { offset: -300, bucketCounts },
          negative: { offset: 0, bucketCounts: [] },
        },
      };
    }),
  };
}

function idOf(request: number, index: number, length: 16 | 32): string {
  return (BigInt(request + 1) * 1_000_003n + BigInt(index + 1)).toString(16).padStart(length, '1');
}

function logsBody(startMs: number, request: number): Uint8Array {
  const records = Array.from({ length: 1000 }, (_, index) => {
    const timeMs = startMs + index * 10;
    return {
      hrTime: hrTime(timeMs),
      hrTimeObserved: hrTime(timeMs),
      spanContext: { traceId: idOf(request, index, 32), spanId: idOf(request, index, 16), traceFlags: 1 },
      severityText: 'ERROR',
      severityNumber: SeverityNumber.ERROR,
      body: `payment provider answered ${500 + (index % 4)} after ${index} attempts for order ${index % 97}`,
      eventName: 'payment_failed',
      resource: resource(SERVICES[index % SERVICES.length] ?? 'orders'),
      instrumentationScope: SCOPE,
      attributes: {
        'exception.type': 'PaymentError',
        'http.route': STREAMS[index % STREAMS.length]?.route ?? '/',
        attempt: index,
      },
      droppedAttributesCount: 0,
    };
  });
  return encoded(ProtobufLogsSerializer.serializeRequest(records));
}

function spansBody(startMs: number, request: number): Uint8Array {
  const spans = Array.from({ length: 1000 }, (_, index) => {
    const timeMs = startMs + index * 10;
    return {
      name: 'GET',
      kind: SpanKind.SERVER,
      spanContext: () => ({ traceId: idOf(request, index, 32), spanId: idOf(request, index, 16), traceFlags: 1 }),
      startTime: hrTime(timeMs),
      endTime: hrTime(timeMs + (index % 900)),
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'http.route': STREAMS[index % STREAMS.length]?.route ?? '/',
        'http.request.method': 'GET',
        'http.response.status_code': index % 50 === 0 ? 500 : 200,
      },
      links: [],
      events: [],
      duration: hrTime(index % 900),
      ended: true,
      resource: resource(SERVICES[index % SERVICES.length] ?? 'orders'),
      instrumentationScope: SCOPE,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  });
  return encoded(ProtobufTraceSerializer.serializeRequest(spans));
}
