import { readSettings } from '@command-center/contract/settings/settings';
import { PointTable } from '../../decode/pointTable.ts';
import type {
  AttributeValue,
  ExponentialHistogramPoint,
  HistogramPoint,
  KeyValue,
  LogRecord,
  Metric,
  NumberPoint,
  Point,
  Resource,
  Scope,
  Span,
  SummaryPoint,
} from '../../decode/records.ts';
import type { CuratedPoints, Curation, StreamPlan } from '../curated.ts';
import { type Curator, type CuratorOptions, createCurator } from '../curator.ts';

/** Records as the decoder makes them, sound unless a test says otherwise; all of them happen a minute before `nowMs`. */
export const nowMs = Date.UTC(2026, 10, 24, 12);
export const timeUnixNano = BigInt(nowMs - 60_000) * 1_000_000n;
const startTimeUnixNano = timeUnixNano - 60_000_000_000n;

export type Attributes = Readonly<Record<string, AttributeValue>>;

export function attributes(values: Attributes): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

export function resource(
  values: Attributes = { 'service.name': 'api', 'deployment.environment.name': 'prod' },
): Resource {
  return { attributes: attributes(values) };
}

export const scope: Scope = { name: 'test', version: '', attributes: [] };

export function metric(name: string, overrides: Partial<Metric> = {}): Metric {
  return {
    resource: resource(),
    scope,
    name,
    unit: '',
    kind: 'sum',
    temporality: 'cumulative',
    isMonotonic: true,
    ...overrides,
  };
}

export function gauge(name: string, overrides: Partial<Metric> = {}): Metric {
  return metric(name, { kind: 'gauge', temporality: 'unspecified', isMonotonic: false, ...overrides });
}

export function histogram(name: string, overrides: Partial<Metric> = {}): Metric {
  return metric(name, { kind: 'histogram', isMonotonic: false, ...overrides });
}

export function summary(name: string): Metric {
  return metric(name, { kind: 'summary', temporality: 'unspecified', isMonotonic: false });
}

const point = { startTimeUnixNano, timeUnixNano, flags: 0 };

export function numberPoint(of: Metric, values: Attributes = {}, overrides: Partial<NumberPoint> = {}): NumberPoint {
  return { ...point, type: 'number', metric: of, attributes: attributes(values), value: 1, ...overrides };
}

export function histogramPoint(
  of: Metric,
  values: Attributes = {},
  overrides: Partial<HistogramPoint> = {},
): HistogramPoint {
  const buckets = { bucketCounts: [1, 2], explicitBounds: [1] };
  const totals = { count: 3, sum: 4, min: undefined, max: undefined };
  return {
    ...point,
    type: 'histogram',
    metric: of,
    attributes: attributes(values),
    ...totals,
    ...buckets,
    ...overrides,
  };
}

export function exponentialPoint(
  of: Metric,
  overrides: Partial<ExponentialHistogramPoint> = {},
): ExponentialHistogramPoint {
  const totals = { count: 3, sum: 4, min: undefined, max: undefined };
  const ranges = { positive: { offset: 0, bucketCounts: [2] }, negative: { offset: 0, bucketCounts: [] } };
  const zero = { scale: 5, zeroCount: 1, zeroThreshold: 0 };
  return {
    ...point,
    type: 'exponentialHistogram',
    metric: of,
    attributes: [],
    ...totals,
    ...ranges,
    ...zero,
    ...overrides,
  };
}

export function summaryPoint(of: Metric, values: Attributes = {}): SummaryPoint {
  return { ...point, type: 'summary', metric: of, attributes: attributes(values), count: 3, sum: 4 };
}

export function logRecord(overrides: Partial<LogRecord> = {}): LogRecord {
  return {
    resource: resource(),
    scope,
    timeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    severityNumber: 17,
    severityText: '',
    eventName: '',
    body: 'failed',
    attributes: [],
    flags: 1,
    traceId: new Uint8Array(),
    spanId: new Uint8Array(),
    ...overrides,
  };
}

export const traceId = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
export const spanId = Uint8Array.from({ length: 8 }, (_, index) => index + 1);

/** A server span of 10 ms. */
export function span(overrides: Partial<Span> = {}): Span {
  return {
    resource: resource(),
    scope,
    traceId,
    spanId,
    parentSpanId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9),
    name: 'GET /x',
    kind: 2,
    startTimeUnixNano: timeUnixNano,
    endTimeUnixNano: timeUnixNano + 10_000_000n,
    attributes: [],
    statusCode: 0,
    flags: 0x101,
    ...overrides,
  };
}

/** A curator that can also be asked for one point. */
export function curator(
  env: Readonly<Record<string, string>> = {},
  options: Partial<CuratorOptions> = {},
): Curator & { point(point: Point): Curation<StreamPlan> } {
  const made = createCurator({ settings: readSettings(env), nowMs: () => nowMs, ...options });
  return { ...made, point: (point) => curationOf(made.points(PointTable.from([point]))) };
}

function curationOf({ streams: [stream], refusals }: CuratedPoints): Curation<StreamPlan> {
  if (stream !== undefined) return { outcome: 'kept', value: stream, receipts: stream.subject.receipts };
  const [refusal] = refusals.keys();
  if (refusal === undefined) throw new Error('a point is either kept or refused');
  return refusal;
}

/** The value of a record that must have been kept. */
export function kept<T>(curation: { readonly outcome: string; readonly value?: T }): T {
  if (curation.value === undefined) throw new Error(`not kept: ${JSON.stringify(curation)}`);
  return curation.value;
}
