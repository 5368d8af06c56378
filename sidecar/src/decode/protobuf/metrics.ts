import { MAX_REQUEST_RECORDS } from '../../limits.ts';
import { type Cursor, tooMany } from '../decodeError.ts';
import { temporalityOf } from '../draft.ts';
import type { PointTable } from '../pointTable.ts';
import type { Metric } from '../records.ts';
import type { KnownScope } from './headers.ts';
import { pointReaders } from './points.ts';
import { enter, fieldLength, fieldSet, leave, skipUnknown, text, type Wire } from './wire.ts';

const metricFields = fieldSet(1, 3, 5, 7, 9, 10, 11);

/** Field tags of Metric's oneof `data` (metrics.proto). */
const kindOfTag: Readonly<Record<number, Metric['kind']>> = {
  42: 'gauge',
  58: 'sum',
  74: 'histogram',
  82: 'exponentialHistogram',
  90: 'summary',
};

/** A oneof `data` on the wire; the same one sent twice is merged, and then stands here twice. */
interface Segment {
  readonly start: number;
  readonly end: number;
}

/** Reads a Metric and appends its points. What tells the metric from others may stand behind its points, so it is looked for first. */
export function readMetric(wire: Wire, scope: KnownScope, points: PointTable, cursor: Cursor): void {
  const { reader } = wire;
  const outer = enter(wire);
  let name = '';
  let unit = '';
  let dataTag = 0;
  let segments: Segment[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (kindOfTag[tag] !== undefined) {
      // Of a oneof the last one on the wire counts.
      if (tag !== dataTag) segments = [];
      dataTag = tag;
      const start = reader.pos;
      reader.skipType(2);
      segments.push({ start, end: reader.pos });
    } else if (tag === 0x0a) name = text(wire);
    else if (tag === 0x1a) unit = text(wire);
    else skipUnknown(wire, tag, metricFields);
  }
  const kind = kindOfTag[dataTag] ?? 'gauge';
  const { temporality, isMonotonic, pointCount } = readTraits(wire, kind, segments);
  if (points.length + pointCount > MAX_REQUEST_RECORDS) throw tooMany(MAX_REQUEST_RECORDS, 'records');
  points.reserveRows(pointCount);
  const metric = scope.metric({ name, unit, kind, temporality, isMonotonic });
  cursor.point = -1;
  for (const segment of segments) readPoints(wire, metric, segment, points, cursor);
  cursor.point = -1;
  // What stands behind its points was read before them.
  reader.pos = reader.len;
  leave(wire, outer);
}

const dataFields: Readonly<Record<Metric['kind'], number>> = {
  gauge: fieldSet(1),
  sum: fieldSet(1, 2, 3),
  histogram: fieldSet(1, 2),
  exponentialHistogram: fieldSet(1, 2),
  summary: fieldSet(1),
};

type Traits = Pick<Metric, 'temporality' | 'isMonotonic'> & { readonly pointCount: number };

/** Gauge, Sum, Histogram, ExponentialHistogram and Summary differ in their points and in which of fields 2 and 3 they have. */
function readTraits(wire: Wire, kind: Metric['kind'], segments: readonly Segment[]): Traits {
  const { reader } = wire;
  const fields = dataFields[kind];
  let temporality: Metric['temporality'] = 'unspecified';
  let isMonotonic = false;
  let pointCount = 0;
  for (const { start } of segments) {
    reader.pos = start;
    const outer = enter(wire);
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      if (tag === 0x0a) {
        reader.pos = fieldLength(wire, reader.pos);
        pointCount += 1;
      } else if (tag === 0x10 && (fields & (1 << 2)) !== 0) temporality = temporalityOf(reader.int32());
      else if (tag === 0x18 && (fields & (1 << 3)) !== 0) isMonotonic = reader.bool();
      else skipUnknown(wire, tag, fields);
    }
    leave(wire, outer);
  }
  return { temporality, isMonotonic, pointCount };
}

function readPoints(wire: Wire, metric: Metric, { start, end }: Segment, points: PointTable, cursor: Cursor): void {
  const { reader } = wire;
  const readPoint = pointReaders[metric.kind];
  reader.pos = start;
  const outer = enter(wire);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) {
      cursor.point++;
      readPoint(wire, metric, points);
    } else reader.skipType(tag & 7);
  }
  leave(wire, outer);
  reader.pos = end;
}
