import { MAX_REQUEST_RECORDS } from '../../limits.ts';
import { type Cursor, tooMany } from '../decodeError.ts';
import { type Draft, temporalityOf } from '../draft.ts';
import type { Metric, Point, Resource, Scope } from '../records.ts';
import { pointReaders } from './points.ts';

import { enter, fieldSet, leave, skipUnknown, text, type Wire } from './wire.ts';

const metricFields = fieldSet(1, 3, 5, 7, 9, 10, 11);

/** Field tags of Metric's oneof `data` (metrics.proto). */
const kindOfTag: Readonly<Record<number, Metric['kind']>> = {
  42: 'gauge',
  58: 'sum',
  74: 'histogram',
  82: 'exponentialHistogram',
  90: 'summary',
};

/** Reads a Metric and appends its points. They share one `metric`, whose fields may arrive after them. */
export function readMetric(wire: Wire, resource: Resource, scope: Scope, points: Point[], cursor: Cursor): void {
  const { reader } = wire;
  const outer = enter(wire);
  const metric: Draft<Metric> = {
    resource,
    scope,
    name: '',
    unit: '',
    kind: 'gauge',
    temporality: 'unspecified',
    isMonotonic: false,
  };
  const firstPoint = points.length;
  let dataTag = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    const kind = kindOfTag[tag];
    if (kind !== undefined) {
      if (tag !== dataTag) startData(metric, kind, points, firstPoint, cursor);
      dataTag = tag;
      readData(wire, metric, points, cursor);
    } else if (tag === 0x0a) metric.name = text(wire);
    else if (tag === 0x1a) metric.unit = text(wire);
    else skipUnknown(wire, tag, metricFields);
  }
  cursor.point = -1;
  leave(wire, outer);
}

/** Of a oneof the last one on the wire counts. */
function startData(
  metric: Draft<Metric>,
  kind: Metric['kind'],
  points: Point[],
  firstPoint: number,
  cursor: Cursor,
): void {
  points.length = firstPoint;
  cursor.point = -1;
  metric.kind = kind;
  metric.temporality = 'unspecified';
  metric.isMonotonic = false;
}

const dataFields: Readonly<Record<Metric['kind'], number>> = {
  gauge: fieldSet(1),
  sum: fieldSet(1, 2, 3),
  histogram: fieldSet(1, 2),
  exponentialHistogram: fieldSet(1, 2),
  summary: fieldSet(1),
};

/** Gauge, Sum, Histogram, ExponentialHistogram and Summary differ in their points and in which of fields 2 and 3 they have. */
function readData(wire: Wire, metric: Draft<Metric>, points: Point[], cursor: Cursor): void {
  const { reader } = wire;
  const outer = enter(wire);
  const readPoint = pointReaders[metric.kind];
  const fields = dataFields[metric.kind];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) {
      cursor.point++;
      if (points.length >= MAX_REQUEST_RECORDS) throw tooMany(MAX_REQUEST_RECORDS, 'records');
      points.push(readPoint(wire, metric));
    } else if (tag === 0x10 && (fields & (1 << 2)) !== 0) metric.temporality = temporalityOf(reader.int32());
    else if (tag === 0x18 && (fields & (1 << 3)) !== 0) metric.isMonotonic = reader.bool();
    else skipUnknown(wire, tag, fields);
  }
  leave(wire, outer);
}
