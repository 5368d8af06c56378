import { type Draft, temporalityOf } from '../draft.ts';
import type { LogRecord, Metric, Point, Resource, Scope, Span } from '../records.ts';
import {
  booleanOf,
  countOf,
  type Document,
  idOf,
  integerOf,
  type JsonObject,
  listOf,
  objectOf,
  textOf,
} from './fields.ts';
import { pointOf } from './points.ts';
import { anyValueOf, attributesOf } from './values.ts';

/** Appends a record, or, where one of its integers is out of range, counts it as spoiled. */
export type Keep<T> = (record: T) => void;

/** JSON names of Metric's oneof `data` (metrics.proto). */
const kinds = [
  'gauge',
  'sum',
  'histogram',
  'exponentialHistogram',
  'summary',
] as const satisfies readonly Metric['kind'][];

/** Reads a Metric and keeps its points. */
export function readMetric(
  document: Document,
  resource: Resource,
  scope: Scope,
  item: JsonObject,
  keep: Keep<Point>,
): void {
  const name = textOf(document, item.name, 'name');
  const unit = textOf(document, item.unit, 'unit');
  for (const kind of kinds) {
    const data = objectOf(document, item[kind], kind);
    if (data === undefined) continue;
    const metric: Draft<Metric> = { resource, scope, name, unit, kind, temporality: 'unspecified', isMonotonic: false };
    if (kind !== 'gauge' && kind !== 'summary')
      metric.temporality = temporalityOf(enumOf(document, data, 'aggregationTemporality'));
    if (kind === 'sum') metric.isMonotonic = booleanOf(document, data.isMonotonic, 'isMonotonic');
    for (const value of listOf(document, data.dataPoints, 'dataPoints')) {
      document.cursor.point++;
      keep(pointOf(document, metric, objectOf(document, value, 'dataPoints') ?? {}));
    }
    document.cursor.point = -1;
    return;
  }
}

/** Reads a LogRecord (logs.proto). */
export function readLogRecord(
  document: Document,
  resource: Resource,
  scope: Scope,
  item: JsonObject,
  keep: Keep<LogRecord>,
): void {
  keep({
    resource,
    scope,
    timeUnixNano: integerOf(document, item.timeUnixNano, 'timeUnixNano', 'uint64'),
    observedTimeUnixNano: integerOf(document, item.observedTimeUnixNano, 'observedTimeUnixNano', 'uint64'),
    severityNumber: enumOf(document, item, 'severityNumber'),
    severityText: textOf(document, item.severityText, 'severityText'),
    eventName: textOf(document, item.eventName, 'eventName'),
    body: anyValueOf(document, item.body, 'body', 0),
    attributes: attributesOf(document, item.attributes, 'attributes'),
    flags: countOf(document, item.flags, 'flags', 'uint32'),
    traceId: idOf(document, item.traceId, 'traceId'),
    spanId: idOf(document, item.spanId, 'spanId'),
  });
}

/** Reads a Span (trace.proto); its events and links are passed over. */
export function readSpan(
  document: Document,
  resource: Resource,
  scope: Scope,
  item: JsonObject,
  keep: Keep<Span>,
): void {
  keep({
    resource,
    scope,
    traceId: idOf(document, item.traceId, 'traceId'),
    spanId: idOf(document, item.spanId, 'spanId'),
    parentSpanId: idOf(document, item.parentSpanId, 'parentSpanId'),
    name: textOf(document, item.name, 'name'),
    kind: enumOf(document, item, 'kind'),
    startTimeUnixNano: integerOf(document, item.startTimeUnixNano, 'startTimeUnixNano', 'uint64'),
    endTimeUnixNano: integerOf(document, item.endTimeUnixNano, 'endTimeUnixNano', 'uint64'),
    attributes: attributesOf(document, item.attributes, 'attributes'),
    statusCode: enumOf(document, objectOf(document, item.status, 'status') ?? {}, 'code'),
    flags: countOf(document, item.flags, 'flags', 'uint32'),
  });
}

/** Enums are integers; a name is undecodable (OTLP 1.11, "JSON Protobuf Encoding"). */
function enumOf(document: Document, item: JsonObject, field: string): number {
  return countOf(document, item[field], field, 'int32');
}
