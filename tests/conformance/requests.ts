import type { AttributeValue, KeyValue } from '@command-center/sidecar/decode/records';
import type { BareLog, BarePoint, BareSpan, MetricTree, Trees } from '@command-center/sidecar/decode/testing/trees';

/** Requests of sound records, a minute old, unless a test says otherwise. */

export type Attributes = Readonly<Record<string, AttributeValue>>;
type Of<Type extends BarePoint['type']> = Extract<BarePoint, { readonly type: Type }>;

export function attributes(values: Attributes): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

/** Nanoseconds since the epoch, `seconds` before now; on a whole second, so that it survives Postgres' microseconds. */
export function secondsAgo(seconds: number): bigint {
  return BigInt(Math.floor(Date.now() / 1_000) - seconds) * 1_000_000_000n;
}

/** Of logs and spans that say nothing else: it does not move, so that the same record built twice is one record. */
const aMinuteAgo = secondsAgo(60);

/** The start of the minute `minutes` before this one, in milliseconds: an anchor for tests about minutes. */
export function minuteAgoMs(minutes: number): number {
  return (Math.floor(Date.now() / 60_000) - minutes) * 60_000;
}

/** Of one resource and one scope; `service` becomes `service.name`, and a test of its own takes one of its own. */
export function logsOf(service: string, items: readonly Partial<BareLog>[], scope = 'test'): Trees['logs'] {
  return [resourceOf(service, scope, items.map(log))];
}

export function spansOf(service: string, items: readonly Partial<BareSpan>[], scope = 'test'): Trees['traces'] {
  return [resourceOf(service, scope, items.map(span))];
}

export function metricsOf(
  service: string,
  items: readonly MetricTree[],
  { scope = 'test', resource = {} }: { readonly scope?: string; readonly resource?: Attributes } = {},
): Trees['metrics'] {
  return [resourceOf(service, scope, items, resource)];
}

function resourceOf<Item>(service: string, scope: string, items: readonly Item[], more: Attributes = {}) {
  return {
    attributes: attributes({ 'service.name': service, 'deployment.environment.name': 'test', ...more }),
    scopes: [{ name: scope, version: '', attributes: [], items }],
  };
}

/** An ERROR. */
function log(overrides: Partial<BareLog>): BareLog {
  return {
    timeUnixNano: aMinuteAgo,
    observedTimeUnixNano: 0n,
    severityNumber: 17,
    severityText: '',
    eventName: '',
    body: 'failed',
    attributes: [],
    flags: 0,
    traceId: new Uint8Array(),
    spanId: new Uint8Array(),
    ...overrides,
  };
}

export function idOf(length: number, first = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) % 256);
}

export function hexOf(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}

/** A SERVER span of 10 ms inside a trace. */
function span(overrides: Partial<BareSpan>): BareSpan {
  const startTimeUnixNano = overrides.startTimeUnixNano ?? aMinuteAgo;
  return {
    traceId: idOf(16),
    spanId: idOf(8),
    parentSpanId: idOf(8, 100),
    name: 'GET /x',
    kind: 2,
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano + 10_000_000n,
    attributes: [],
    statusCode: 0,
    flags: 0x101,
    ...overrides,
  };
}

/** A metric of any kind: `kind` and `temporality` as given, monotonic where it is a sum. */
export function metricOf(
  name: string,
  points: readonly BarePoint[],
  overrides: Partial<Omit<MetricTree, 'name' | 'points'>> = {},
): MetricTree {
  const kind = overrides.kind ?? 'sum';
  const isTemporal = kind !== 'gauge' && kind !== 'summary';
  return {
    name,
    unit: '',
    kind,
    temporality: isTemporal ? 'cumulative' : 'unspecified',
    isMonotonic: kind === 'sum',
    points,
    ...overrides,
  };
}

const base = () => ({
  attributes: [],
  startTimeUnixNano: secondsAgo(120),
  timeUnixNano: secondsAgo(60),
  flags: 0,
});

export function numberPoint(overrides: Partial<Of<'number'>> = {}): Of<'number'> {
  return { ...base(), type: 'number', value: 1, ...overrides };
}

/** Two values: one in (-inf, 1], one in (1, +inf). */
export function histogramPoint(overrides: Partial<Of<'histogram'>> = {}): Of<'histogram'> {
  const totals = { count: 2, sum: 3, min: undefined, max: undefined };
  return { ...base(), type: 'histogram', ...totals, bucketCounts: [1, 1], explicitBounds: [1], ...overrides };
}

/** One zero and two values in (1, 2]. */
export function exponentialPoint(overrides: Partial<Of<'exponentialHistogram'>> = {}): Of<'exponentialHistogram'> {
  return {
    ...base(),
    type: 'exponentialHistogram',
    ...{ count: 3, sum: 3, min: undefined, max: undefined, scale: 0, zeroCount: 1, zeroThreshold: 0 },
    positive: { offset: 0, bucketCounts: [2] },
    negative: { offset: 0, bucketCounts: [] },
    ...overrides,
  };
}

export function summaryPoint(overrides: Partial<Of<'summary'>> = {}): Of<'summary'> {
  return { ...base(), type: 'summary', count: 3, sum: 4, ...overrides };
}
