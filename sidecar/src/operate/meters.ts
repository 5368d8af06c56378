import { MAX_LABEL_SETS } from '../limits.ts';
import {
  type CounterKey,
  type GaugeKey,
  type HistogramKey,
  type MetricKey,
  type MetricRow,
  metricRows,
} from './metricRows.ts';

/** A metric with what it has measured, cumulative since the start. */
export interface MetricSnapshot {
  readonly row: MetricRow;
  readonly points: readonly MetricPoint[];
}

export interface MetricPoint {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram, its sum. */
  readonly value: number;
  /** Counts of a histogram's buckets, one more than bounds; [] otherwise. */
  readonly counts: readonly number[];
}

/** Keeps the sidecar's own metrics. */
export interface Meters {
  /** `labels`: values in the order of the row's labels. */
  add(key: CounterKey, value: number, ...labels: readonly string[]): void;
  record(key: HistogramKey, value: number): void;
  /** A value that is read when someone asks; undefined = there is none now. */
  observe(key: GaugeKey | CounterKey, read: () => number | undefined): void;
  snapshot(): readonly MetricSnapshot[];
}

interface Sum {
  readonly labels: readonly string[];
  value: number;
}

interface Distribution {
  readonly counts: number[];
  sum: number;
}

/** The label set that takes what exceeds MAX_LABEL_SETS, as OpenTelemetry names it. */
const overflow = { 'otel.metric.overflow': 'true' };

export function createMeters(): Meters {
  const sums = new Map<MetricKey, Map<string, Sum>>();
  const distributions = new Map<MetricKey, Distribution>();
  const readers = new Map<MetricKey, () => number | undefined>();

  const add = (key: CounterKey, value: number, ...labels: readonly string[]): void => {
    const byLabels = sums.get(key) ?? new Map<string, Sum>();
    sums.set(key, byLabels);
    const known = labels.join('\n');
    const id = byLabels.has(known) || byLabels.size < MAX_LABEL_SETS ? known : 'overflow';
    const sum = byLabels.get(id);
    if (sum === undefined) byLabels.set(id, { labels: id === known ? labels : [], value });
    else sum.value += value;
  };
  const record = (key: HistogramKey, value: number): void => {
    const { bounds } = metricRows[key];
    const distribution = distributions.get(key) ?? { counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
    distributions.set(key, distribution);
    const found = bounds.findIndex((bound) => value <= bound);
    const index = found === -1 ? bounds.length : found;
    distribution.counts[index] = (distribution.counts[index] ?? 0) + 1;
    distribution.sum += value;
  };
  const pointsOf = (key: MetricKey): MetricPoint[] => {
    const row: MetricRow = metricRows[key];
    const read = readers.get(key);
    if (read !== undefined) {
      const value = read();
      return value === undefined ? [] : [{ labels: {}, value, counts: [] }];
    }
    if (row.kind === 'histogram') {
      const { counts, sum } = distributions.get(key) ?? {
        counts: new Array<number>(row.bounds.length + 1).fill(0),
        sum: 0,
      };
      return [{ labels: {}, value: sum, counts: [...counts] }];
    }
    const points = [...(sums.get(key)?.values() ?? [])].map((sum) => ({
      labels: sum.labels.length < row.labels.length ? overflow : labelled(row.labels, sum.labels),
      value: sum.value,
      counts: [],
    }));
    // A counter without labels is there from the start, so that its first increase is seen.
    if (row.kind === 'counter' && row.labels.length === 0 && points.length === 0)
      return [{ labels: {}, value: 0, counts: [] }];
    return points;
  };
  return {
    add,
    record,
    observe: (key, read) => void readers.set(key, read),
    snapshot: () =>
      Object.entries(metricRows).map(([key, row]) => ({ row, points: isMetricKey(key) ? pointsOf(key) : [] })),
  };
}

function labelled(keys: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? '']));
}

function isMetricKey(key: string): key is MetricKey {
  return Object.hasOwn(metricRows, key);
}
