import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Settings } from '@command-center/contract/settings/settings';
import { LAST_EXPORT_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Meters } from './meters.ts';

export interface OtlpExportOptions {
  readonly settings: Pick<
    Settings,
    | 'otelExporterOtlpEndpoint'
    | 'otelExporterOtlpMetricsEndpoint'
    | 'otelExporterOtlpHeaders'
    | 'otelExporterOtlpMetricsHeaders'
    | 'otelExporterOtlpTimeoutMs'
    | 'otelMetricExportIntervalMs'
    | 'otelServiceName'
  >;
  readonly meters: Meters;
  readonly log: Log;
}

/**
 * Sends the sidecar's own metrics to where OTEL_EXPORTER_OTLP_ENDPOINT says, over HTTP in protobuf; without it, nowhere. What could not be
 * sent is not kept: the next export holds it. Source: OpenTelemetry, "OTLP Exporter Configuration".
 */
export function startOtlpExport({ settings, meters, log }: OtlpExportOptions): { stop(): Promise<void> } {
  const url = endpointOf(settings);
  if (url === undefined) return { stop: async () => undefined };
  const startMs = Date.now();
  const resource = { 'service.name': settings.otelServiceName, 'service.instance.id': randomUUID() };
  const headers = {
    ...(settings.otelExporterOtlpMetricsHeaders ?? settings.otelExporterOtlpHeaders),
    'content-type': 'application/x-protobuf',
  };
  let isFailing = false;
  let underWay: Promise<void> | undefined;
  const send = async (timeoutMs: number): Promise<void> => {
    const { otlpRequest } = await import('./otlpRequest.ts');
    const body = Uint8Array.from(otlpRequest(resource, meters.snapshot(), { startMs, nowMs: Date.now() }));
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`the endpoint answered ${answer.status}`);
  };
  const exportOnce = async (timeoutMs: number): Promise<void> => {
    try {
      await send(timeoutMs);
      isFailing = false;
    } catch (error) {
      if (!isFailing) log('own metrics not sent', { error: wordsOf(error) });
      isFailing = true;
    }
  };
  const timer = setInterval(() => {
    // One at a time: the next one holds what this one would.
    underWay ??= exportOnce(settings.otelExporterOtlpTimeoutMs).finally(() => {
      underWay = undefined;
    });
  }, settings.otelMetricExportIntervalMs);
  return {
    stop: async () => {
      clearInterval(timer);
      // What is under way may hold less than there is by now; a stop does not wait for a slow endpoint.
      await Promise.race([underWay, delay(LAST_EXPORT_MS)]);
      await exportOnce(Math.min(settings.otelExporterOtlpTimeoutMs, LAST_EXPORT_MS));
    },
  };
}

/** The signal's own variable is taken as it is; to the one for all signals the path is added. */
function endpointOf(settings: OtlpExportOptions['settings']): string | undefined {
  const { otelExporterOtlpEndpoint, otelExporterOtlpMetricsEndpoint } = settings;
  if (otelExporterOtlpMetricsEndpoint !== undefined) return otelExporterOtlpMetricsEndpoint;
  if (otelExporterOtlpEndpoint === undefined) return undefined;
  const url = new URL(otelExporterOtlpEndpoint);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/metrics`;
  return url.href;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
