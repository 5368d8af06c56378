import { MAX_READ_BUCKETS } from '../../limits.ts';
import { BUCKETS, BUCKETS_AT, MAX, MIN, type PointTable, SUM, VALUE } from '../pointTable.ts';
import type { ExponentialRange, Metric } from '../records.ts';
import { readBounds } from './bounds.ts';
import { PointHeader } from './pointHeader.ts';
import {
  advance,
  double,
  enter,
  fieldSet,
  fixed64Number,
  leave,
  sfixed64Number,
  skipUnknown,
  uint64Number,
  type Wire,
} from './wire.ts';

/** One reader a kind of metric; each reads one data point (metrics.proto) into the table. */
export const pointReaders: Readonly<Record<Metric['kind'], (wire: Wire, metric: Metric, table: PointTable) => void>> = {
  gauge: readNumberPoint,
  sum: readNumberPoint,
  histogram: readHistogramPoint,
  exponentialHistogram: readExponentialPoint,
  summary: readSummaryPoint,
};

const numberFields = fieldSet(2, 3, 4, 6, 7, 8);
const numberHeader = new PointHeader({ attributes: 0x3a, flags: 0x40 });

function readNumberPoint(wire: Wire, metric: Metric, table: PointTable): void {
  const { reader } = wire;
  const outer = enter(wire);
  const header = numberHeader;
  header.begin(wire, metric);
  let value = 0;
  let hasValue = false;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x21) {
      value = double(wire);
      hasValue = true;
    } else if (tag === 0x31) {
      value = sfixed64Number(wire);
      hasValue = true;
    } else if (!header.read(wire, tag)) skipUnknown(wire, tag, numberFields);
  }
  const stream = header.end(wire);
  if (header.flags === 0 && hasValue) {
    const at = table.addNumber(stream);
    header.timesInto(wire, table, at);
    table.numbers[at + VALUE] = value;
  } else {
    const base = header.baseOf(wire, stream);
    table.addPoint(stream, { type: 'number', ...base, value: hasValue ? value : undefined });
  }
  leave(wire, outer);
}

const histogramFields = fieldSet(2, 3, 4, 5, 6, 7, 9, 10, 11, 12);
const histogramHeader = new PointHeader({ attributes: 0x4a, flags: 0x50 });
const noBounds: readonly number[] = Object.freeze([]);

function readHistogramPoint(wire: Wire, metric: Metric, table: PointTable): void {
  const { reader } = wire;
  const outer = enter(wire);
  const header = histogramHeader;
  header.begin(wire, metric);
  let count = 0;
  let sum = Number.NaN;
  let min = Number.NaN;
  let max = Number.NaN;
  // What was sent as NaN is not what was not sent.
  let isOdd = false;
  const bucketsAt = table.countsLength;
  let bounds = noBounds;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x21) count = fixed64Number(wire);
    else if (tag === 0x29) {
      sum = double(wire);
      isOdd ||= Number.isNaN(sum);
    } else if (tag === 0x32) readPackedCounts(wire, table);
    else if (tag === 0x31) appendCount(table, fixed64Number(wire));
    else if (tag === 0x3a) bounds = bounds.length === 0 ? readBounds(wire) : joined(bounds, readBounds(wire));
    else if (tag === 0x39) bounds = joined(bounds, [double(wire)]);
    else if (tag === 0x59) {
      min = double(wire);
      isOdd ||= Number.isNaN(min);
    } else if (tag === 0x61) {
      max = double(wire);
      isOdd ||= Number.isNaN(max);
    } else if (!header.read(wire, tag)) skipUnknown(wire, tag, histogramFields);
  }
  const stream = header.end(wire);
  if (header.flags === 0 && !isOdd) {
    const at = table.addHistogram(stream, bounds);
    const { numbers } = table;
    header.timesInto(wire, table, at);
    numbers[at + VALUE] = count;
    numbers[at + SUM] = sum;
    numbers[at + MIN] = min;
    numbers[at + MAX] = max;
    numbers[at + BUCKETS_AT] = bucketsAt;
    numbers[at + BUCKETS] = table.countsLength - bucketsAt;
  } else {
    const given = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);
    table.addPoint(stream, {
      type: 'histogram',
      ...header.baseOf(wire, stream),
      count,
      sum: given(sum),
      min: given(min),
      max: given(max),
      bucketCounts: [...table.counts.subarray(bucketsAt, table.countsLength)],
      explicitBounds: bounds,
    });
    table.countsLength = bucketsAt;
  }
  leave(wire, outer);
}

/** Bounds in parts, which no sender sends; what is left out makes the lengths wrong, and so the point is rejected. */
function joined(bounds: readonly number[], more: readonly number[]): readonly number[] {
  if (bounds.length >= MAX_READ_BUCKETS) return bounds;
  return [...bounds, ...more.slice(0, MAX_READ_BUCKETS - bounds.length)];
}

