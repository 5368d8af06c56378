import type { AttributeValue, ExponentialRange, KeyValue, Scope, Signal } from '../records.ts';
import type { BareLog, BarePoint, BareSpan, MetricTree, Trees } from './trees.ts';

/** A plain encoder of OTLP/JSON requests for tests; 64-bit integers are strings, as the protobuf JSON mapping writes them. */
export function encodeJson<S extends Signal>(signal: S, tree: Trees[S]): string;
export function encodeJson(signal: Signal, tree: Trees[Signal]): string {
  const [resources, scopes, items] = levels[signal];
  return JSON.stringify({
    [resources]: tree.map((resource) => ({
      resource: { attributes: attributesJson(resource.attributes) },
      [scopes]: resource.scopes.map((scope) => ({
        scope: scopeJson(scope),
        [items]: scope.items.map(itemJson),
      })),
    })),
  });
}

const levels = {
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
} as const;

const temporalities = { unspecified: 0, delta: 1, cumulative: 2 } as const;

function scopeJson({ name, version, attributes }: Scope) {
  return { name, version, attributes: attributesJson(attributes) };
}

function itemJson(item: MetricTree | BareLog | BareSpan): object {
  if ('points' in item) return metricJson(item);
  return 'severityNumber' in item ? logJson(item) : spanJson(item);
}

function metricJson({ name, unit, kind, temporality, isMonotonic, points }: MetricTree) {
  const aggregationTemporality = temporality === 'unspecified' ? undefined : temporalities[temporality];
  return {
    name,
    unit,
    [kind]: { dataPoints: points.map(pointJson), aggregationTemporality, isMonotonic: isMonotonic || undefined },
  };
}

function pointJson(point: BarePoint) {
  const base = {
    attributes: attributesJson(point.attributes),
    startTimeUnixNano: String(point.startTimeUnixNano),
    timeUnixNano: String(point.timeUnixNano),
    flags: point.flags,
  };
  switch (point.type) {
    case 'number':
      return { ...base, asDouble: doubleJson(point.value) };
    case 'histogram':
      return {
        ...base,
        ...distributionJson(point),
        bucketCounts: point.bucketCounts.map(String),
        explicitBounds: point.explicitBounds.map(doubleJson),
      };
    case 'exponentialHistogram':
      return {
        ...base,
        ...distributionJson(point),
        scale: point.scale,
        zeroCount: String(point.zeroCount),
        zeroThreshold: doubleJson(point.zeroThreshold),
        positive: rangeJson(point.positive),
        negative: rangeJson(point.negative),
      };
    case 'summary':
      return { ...base, count: String(point.count), sum: doubleJson(point.sum) };
  }
}

function distributionJson({
  count,
  sum,
  min,
  max,
}: {
  count: number;
  sum?: number | undefined;
  min?: number | undefined;
  max?: number | undefined;
}) {
  return { count: String(count), sum: doubleJson(sum), min: doubleJson(min), max: doubleJson(max) };
}

function rangeJson({ offset, bucketCounts }: ExponentialRange) {
  return { offset, bucketCounts: bucketCounts.map(String) };
}

function logJson(log: BareLog) {
  return {
    timeUnixNano: String(log.timeUnixNano),
    observedTimeUnixNano: String(log.observedTimeUnixNano),
    severityNumber: log.severityNumber,
    severityText: log.severityText,
    eventName: log.eventName,
    body: valueJson(log.body),
    attributes: attributesJson(log.attributes),
    flags: log.flags,
    traceId: hex(log.traceId),
    spanId: hex(log.spanId),
  };
}

function spanJson(span: BareSpan) {
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: attributesJson(span.attributes),
    status: { code: span.statusCode },
    flags: span.flags,
  };
}

function attributesJson(attributes: readonly KeyValue[]): object[] {
  return attributes.map(({ key, value }) => ({ key, value: valueJson(value) }));
}

function valueJson(value: AttributeValue): object | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: doubleJson(value) };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if ('entries' in value && !isArray(value)) return { kvlistValue: { values: attributesJson(value.entries) } };
  return isArray(value) ? { arrayValue: { values: value.map((item) => valueJson(item) ?? {}) } } : undefined;
}

function isArray(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

function doubleJson(value: number | undefined): number | string | undefined {
  return value === undefined || Number.isFinite(value) ? value : String(value);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
