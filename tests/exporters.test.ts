import type { LogRecord, Point, Span } from '@command-center/sidecar/decode/records';
import type { DecodedRequest } from '@command-center/sidecar/decode/request';
import { plainRecords } from '@command-center/sidecar/decode/testing/plainRecords';
import type { Door } from '@command-center/sidecar/receive/door';
import { startGrpcDoor } from '@command-center/sidecar/receive/grpcDoor';
import { startHttpDoor } from '@command-center/sidecar/receive/httpDoor';
import { recordingExporter, recordingOptions } from '@command-center/sidecar/receive/testing/recordingExporter';
import {
  ROOT_CONTEXT as rootContext,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPLogExporter as LogGrpc } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as LogJson } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as LogProtobuf } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as MetricGrpc } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as MetricJson } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as MetricProtobuf } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as SpanGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as SpanJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as SpanProtobuf } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AggregationType, MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const resource = resourceFromAttributes({
  'service.name': 'chat',
  'process.pid': 42,
  ratio: 0.5,
  tags: ['a', 'b'],
  isUp: true,
});

describe("the SDK's exporters reach both doors, and what they send reads the same in each encoding", () => {
  const exporter = recordingExporter();
  let grpc: Door;
  let http: Door;

  beforeAll(async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
    const { options } = recordingOptions();
    grpc = await startGrpcDoor(options, exporter);
    http = await startHttpDoor(options, exporter);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await Promise.all([grpc.stop(0), http.stop(0)]);
  });

  const grpcUrl = () => ({ url: `http://${grpc.host}:${grpc.port}` });
  const httpUrl = (path: string) => ({
    url: `http://${http.host}:${http.port}${path}`,
  });

  /** Exports the same data by each exporter; gives what the doors decoded. */
  async function sent<T>(data: T, exporters: readonly Exporting<T>[]): Promise<readonly DecodedRequest[]> {
    exporter.requests.length = 0;
    for (const one of exporters) {
      const result = await new Promise<{ code: number; error?: Error }>((resolve) => one.export(data, resolve));
      expect(result).toEqual({ code: 0 });
      await one.shutdown();
    }
    const [first, ...others] = exporter.requests;
    expect(others).toHaveLength(exporters.length - 1);
    // How many values were read so far is each decoder's own.
    const told = (request: DecodedRequest) => ({ ...request, records: plainRecords(request), values: 0 });
    for (const other of others) expect(told(other)).toEqual(first && told(first));
    return exporter.requests;
  }

  it('metrics', async () => {
    const metrics = await collectMetrics();
    const exporters = [
      new MetricGrpc(grpcUrl()),
      new MetricProtobuf(httpUrl('/v1/metrics')),
      new MetricJson(httpUrl('/v1/metrics')),
    ];
    const [request] = await sent(metrics, exporters);
    const points = request?.signal === 'metrics' ? [...request.records] : [];
    const named = (name: string): Point | undefined => points.find((point) => point.metric.name === name);
    expect(named('requests')).toMatchObject({
      type: 'number',
      value: 3,
      metric: {
        kind: 'sum',
        isMonotonic: true,
        temporality: 'cumulative',
        unit: '{request}',
        scope: { name: 'meter', version: '1.2.3' },
      },
      attributes: [{ key: 'http.response.status_code', value: 200n }],
    });
    expect(named('requests')?.metric.resource.attributes).toContainEqual({ key: 'process.pid', value: 42n });
    expect(named('connections')).toMatchObject({ value: -2, metric: { kind: 'sum', isMonotonic: false } });
    expect(named('load')).toMatchObject({ value: 0.25, metric: { kind: 'gauge', temporality: 'unspecified' } });
    expect(named('latency')).toMatchObject({
      type: 'histogram',
      count: 2,
      sum: 3.5,
      min: 0.5,
      max: 3,
      bucketCounts: [1, 0, 1],
      explicitBounds: [1, 2],
    });
    expect(named('size')).toMatchObject({ type: 'exponentialHistogram', count: 3, zeroCount: 1, sum: 5 });
  });

  it('logs', async () => {
    const memory = new InMemoryLogRecordExporter();
    const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: memory })] });
    const logger = provider.getLogger('logger', '0.1');
    logger.emit({
      severityNumber: SeverityNumber.ERROR,
      severityText: 'ERROR',
      body: { message: 'böom', code: 7, list: [1, 'x'] },
      eventName: 'failed',
      attributes: { 'exception.type': 'E' },
    });
    logger.emit({ body: 'plain', timestamp: [1_700_000_000, 123_456_789] });
    await provider.forceFlush();
    const records = memory.getFinishedLogRecords();
    const [request] = await sent(
      [...records],
      [new LogGrpc(grpcUrl()), new LogProtobuf(httpUrl('/v1/logs')), new LogJson(httpUrl('/v1/logs'))],
    );
    const logs: readonly LogRecord[] = request?.signal === 'logs' ? request.records : [];
    expect(logs).toMatchObject([
      {
        severityNumber: 17,
        severityText: 'ERROR',
        eventName: 'failed',
        body: {
          entries: [
            { key: 'message', value: 'böom' },
            { key: 'code', value: 7n },
            { key: 'list', value: [1n, 'x'] },
          ],
        },
      },
      { severityNumber: 0, body: 'plain', timeUnixNano: 1_700_000_000_123_456_789n },
    ]);
  });

  it('spans', async () => {
    const memory = new InMemorySpanExporter();
    const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: memory })] });
    const tracer = provider.getTracer('tracer');
    const parent = {
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b173',
      traceFlags: TraceFlags.SAMPLED,
    };
    const span = tracer.startSpan(
      'GET /x',
      { kind: SpanKind.SERVER, startTime: [1_700_000_000, 1] },
      trace.setSpanContext(rootContext, parent),
    );
    span.addEvent('never stored').setStatus({ code: SpanStatusCode.ERROR, message: 'never stored' });
    span.end([1_700_000_000, 1_000_001]);
    const exporters = [
      new SpanGrpc(grpcUrl()),
      new SpanProtobuf(httpUrl('/v1/traces')),
      new SpanJson(httpUrl('/v1/traces')),
    ];
    const [request] = await sent(memory.getFinishedSpans(), exporters);
    const spans = request?.signal === 'traces' ? (plainRecords(request) as Span[]) : [];
    expect(spans).toMatchObject([
      {
        name: 'GET /x',
        kind: 2,
        statusCode: 2,
        traceId: new Uint8Array(Buffer.from(parent.traceId, 'hex')),
        parentSpanId: new Uint8Array(Buffer.from(parent.spanId, 'hex')),
        startTimeUnixNano: 1_700_000_000_000_000_001n,
        endTimeUnixNano: 1_700_000_000_001_000_001n,
      },
    ]);
    expect((spans[0]?.flags ?? 0) & 0xff).toBe(TraceFlags.SAMPLED);
  });
});

interface Exporting<T> {
  export(data: T, resultCallback: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

class OnDemandReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

async function collectMetrics(): Promise<ResourceMetrics> {
  const reader = new OnDemandReader();
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [
      {
        instrumentName: 'latency',
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1, 2] } },
      },
      { instrumentName: 'size', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
    ],
  });
  const meter = provider.getMeter('meter', '1.2.3');
  meter.createCounter('requests', { unit: '{request}' }).add(3, { 'http.response.status_code': 200 });
  meter.createUpDownCounter('connections').add(-2);
  meter.createGauge('load').record(0.25);
  const latency = meter.createHistogram('latency');
  latency.record(0.5);
  latency.record(3);
  const size = meter.createHistogram('size');
  for (const value of [0, 1, 4]) size.record(value);
  const { resourceMetrics } = await reader.collect();
  await provider.shutdown();
  return resourceMetrics;
}
