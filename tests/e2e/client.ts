import type { Meter, Tracer } from '@opentelemetry/api';
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
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';

/** Where a sidecar listens, as its ready line says. */
interface Doors {
  readonly grpc: string;
  readonly http: string;
}

/** One way in which the official SDK sends. */
export interface Encoding {
  readonly name: string;
  metrics(doors: Doors): PushMetricExporter;
  logs(doors: Doors): LogRecordExporter;
  spans(doors: Doors): SpanExporter;
}

const overGrpc = ({ grpc }: Doors) => ({ url: `http://${grpc}` });
const overHttp = ({ http }: Doors, signal: string) => ({ url: `${http}/v1/${signal}` });

export const encodings: readonly Encoding[] = [
  {
    name: 'gRPC',
    metrics: (doors) => new MetricGrpc(overGrpc(doors)),
    logs: (doors) => new LogGrpc(overGrpc(doors)),
    spans: (doors) => new SpanGrpc(overGrpc(doors)),
  },
  {
    name: 'HTTP/protobuf',
    metrics: (doors) => new MetricProtobuf(overHttp(doors, 'metrics')),
    logs: (doors) => new LogProtobuf(overHttp(doors, 'logs')),
    spans: (doors) => new SpanProtobuf(overHttp(doors, 'traces')),
  },
  {
    name: 'HTTP/JSON',
    metrics: (doors) => new MetricJson(overHttp(doors, 'metrics')),
    logs: (doors) => new LogJson(overHttp(doors, 'logs')),
    spans: (doors) => new SpanJson(overHttp(doors, 'traces')),
  },
];

export interface Client {
  readonly meter: Meter;
  readonly logger: ReturnType<LoggerProvider['getLogger']>;
  readonly tracer: Tracer;
  /** Sends what was recorded since the last time; resolves when the sidecar answered. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** An application that reports with the SDK's providers, readers and processors; nothing is sent before `flush`. */
export function openClient(
  encoding: Encoding,
  doors: Doors,
  service: string,
  options: { readonly views?: readonly ViewOptions[] } = {},
): Client {
  const resource = resourceFromAttributes({ 'service.name': service, 'deployment.environment.name': 'test' });
  const reader = new PeriodicExportingMetricReader({
    exporter: encoding.metrics(doors),
    exportIntervalMillis: 3_600_000,
  });
  const meters = new MeterProvider({ resource, readers: [reader], views: [...(options.views ?? [])] });
  const loggers = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: encoding.logs(doors) })],
  });
  const tracers = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: encoding.spans(doors) })],
  });
  const all = [meters, loggers, tracers];
  return {
    meter: meters.getMeter('e2e'),
    logger: loggers.getLogger('e2e'),
    tracer: tracers.getTracer('e2e'),
    flush: async () => {
      await Promise.all(all.map((provider) => provider.forceFlush()));
    },
    close: async () => {
      await Promise.all(all.map((provider) => provider.shutdown()));
    },
  };
}
