import type { Settings } from '@command-center/contract/settings/settings';
import type { Meters, MetricSnapshot } from './meters.ts';
import { type MetricKey, metricRows } from './metricRows.ts';

/**
 * The sidecar's own metrics as lines of CloudWatch's embedded metric format on standard output, from where the log driver of a task takes them: no agent, no
 * credentials and no rights beyond those of its log. Source: Amazon CloudWatch, "Specification: Embedded metric format"; docs/adr/0032-alarms-read-the-log.md.
 */

/** What somebody would be woken for. Each is billed by the month, so the rest stays at /metrics. */
const watched = [
  'ready',
  'degraded',
  'lag',
  'queueAge',
  'bytesInFlight',
  'residentMemory',
  'received',
  'rejected',
  'refusedRequests',
  'batches',
  'failedRequests',
] as const satisfies readonly MetricKey[];
/** By job, since one that stands still says nothing about the others. */
const byJob = 'leaderRuns' satisfies MetricKey;

export const emfNamespace = 'CommandCenter';
const units: Readonly<Record<string, string>> = { s: 'Seconds', By: 'Bytes', '1': 'None' };

export interface EmfOptions {
  readonly settings: Pick<Settings, 'metricsLog' | 'otelMetricExportIntervalMs' | 'otelServiceName'>;
  readonly meters: Meters;
  /** One line, without its end. */
  readonly write: (line: string) => void;
}

/** Writes lines every OTEL_METRIC_EXPORT_INTERVAL, and once more at the end; with COMMAND_CENTER_METRICS_LOG=none nothing. */
export function startEmf({ settings, meters, write }: EmfOptions): { stop(): void } {
  if (settings.metricsLog === 'none') return { stop: () => undefined };
  const lines = createEmf(settings.otelServiceName);
  const tell = (): void => {
    for (const line of lines(meters.snapshot(), Date.now())) write(line);
  };
  const timer = setInterval(tell, settings.otelMetricExportIntervalMs);
  return {
    stop: () => {
      clearInterval(timer);
      tell();
    },
  };
}

/** Makes the lines of a moment. CloudWatch adds counters up, so each line has their increase since the line before. */
export function createEmf(serviceName: string): (snapshot: readonly MetricSnapshot[], nowMs: number) => string[] {
  const told = new Map<string, number>();
  const increase = (id: string, value: number): number => {
    const before = told.get(id) ?? 0;
    told.set(id, value);
    return value - before;
  };
  return (snapshot, nowMs) => {
    const found = new Map(snapshot.map((each) => [each.row.name, each]));
    const values = watched.flatMap((key): Value[] => {
      const { name, kind, unit } = metricRows[key];
      const points = found.get(name)?.points ?? [];
      // A gauge that has no value now has none here either.
      if (kind === 'gauge' && points.length === 0) return [];
      const sum = points.reduce((total, { value }) => total + value, 0);
      return [{ name, unit, value: kind === 'counter' ? increase(name, sum) : sum }];
    });
    const { name, unit } = metricRows[byJob];
    const jobs = (found.get(name)?.points ?? []).map(({ labels: { job = '' }, value }) =>
      line(nowMs, { 'service.name': serviceName, job }, [{ name, unit, value: increase(`${name} ${job}`, value) }]),
    );
    return [line(nowMs, { 'service.name': serviceName }, values), ...jobs];
  };
}

interface Value {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

function line(nowMs: number, dimensions: Readonly<Record<string, string>>, values: readonly Value[]): string {
  const Metrics = values.map(({ name, unit }) => ({ Name: name, Unit: units[unit] ?? 'Count' }));
  const directive = { Namespace: emfNamespace, Dimensions: [Object.keys(dimensions)], Metrics };
  return JSON.stringify({
    _aws: { Timestamp: nowMs, CloudWatchMetrics: [directive] },
    ...dimensions,
    ...Object.fromEntries(values.map(({ name, value }) => [name, value])),
  });
}
