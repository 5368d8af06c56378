import { MAX_READ_BUCKETS } from '../../limits.ts';
import type {
  ExponentialHistogramPoint,
  ExponentialRange,
  HistogramPoint,
  KeyValue,
  Metric,
  NumberPoint,
  Point,
  SummaryPoint,
} from '../records.ts';
import { readKeyValue } from './values.ts';
import {
  double,
  enter,
  fieldSet,
  fixed64,
  fixed64Number,
  leave,
  sfixed64Number,
  skipUnknown,
  uint64Number,
  type Wire,
} from './wire.ts';

/** One reader a kind of metric; each reads one data point (metrics.proto). */
export const pointReaders: Readonly<Record<Metric['kind'], (wire: Wire, metric: Metric) => Point>> = {
  gauge: readNumberPoint,
  sum: readNumberPoint,
  histogram: readHistogramPoint,
  exponentialHistogram: readExponentialPoint,
  summary: readSummaryPoint,
};

const numberFields = fieldSet(2, 3, 4, 6, 7, 8);

function readNumberPoint(wire: Wire, metric: Metric): NumberPoint {
  const { reader } = wire;
  const outer = enter(wire);
  const attributes: KeyValue[] = [];
  let startTimeUnixNano = 0n;
  let timeUnixNano = 0n;
  let value: number | undefined;
  let flags = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x3a) attributes.push(readKeyValue(wire, 0));
    else if (tag === 0x11) startTimeUnixNano = fixed64(wire);
    else if (tag === 0x19) timeUnixNano = fixed64(wire);
    else if (tag === 0x21) value = double(wire);
    else if (tag === 0x31) value = sfixed64Number(wire);
    else if (tag === 0x40) flags = reader.uint32();
    else skipUnknown(wire, tag, numberFields);
  }
  leave(wire, outer);
  return {
    type: 'number',
    metric,
    attributes,
    startTimeUnixNano,
    timeUnixNano,
    flags,
    value,
  };
}

const histogramFields = fieldSet(2, 3, 4, 5, 6, 7, 9, 10, 11, 12);

function readHistogramPoint(wire: Wire, metric: Metric): HistogramPoint {
  const { reader } = wire;
  const outer = enter(wire);
  const attributes: KeyValue[] = [];
  let startTimeUnixNano = 0n;
  let timeUnixNano = 0n;
  let flags = 0;
  let count = 0;
  let sum: number | undefined;
  let min: number | undefined;
  let max: number | undefined;
  const bucketCounts: number[] = [];
  const explicitBounds: number[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x4a) attributes.push(readKeyValue(wire, 0));
    else if (tag === 0x11) startTimeUnixNano = fixed64(wire);
    else if (tag === 0x19) timeUnixNano = fixed64(wire);
    else if (tag === 0x21) count = fixed64Number(wire);
    else if (tag === 0x29) sum = double(wire);
    else if (tag === 0x32) readPacked(wire, bucketCounts, fixed64Number);
    else if (tag === 0x31) keep(bucketCounts, fixed64Number(wire));
    else if (tag === 0x3a) readPacked(wire, explicitBounds, double);
    else if (tag === 0x39) keep(explicitBounds, double(wire));
    else if (tag === 0x50) flags = reader.uint32();
    else if (tag === 0x59) min = double(wire);
    else if (tag === 0x61) max = double(wire);
    else skipUnknown(wire, tag, histogramFields);
  }
  leave(wire, outer);
  return {
    type: 'histogram',
    metric,
    attributes,
    startTimeUnixNano,
    timeUnixNano,
    flags,
    count,
    sum,
    min,
    max,
    bucketCounts,
    explicitBounds,
  };
}

const exponentialFields = fieldSet(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14);
const noRange: ExponentialRange = Object.freeze({ offset: 0, bucketCounts: Object.freeze([]) });

