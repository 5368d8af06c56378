import type { ExponentialRange, Metric, Point } from '../records.ts';
import { countOf, type Document, doubleOf, integerOf, type JsonObject, listOf, objectOf } from './fields.ts';
import { attributesOf } from './values.ts';

/** Reads one data point (metrics.proto) of a metric of any kind. */
export function pointOf(document: Document, metric: Metric, point: JsonObject): Point {
  const base = {
    metric,
    attributes: attributesOf(document, point.attributes, 'attributes'),
    startTimeUnixNano: integerOf(document, point.startTimeUnixNano, 'startTimeUnixNano', 'uint64'),
    timeUnixNano: integerOf(document, point.timeUnixNano, 'timeUnixNano', 'uint64'),
    flags: countOf(document, point.flags, 'flags', 'uint32'),
  };
  switch (metric.kind) {
    case 'gauge':
    case 'sum':
      return { type: 'number', ...base, value: numberOf(document, point) };
    case 'histogram':
      return {
        type: 'histogram',
        ...base,
        ...distributionOf(document, point),
        bucketCounts: countsOf(document, point.bucketCounts, 'bucketCounts'),
        explicitBounds: listOf(document, point.explicitBounds, 'explicitBounds').map(
          (bound) => doubleOf(document, bound, 'explicitBounds') ?? 0,
        ),
      };
    case 'exponentialHistogram':
      return {
        type: 'exponentialHistogram',
        ...base,
        ...distributionOf(document, point),
        scale: countOf(document, point.scale, 'scale', 'int32'),
        zeroCount: countOf(document, point.zeroCount, 'zeroCount', 'uint64'),
        zeroThreshold: doubleOf(document, point.zeroThreshold, 'zeroThreshold') ?? 0,
        positive: rangeOf(document, point.positive, 'positive'),
        negative: rangeOf(document, point.negative, 'negative'),
      };
    case 'summary':
      return {
        type: 'summary',
        ...base,
        count: countOf(document, point.count, 'count', 'uint64'),
        sum: doubleOf(document, point.sum, 'sum') ?? 0,
      };
  }
}

/** A value that JSON turned into null is a point without value. */
function numberOf(document: Document, point: JsonObject): number | undefined {
  const double = doubleOf(document, point.asDouble, 'asDouble');
  if (double !== undefined) return double;
  const integer = point.asInt;
  return integer === undefined || integer === null ? undefined : countOf(document, integer, 'asInt', 'int64');
}

function distributionOf(document: Document, point: JsonObject) {
  return {
    count: countOf(document, point.count, 'count', 'uint64'),
    sum: doubleOf(document, point.sum, 'sum'),
    min: doubleOf(document, point.min, 'min'),
    max: doubleOf(document, point.max, 'max'),
  };
}

function countsOf(document: Document, value: unknown, field: string): number[] {
  return listOf(document, value, field).map((count) => countOf(document, count, field, 'uint64'));
}

function rangeOf(document: Document, value: unknown, field: string): ExponentialRange {
  const range = objectOf(document, value, field);
  return {
    offset: countOf(document, range?.offset, `${field}.offset`, 'int32'),
    bucketCounts: countsOf(document, range?.bucketCounts, `${field}.bucketCounts`),
  };
}
