import fc from 'fast-check';
import type { AttributeValue, KeyValue } from '../records.ts';
import type { BareLog, BarePoint, BareSpan, MetricTree, ResourceTree, Trees } from './trees.ts';

/** Random requests that both encodings can carry: whole counts, no negative zero, no lone surrogates. */

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const count = fc.maxSafeNat();
const flags = fc.nat({ max: 2 ** 31 - 1 });
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('service.name', 'GET', '', '\u0000'),
);
const double = fc.double().map((value) => (Object.is(value, -0) ? 0 : value));
const optionalDouble = fc.option(double, { nil: undefined });
const id = (size: number) =>
  fc
    .oneof(fc.uint8Array({ minLength: size, maxLength: size }), fc.uint8Array({ maxLength: 20 }))
    .map((bytes) => new Uint8Array(bytes));

const { value } = fc.letrec<{ value: AttributeValue; entries: readonly KeyValue[] }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    double,
    fc.uint8Array({ maxLength: 20 }).map((bytes) => new Uint8Array(bytes)),
    fc.constant(undefined),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('entries').map((entries) => ({ entries })),
  ),
  entries: fc.array(fc.record({ key: text, value: tie('value') }), { maxLength: 3 }),
}));

const attributes = fc.array(fc.record({ key: text, value }), { maxLength: 4 });

const base = { attributes, startTimeUnixNano: uint64, timeUnixNano: uint64, flags };
const distribution = { count, sum: optionalDouble, min: optionalDouble, max: optionalDouble };
const counts = fc.array(count, { maxLength: 5 });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const range = fc.record({ offset: int32, bucketCounts: counts });

const points = {
  number: fc.record({ type: fc.constant('number' as const), ...base, value: optionalDouble }),
  histogram: fc.record({
    type: fc.constant('histogram' as const),
    ...base,
    ...distribution,
    bucketCounts: counts,
    explicitBounds: fc.array(double, { maxLength: 5 }),
  }),
  exponentialHistogram: fc.record({
    type: fc.constant('exponentialHistogram' as const),
    ...base,
    ...distribution,
    scale: int32,
    zeroCount: count,
    zeroThreshold: double,
    positive: range,
    negative: range,
  }),
  summary: fc.record({ type: fc.constant('summary' as const), ...base, count, sum: double }),
};

function metricOf(kind: MetricTree['kind'], point: fc.Arbitrary<BarePoint>): fc.Arbitrary<MetricTree> {
  const hasTemporality = kind !== 'gauge' && kind !== 'summary';
  return fc.record({
    name: text,
    unit: text,
    kind: fc.constant(kind),
    temporality: hasTemporality ? fc.constantFrom('unspecified', 'delta', 'cumulative') : fc.constant('unspecified'),
    isMonotonic: kind === 'sum' ? fc.boolean() : fc.constant(false),
    points: fc.array(point, { maxLength: 4 }),
  });
}

const metric: fc.Arbitrary<MetricTree> = fc.oneof(
  metricOf('gauge', points.number),
  metricOf('sum', points.number),
  metricOf('histogram', points.histogram),
  metricOf('exponentialHistogram', points.exponentialHistogram),
  metricOf('summary', points.summary),
);

const log: fc.Arbitrary<BareLog> = fc.record({
  timeUnixNano: uint64,
  observedTimeUnixNano: uint64,
  severityNumber: int32,
  severityText: text,
  eventName: text,
  body: value,
  attributes,
  flags,
  traceId: id(16),
  spanId: id(8),
});

const span: fc.Arbitrary<BareSpan> = fc.record({
  traceId: id(16),
  spanId: id(8),
  parentSpanId: id(8),
  name: text,
  kind: int32,
  startTimeUnixNano: uint64,
  endTimeUnixNano: uint64,
  attributes,
  statusCode: int32,
  flags,
});

function treeOf<Item>(item: fc.Arbitrary<Item>): fc.Arbitrary<readonly ResourceTree<Item>[]> {
  const scope = fc.record({ name: text, version: text, attributes, items: fc.array(item, { maxLength: 3 }) });
  return fc.array(fc.record({ attributes, scopes: fc.array(scope, { maxLength: 2 }) }), { maxLength: 2 });
}

export const trees: { readonly [S in keyof Trees]: fc.Arbitrary<Trees[S]> } = {
  metrics: treeOf(metric),
  logs: treeOf(log),
  traces: treeOf(span),
};