/** Appends packed fixed64 numbers, the nearest doubles, to the table's counts. */
function readPackedCounts(wire: Wire, table: PointTable): void {
  const { reader, view } = wire;
  const size = reader.size();
  const start = advance(reader, size);
  if (size % 8 !== 0) advance(reader, reader.len);
  table.reserveCounts(size >> 3);
  const { counts } = table;
  let to = table.countsLength;
  for (let at = start; at < start + size; at += 8) {
    const high = view.getUint32(at + 4, true);
    counts[to++] = high === 0 ? view.getUint32(at, true) : high * 0x1_0000_0000 + view.getUint32(at, true);
  }
  table.countsLength = to;
}

function appendCount(table: PointTable, count: number): void {
  table.reserveCounts(1);
  table.counts[table.countsLength++] = count;
}

const exponentialFields = fieldSet(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14);
const exponentialHeader = new PointHeader({ attributes: 0x0a, flags: 0x50 });

interface Range extends ExponentialRange {
  offset: number;
  readonly bucketCounts: number[];
}

function readExponentialPoint(wire: Wire, metric: Metric, table: PointTable): void {
  const { reader } = wire;
  const outer = enter(wire);
  const header = exponentialHeader;
  header.begin(wire, metric);
  let count = 0;
  let sum: number | undefined;
  let min: number | undefined;
  let max: number | undefined;
  let scale = 0;
  let zeroCount = 0;
  let zeroThreshold = 0;
  const positive: Range = { offset: 0, bucketCounts: [] };
  const negative: Range = { offset: 0, bucketCounts: [] };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x21) count = fixed64Number(wire);
    else if (tag === 0x29) sum = double(wire);
    else if (tag === 0x30) scale = reader.sint32();
    else if (tag === 0x39) zeroCount = fixed64Number(wire);
    else if (tag === 0x42) readRange(wire, positive);
    else if (tag === 0x4a) readRange(wire, negative);
    else if (tag === 0x61) min = double(wire);
    else if (tag === 0x69) max = double(wire);
    else if (tag === 0x71) zeroThreshold = double(wire);
    else if (!header.read(wire, tag)) skipUnknown(wire, tag, exponentialFields);
  }
  const stream = header.end(wire);
  const base = header.baseOf(wire, stream);
  const buckets = { scale, zeroCount, zeroThreshold, positive, negative };
  table.addPoint(stream, { type: 'exponentialHistogram', ...base, count, sum, min, max, ...buckets });
  leave(wire, outer);
}

const rangeFields = fieldSet(1, 2);

/** Reads Buckets of an exponential histogram into `range`: sent again they are merged, as protobuf says, and never copied. */
function readRange(wire: Wire, range: Range): void {
  const { reader } = wire;
  const outer = enter(wire);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x08) range.offset = reader.sint32();
    else if (tag === 0x12) readPackedVarints(wire, range.bucketCounts);
    else if (tag === 0x10) keep(range.bucketCounts, uint64Number(wire));
    else skipUnknown(wire, tag, rangeFields);
  }
  leave(wire, outer);
}

/** What is left out makes the sum wrong, and so the point is rejected. */
function keep(into: number[], value: number): void {
  if (into.length < MAX_READ_BUCKETS) into.push(value);
}

const summaryFields = fieldSet(2, 3, 4, 5, 7, 8);
const summaryHeader = new PointHeader({ attributes: 0x3a, flags: 0x40 });

function readSummaryPoint(wire: Wire, metric: Metric, table: PointTable): void {
  const { reader } = wire;
  const outer = enter(wire);
  const header = summaryHeader;
  header.begin(wire, metric);
  let count = 0;
  let sum = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x21) count = fixed64Number(wire);
    else if (tag === 0x29) sum = double(wire);
    else if (!header.read(wire, tag)) skipUnknown(wire, tag, summaryFields);
  }
  const stream = header.end(wire);
  table.addPoint(stream, { type: 'summary', ...header.baseOf(wire, stream), count, sum });
  leave(wire, outer);
}

/** Appends packed varints; counts below 2^14, nearly all of a histogram, are read here: seen to make these points about 1.4 times faster. */
function readPackedVarints(wire: Wire, into: number[]): void {
  const { reader, buffer } = wire;
  const outer = enter(wire);
  const end = reader.len;
  while (reader.pos < end) {
    const at = reader.pos;
    const first = buffer[at] ?? 0;
    const second = at + 1 < end ? (buffer[at + 1] ?? 0) : 128;
    if (first < 128) {
      reader.pos = at + 1;
      keep(into, first);
    } else if (second < 128) {
      reader.pos = at + 2;
      keep(into, (first & 127) | (second << 7));
    } else keep(into, uint64Number(wire));
  }
  leave(wire, outer);
}
