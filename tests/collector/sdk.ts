import type { Signal } from '@command-center/sidecar/decode/records';
import { SeverityNumber, SpanKind } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { AggregationTemporality, MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Sql } from 'postgres';
import { storedMetric } from './tables.ts';

/** What an SDK hands to its exporters: export k holds one log record, one span, and 4^k in a delta counter. */
export interface SdkExport {
  readonly metrics: ResourceMetrics;
  readonly logs: readonly ReadableLogRecord[];
  readonly traces: readonly ReadableSpan[];
}

const DIGIT_BASE = 4n;

export async function makeExports(service: string, count: number): Promise<readonly SdkExport[]> {
  const resource = resourceFromAttributes({ 'service.name': service });
  const reader = new DeltaReader();
  const meters = new MeterProvider({ resource, readers: [reader] });
  const counter = meters.getMeter('sdk').createCounter('kaiku_ws_messages_total', { unit: '{message}' });
  const logMemory = new InMemoryLogRecordExporter();
  const loggers = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: logMemory })] });
  const spanMemory = new InMemorySpanExporter();
  const tracers = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: spanMemory })] });
  const made: SdkExport[] = [];
  for (let index = 0; index < count; index += 1) {
    counter.add(Number(DIGIT_BASE ** BigInt(index)));
    // Counted at the millisecond: the next interval must not be empty.
    await new Promise((resolve) => setTimeout(resolve, 2));
    const { resourceMetrics: metrics } = await reader.collect();
    loggers.getLogger('sdk').emit({
      severityNumber: SeverityNumber.ERROR,
      body: 'the session store does not answer',
      attributes: { request_id: `export-${index}` },
    });
    tracers
      .getTracer('sdk')
      .startSpan(`export ${index}`, { kind: SpanKind.SERVER, attributes: { 'http.route': `/export-${index}` } })
      .end();
    await Promise.all([loggers.forceFlush(), tracers.forceFlush()]);
    made.push({ metrics, logs: [...logMemory.getFinishedLogRecords()], traces: [...spanMemory.getFinishedSpans()] });
    logMemory.reset();
    spanMemory.reset();
  }
  await Promise.all([meters.shutdown(), loggers.shutdown(), tracers.shutdown()]);
  return made;
}

class DeltaReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  }
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

/** How often each export was counted in the tables, by signal. */
export async function storedExports(sql: Sql, service: string, count: number): Promise<Record<Signal, number[]>> {
  const sum = BigInt(Math.round((await storedMetric(sql, service, 'kaiku_ws_messages_total'))?.sum ?? 0));
  const logs = await sql<
    { id: string }[]
  >`SELECT attrs->>'request_id' AS id FROM telemetry_log_events WHERE service = ${service}`;
  const spans = await sql<{ id: string }[]>`SELECT route AS id FROM telemetry_trace_index WHERE service = ${service}`;
  const times = (rows: readonly { id: string }[], id: string): number => rows.filter((row) => row.id === id).length;
  const indexes = Array.from({ length: count }, (_, index) => index);
  return {
    metrics: indexes.map((index) => Number((sum / DIGIT_BASE ** BigInt(index)) % DIGIT_BASE)),
    logs: indexes.map((index) => times(logs, `export-${index}`)),
    traces: indexes.map((index) => times(spans, `/export-${index}`)),
  };
}

interface Exporting<T> {
  export(data: T, done: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

/** Resolves with what the exporter says of the export, and after how long. */
export function exported<T>(
  exporter: Exporting<T>,
  data: T,
): Promise<{ isSuccess: boolean; error?: Error; elapsedMs: number }> {
  const startedAt = performance.now();
  return new Promise((resolve) =>
    exporter.export(data, ({ code, error }) =>
      resolve({
        isSuccess: code === 0,
        elapsedMs: performance.now() - startedAt,
        ...(error === undefined ? {} : { error }),
      }),
    ),
  );
}
