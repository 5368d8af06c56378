import { DiagLogLevel, diag, type Meter, type Tracer } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type IdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Service } from './platform.ts';

/** The demo flushes by its own clock; this only keeps the reader's timer out of the way. */
const NEVER_MS = 3_600_000;
const MAX_QUEUE = 16_384;
const MAX_BATCH = 2_048;
/** Ctrl-C must end within a few seconds even where nobody answers. */
const EXPORT_TIMEOUT_MS = 3_000;
/** For requests of megabytes, answered by a busy machine; the exporter's own retries are within it. */
const INSISTENT_TIMEOUT_MS = 60_000;
/** How long one request is sent again, and the pause before that. */
const PATIENCE_MS = 180_000;
const PAUSE_MS = 1_000;

export interface SenderOptions {
  readonly endpoint: string;
  readonly service: Pick<Service, 'name' | 'version' | 'instance' | 'temporality'>;
  readonly views?: readonly ViewOptions[];
  /** Of spans; else random. */
  readonly idGenerator?: IdGenerator;
  /** Where data must arrive: until it is aborted, what nobody took is sent again, compressed. */
  readonly insistUntil?: AbortSignal;
  readonly tally: Tally;
}

export interface Sender {
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly logger: ReturnType<LoggerProvider['getLogger']>;
  /** Sends metrics that no instrument recorded; false = they were refused, or given up. */
  push(metrics: ResourceMetrics): Promise<boolean>;
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
  /** What a door said that took an export only in part. */
  lastRefusal: string | undefined;
}

export const emptyTally = (): Tally => ({
  points: 0,
  logs: 0,
  spans: 0,
  failedExports: 0,
  lastFailure: undefined,
  lastRefusal: undefined,
});

/** Exporters tell of partial success in the SDK's diagnostics alone. */
export function listenForRefusals(tally: Tally): void {
  const ignore = (): void => undefined;
  diag.setLogger(
    {
      ...{ verbose: ignore, debug: ignore, info: ignore, error: ignore },
      warn: (message, ...details) => {
        const said = details.join(' ');
        if (message.includes('Partial Success') && !isKnownPast(said)) tally.lastRefusal = said;
      },
    },
    DiagLogLevel.WARN,
  );
}

/**
 * Whether nothing was refused but intervals older than the 16 that the door remembers of a stream: where the past is sent again it knows most
 * of it, and refuses this part rather than count it twice.
 */
function isKnownPast(partialSuccess: string): boolean {
  return /"metrics: \d+ x too_late:[^;]*"/.test(partialSuccess);
}

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
  const { insistUntil } = options;
  const timeoutMillis = insistUntil === undefined ? EXPORT_TIMEOUT_MS : INSISTENT_TIMEOUT_MS;
  const at = (signal: string) => ({
    url: `${endpoint}/v1/${signal}`,
    timeoutMillis,
    ...(insistUntil === undefined ? {} : { compression: CompressionAlgorithm.GZIP }),
  });
  const metrics = new OTLPMetricExporter({
    ...at('metrics'),
    temporalityPreference:
      service.temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
  });
  const logs = new OTLPLogExporter(at('logs'));
  const spans = new OTLPTraceExporter(at('traces'));
  if (insistUntil !== undefined) for (const exporter of [metrics, logs, spans]) insist<never>(exporter, insistUntil);
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
  const batch = { maxQueueSize: MAX_QUEUE, maxExportBatchSize: MAX_BATCH, exportTimeoutMillis: timeoutMillis };
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
    ...(options.idGenerator === undefined ? {} : { idGenerator: options.idGenerator }),
    spanProcessors: [new BatchSpanProcessor({ exporter: spans, ...batch })],
  });
  const all = [meters, loggers, tracers];
  return {
    meter: meters.getMeter(SCOPE, service.version),
    tracer: tracers.getTracer(SCOPE, service.version),
    logger: loggers.getLogger(SCOPE, service.version),
    push: (data) => new Promise((resolve) => metrics.export(data, ({ code }) => resolve(code === 0))),
    flush: async () => {
      await Promise.allSettled(all.map((provider) => provider.forceFlush()));
    },
    close: async () => {
      await Promise.allSettled(all.map((provider) => provider.shutdown()));
    },
  };
}

/**
 * Sends the same again where the exporter gives up after its own retries, which heed Retry-After: the door knows what it has of it. An answer
 * with a status is final.
 */
function insist<T>(exporter: Exporting<T>, until: AbortSignal): void {
  const send = exporter.export.bind(exporter);
  exporter.export = (data, done) => {
    const startedAt = performance.now();
    const attempt = (): void =>
      send(data, (result) => {
        const isFinal = result.code === 0 || (result.error !== undefined && typeof statusOf(result.error) === 'number');
        if (isFinal || until.aborted || performance.now() - startedAt > PATIENCE_MS) done(result);
        else setTimeout(attempt, PAUSE_MS);
      });
    attempt();
  };
}

function statusOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined;
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