function readExponentialPoint(wire: Wire, metric: Metric): ExponentialHistogramPoint {
  const { reader } = wire;
  const outer = enter(wire);
  const attributes: KeyValue[] = [];
  let startTimeUnixNano = 0n;
  let timeUnixNano = 0n;
  let flags = 0;
  let count = 0;
  let sum: number | undefined;
  let min: number | undefined;
  let max: number | undefined;
  let scale = 0;
  let zeroCount = 0;
  let zeroThreshold = 0;
  let positive = noRange;
  let negative = noRange;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) attributes.push(readKeyValue(wire, 0));
    else if (tag === 0x11) startTimeUnixNano = fixed64(wire);
    else if (tag === 0x19) timeUnixNano = fixed64(wire);
    else if (tag === 0x21) count = fixed64Number(wire);
    else if (tag === 0x29) sum = double(wire);
    else if (tag === 0x30) scale = reader.sint32();
    else if (tag === 0x39) zeroCount = fixed64Number(wire);
    else if (tag === 0x42) positive = readRange(wire, positive);
    else if (tag === 0x4a) negative = readRange(wire, negative);
    else if (tag === 0x50) flags = reader.uint32();
    else if (tag === 0x61) min = double(wire);
    else if (tag === 0x69) max = double(wire);
    else if (tag === 0x71) zeroThreshold = double(wire);
    else skipUnknown(wire, tag, exponentialFields);
  }
  leave(wire, outer);
  return {
    type: 'exponentialHistogram',
    metric,
    attributes,
    startTimeUnixNano,
    timeUnixNano,
    flags,
    count,
    sum,
    min,
    max,
    scale,
    zeroCount,
    zeroThreshold,
    positive,
    negative,
  };
}

const rangeFields = fieldSet(1, 2);

/** Reads Buckets of an exponential histogram; `earlier` is what stood there before, merged as protobuf says. */
function readRange(wire: Wire, earlier: ExponentialRange): ExponentialRange {
  const { reader } = wire;
  const outer = enter(wire);
  let offset = earlier.offset;
  const bucketCounts = [...earlier.bucketCounts];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x08) offset = reader.sint32();
    else if (tag === 0x12) readPackedVarints(wire, bucketCounts);
    else if (tag === 0x10) keep(bucketCounts, uint64Number(wire));
    else skipUnknown(wire, tag, rangeFields);
  }
  leave(wire, outer);
  return { offset, bucketCounts };
}

const summaryFields = fieldSet(2, 3, 4, 5, 7, 8);

function readSummaryPoint(wire: Wire, metric: Metric): SummaryPoint {
  const { reader } = wire;
  const outer = enter(wire);
  const attributes: KeyValue[] = [];
  let startTimeUnixNano = 0n;
  let timeUnixNano = 0n;
  let flags = 0;
  let count = 0;
  let sum = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x3a) attributes.push(readKeyValue(wire, 0));
    else if (tag === 0x11) startTimeUnixNano = fixed64(wire);
    else if (tag === 0x19) timeUnixNano = fixed64(wire);
    else if (tag === 0x21) count = fixed64Number(wire);
    else if (tag === 0x29) sum = double(wire);
    else if (tag === 0x40) flags = reader.uint32();
    else skipUnknown(wire, tag, summaryFields);
  }
  leave(wire, outer);
  return {
    type: 'summary',
    metric,
    attributes,
    startTimeUnixNano,
    timeUnixNano,
    flags,
    count,
    sum,
  };
}

/** What is left out makes the lengths or the sum wrong, and so the point is rejected. */
function keep(into: number[], value: number): void {
  if (into.length < MAX_READ_BUCKETS) into.push(value);
}

function readPacked(wire: Wire, into: number[], read: (wire: Wire) => number): void {
  const { reader } = wire;
  const outer = enter(wire);
  while (reader.pos < reader.len) keep(into, read(wire));
  leave(wire, outer);
}

/** As `readPacked` of `uint64Number`; counts below 2^14, nearly all of a histogram, are read here: seen to make these points about 1.4 times faster. */
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
