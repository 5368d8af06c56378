/** The sidecar's own metrics: a row each. `/metrics`, the OTLP export and docs/metrics.md are made from these. */

export interface MetricRow {
  /** As OTLP sends it; Prometheus' name follows from name, unit and kind. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM, as OpenTelemetry writes units. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, rising, in the unit; [] otherwise. */
  readonly bounds: readonly number[];
}

interface Spec {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly labels?: readonly string[];
}

const row = (spec: Spec) => ({ labels: [], bounds: [], ...spec });
const counter = (spec: Spec) => ({ ...row(spec), kind: 'counter' as const });
const gauge = (spec: Spec) => ({ ...row(spec), kind: 'gauge' as const });
const histogram = (spec: Spec & { readonly bounds: readonly number[] }) => ({
  ...row(spec),
  kind: 'histogram' as const,
});

/** From what a batch of one request takes to the longest that may. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const own = (name: string): string => `command_center.sidecar.${name}`;

export const metricRows = {
  ready: gauge({
    name: own('ready'),
    unit: '1',
    description: '1 while what is sent can be stored (the answer of /readyz), else 0.',
  }),
  outages: counter({
    name: own('outages'),
    unit: '{outage}',
    description: 'Times the sidecar became degraded: Postgres away, read-only or full.',
  }),
  loopDelay: histogram({
    name: own('event_loop.delay'),
    unit: 's',
    description: 'How late a timer of 100 ms fired: what all other work waits for.',
    bounds: seconds,
  }),
  residentMemory: gauge({ name: own('memory.resident'), unit: 'By', description: 'Resident memory of the process.' }),
  heapUsed: gauge({ name: own('memory.heap_used'), unit: 'By', description: 'Heap in use, of all its spaces.' }),
  heapTotal: gauge({ name: own('memory.heap_total'), unit: 'By', description: 'Heap reserved.' }),
} as const satisfies Record<string, MetricRow>;

type Rows = typeof metricRows;
type KeyOf<Kind extends MetricRow['kind']> = {
  [K in keyof Rows]: Rows[K]['kind'] extends Kind ? K : never;
}[keyof Rows];

export type MetricKey = keyof Rows;
export type CounterKey = KeyOf<'counter'>;
export type GaugeKey = KeyOf<'gauge'>;
export type HistogramKey = KeyOf<'histogram'>;
