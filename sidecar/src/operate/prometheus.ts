import type { MetricPoint, MetricSnapshot } from './meters.ts';
import type { MetricRow } from './metricRows.ts';

/** The text format 0.0.4. Source: prometheus.io/docs/instrumenting/exposition_formats. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

/** What OpenTelemetry's compatibility page ("Prometheus and OpenMetrics") appends for a unit; units in braces only annotate. */
const unitSuffixes: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/** `command_center_sidecar_memory_resident_bytes` */
export function prometheusName({ name, unit, kind }: MetricRow): string {
  return `${name.replaceAll('.', '_')}${unitSuffixes[unit] ?? ''}${kind === 'counter' ? '_total' : ''}`;
}

export function prometheusText(metrics: readonly MetricSnapshot[]): string {
  return metrics
    .filter(({ points }) => points.length > 0)
    .map(({ row, points }) => {
      const name = prometheusName(row);
      const head = [`# HELP ${name} ${escaped(row.description, false)}`, `# TYPE ${name} ${row.kind}`];
      return [...head, ...points.flatMap((point) => linesOf(row, name, point)), ''].join('\n');
    })
    .join('');
}

function linesOf({ kind, bounds }: MetricRow, name: string, { labels, value, counts }: MetricPoint): string[] {
  if (kind !== 'histogram') return [`${name}${braced(labels)} ${value}`];
  let cumulative = 0;
  const buckets = counts.map((count, index) => {
    cumulative += count;
    return `${name}_bucket${braced({ ...labels, le: String(bounds[index] ?? '+Inf') })} ${cumulative}`;
  });
  return [...buckets, `${name}_sum${braced(labels)} ${value}`, `${name}_count${braced(labels)} ${cumulative}`];
}

function braced(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key.replaceAll('.', '_')}="${escaped(value, true)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string, isLabel: boolean): string {
  const lines = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return isLabel ? lines.replaceAll('"', '\\"') : lines;
}
