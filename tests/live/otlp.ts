/** Metrics as an exporter of OTLP/JSON writes them, for stages that tell a platform's story. Delta temporality: each point stands for itself. */

type Labels = Readonly<Record<string, string | number>>;

export interface PointOptions {
  readonly labels?: Labels;
  /** When it was measured, ms since the epoch; now without. */
  readonly atMs?: number;
}

interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly [kind: string]: unknown;
}

const DELTA = 1;
const CUMULATIVE = 2;
const INTERVAL_MS = 1_000;

const attributes = (labels: Labels) =>
  Object.entries(labels).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));

const nanoseconds = (ms: number): string => `${BigInt(Math.round(ms)) * 1_000_000n}`;

function point({ labels = {}, atMs = Date.now() }: PointOptions) {
  const startTimeUnixNano = nanoseconds(atMs - INTERVAL_MS);
  return { attributes: attributes(labels), startTimeUnixNano, timeUnixNano: nanoseconds(atMs) };
}

export function gauge(name: string, value: number, options: PointOptions = {}): Metric {
  return { name, unit: '', gauge: { dataPoints: [{ ...point(options), asDouble: value }] } };
}

/** An UpDownCounter, as semantic conventions have for what is in use. */
export function level(name: string, value: number, options: PointOptions = {}): Metric {
  const dataPoints = [{ ...point(options), asDouble: value }];
  return { name, unit: '', sum: { aggregationTemporality: CUMULATIVE, isMonotonic: false, dataPoints } };
}

/** `events` of them, all in the bucket that ends at `bound`. */
export function histogram(
  name: string,
  unit: string,
  { bounds, bound, events }: { readonly bounds: readonly number[]; readonly bound: number; readonly events: number },
  options: PointOptions = {},
): Metric {
  const bucketCounts = [...bounds, Number.POSITIVE_INFINITY].map((edge) => (edge === bound ? String(events) : '0'));
  const sum = events * bound * 0.9;
  const dataPoint = { ...point(options), count: String(events), sum, bucketCounts, explicitBounds: bounds };
  return { name, unit, histogram: { aggregationTemporality: DELTA, dataPoints: [dataPoint] } };
}

/** @throws unless they are acknowledged in full */
export async function sendMetrics(http: string, service: string, metrics: readonly Metric[]): Promise<void> {
  const resource = { attributes: attributes({ 'service.name': service, 'deployment.environment.name': 'test' }) };
  const body = { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'stage' }, metrics }] }] };
  const answer = await fetch(`${http}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status !== 200 || text !== '{}') throw new Error(`/v1/metrics answered ${answer.status}: ${text}`);
}
