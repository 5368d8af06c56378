import type { Meter, Tracer } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Service } from './platform.ts';

/** The demo flushes by its own clock; this only keeps the reader's timer out of the way. */
const NEVER_MS = 3_600_000;
const MAX_QUEUE = 16_384;
const MAX_BATCH = 2_048;
/** Ctrl-C must end within a few seconds even where nobody answers. */
const EXPORT_TIMEOUT_MS = 3_000;

export interface SenderOptions {
  readonly endpoint: string;
  readonly service: Pick<Service, 'name' | 'version' | 'instance' | 'temporality'>;
  readonly views?: readonly ViewOptions[];
  readonly tally: Tally;
}

export interface Sender {
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly logger: ReturnType<LoggerProvider['getLogger']>;
  flush(): Promise<void>;
  /** Flushes what is left. */
  close(): Promise<void>;
}

/** What went out and what became of it. */
export interface Tally {
  points: number;
  logs: number;
  spans: number;
  failedExports: number;
  lastFailure: string | undefined;
}

export const emptyTally = (): Tally => ({ points: 0, logs: 0, spans: 0, failedExports: 0, lastFailure: undefined });

interface Exporting<T> {
  export(data: T, done: (result: { code: number; error?: Error }) => void): void;
}

export const SCOPE = 'kaiku';

export function resourceOf({ name, version, instance }: SenderOptions['service']): Resource {
  return resourceFromAttributes({
    'service.name': name,
    'service.version': version,
    'service.instance.id': instance,
    'deployment.environment.name': 'demo',
  });
}

/** An application with the official SDK, exporting over OTLP/HTTP with protobuf. */
export function openSender(options: SenderOptions): Sender {
  const { endpoint, tally, service } = options;
  const resource = resourceOf(service);
  const at = (signal: string) => ({ url: `${endpoint}/v1/${signal}`, timeoutMillis: EXPORT_TIMEOUT_MS });
  const metrics = new OTLPMetricExporter({
    ...at('metrics'),
    temporalityPreference:
      service.temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
  });
  const logs = new OTLPLogExporter(at('logs'));
  const spans = new OTLPTraceExporter(at('traces'));
  count(metrics, tally, (data) => {
    const all = data.scopeMetrics.flatMap((scope) => scope.metrics);
    tally.points += all.reduce((sum, metric) => sum + metric.dataPoints.length, 0);
  });
  count(logs, tally, (records) => {
    tally.logs += records.length;
  });
  count(spans, tally, (records) => {
    tally.spans += records.length;
  });
  const batch = { maxQueueSize: MAX_QUEUE, maxExportBatchSize: MAX_BATCH };
  const meters = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: NEVER_MS })],
    views: [...(options.views ?? [])],
  });
  const loggers = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: logs, ...batch })],
  });
  const tracers = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: spans, ...batch })],
  });
  const all = [meters, loggers, tracers];
  return {
    meter: meters.getMeter(SCOPE, service.version),
    tracer: tracers.getTracer(SCOPE, service.version),
    logger: loggers.getLogger(SCOPE, service.version),
    flush: async () => {
      await Promise.allSettled(all.map((provider) => provider.forceFlush()));
    },
    close: async () => {
      await Promise.allSettled(all.map((provider) => provider.shutdown()));
    },
  };
}

/** Listens to the results of an exporter, which the SDK keeps to itself. */
function count<T>(exporter: Exporting<T>, tally: Tally, onSuccess: (data: T) => void): void {
  const send = exporter.export.bind(exporter);
  exporter.export = (data, done) =>
    send(data, (result) => {
      if (result.code === 0) onSuccess(data);
      else {
        tally.failedExports += 1;
        tally.lastFailure = result.error?.message ?? 'no reason given';
      }
      done(result);
    });
}
