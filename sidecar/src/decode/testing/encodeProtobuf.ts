import type { AttributeValue, ExponentialRange, KeyValue, Signal } from '../records.ts';
import type { BareLog, BarePoint, BareSpan, MetricTree, ResourceTree, ScopeTree, Trees } from './trees.ts';

/** A plain encoder of OTLP requests for tests, written apart from the decoder: field numbers here come from the .proto files alone. */
export function encodeProtobuf<S extends Signal>(signal: S, tree: Trees[S]): Uint8Array;
export function encodeProtobuf(_signal: Signal, tree: Trees[Signal]): Uint8Array {
  const message = new Message();
  for (const resource of tree) message.child(1, (child) => writeResource(child, resource));
  return message.finish();
}

type Item = MetricTree | BareLog | BareSpan;

function writeResource(message: Message, resource: ResourceTree<Item>): void {
  message.child(1, (child) => writeAttributes(child, 1, resource.attributes));
  for (const scope of resource.scopes) message.child(2, (child) => writeScope(child, scope));
}

function writeScope(message: Message, scope: ScopeTree<Item>): void {
  message.child(1, (child) => {
    child.text(1, scope.name).text(2, scope.version);
    writeAttributes(child, 3, scope.attributes);
  });
  for (const item of scope.items) {
    message.child(2, (child) => {
      if ('points' in item) writeMetric(child, item);
      else if ('severityNumber' in item) writeLog(child, item);
      else writeSpan(child, item);
    });
  }
}

const dataFields = { gauge: 5, sum: 7, histogram: 9, exponentialHistogram: 10, summary: 11 } as const;
const temporalities = { unspecified: 0, delta: 1, cumulative: 2 } as const;

function writeMetric(message: Message, metric: MetricTree): void {
  message.text(1, metric.name).text(3, metric.unit);
  message.child(dataFields[metric.kind], (data) => {
    for (const point of metric.points) data.child(1, (child) => writePoint(child, point));
    if (metric.temporality !== 'unspecified') data.varint(2, BigInt(temporalities[metric.temporality]));
    if (metric.isMonotonic) data.varint(3, 1n);
  });
}

function writePoint(message: Message, point: BarePoint): void {
  const attributesField = { number: 7, histogram: 9, exponentialHistogram: 1, summary: 7 }[point.type];
  writeAttributes(message, attributesField, point.attributes);
  message.fixed64(2, point.startTimeUnixNano).fixed64(3, point.timeUnixNano);
  switch (point.type) {
    case 'number':
      message.double(4, point.value).varint(8, BigInt(point.flags));
      break;
    case 'histogram':
      message.fixed64(4, BigInt(point.count)).double(5, point.sum);
      message.child(6, (packed) => packed.fixed64s(point.bucketCounts));
      message.child(7, (packed) => packed.doubles(point.explicitBounds));
      message.varint(10, BigInt(point.flags)).double(11, point.min).double(12, point.max);
      break;
    case 'exponentialHistogram':
      message.fixed64(4, BigInt(point.count)).double(5, point.sum).zigzag(6, point.scale);
      message.fixed64(7, BigInt(point.zeroCount));
      message.child(8, (child) => writeRange(child, point.positive));
      message.child(9, (child) => writeRange(child, point.negative));
      message
        .varint(10, BigInt(point.flags))
        .double(12, point.min)
        .double(13, point.max)
        .double(14, point.zeroThreshold);
      break;
    case 'summary':
      message.fixed64(4, BigInt(point.count)).double(5, point.sum).varint(8, BigInt(point.flags));
  }
}

function writeRange(message: Message, range: ExponentialRange): void {
  message.zigzag(1, range.offset);
  message.child(2, (packed) => packed.varints(range.bucketCounts));
}

function writeLog(message: Message, log: BareLog): void {
  message.fixed64(1, log.timeUnixNano).varint(2, BigInt(log.severityNumber)).text(3, log.severityText);
  if (log.body !== undefined) message.child(5, (child) => writeValue(child, log.body));
  writeAttributes(message, 6, log.attributes);
  message.fixed32(8, log.flags).bytes(9, log.traceId).bytes(10, log.spanId);
  message.fixed64(11, log.observedTimeUnixNano).text(12, log.eventName);
}

function writeSpan(message: Message, span: BareSpan): void {
  message.bytes(1, span.traceId).bytes(2, span.spanId).bytes(4, span.parentSpanId).text(5, span.name);
  message.varint(6, BigInt(span.kind)).fixed64(7, span.startTimeUnixNano).fixed64(8, span.endTimeUnixNano);
  writeAttributes(message, 9, span.attributes);
  message.child(15, (child) => child.varint(3, BigInt(span.statusCode)));
  message.fixed32(16, span.flags);
}

function writeAttributes(message: Message, field: number, attributes: readonly KeyValue[]): void {
  for (const { key, value } of attributes) {
    message.child(field, (child) => {
      child.text(1, key);
      if (value !== undefined) child.child(2, (inner) => writeValue(inner, value));
    });
  }
}

function writeValue(message: Message, value: AttributeValue): void {
  if (typeof value === 'string') message.text(1, value);
  else if (typeof value === 'boolean') message.varint(2, value ? 1n : 0n);
  else if (typeof value === 'bigint') message.varint(3, value);
  else if (typeof value === 'number') message.double(4, value);
  else if (value instanceof Uint8Array) message.bytes(7, value);
  else if (isArray(value)) {
    message.child(5, (child) => {
      for (const item of value) child.child(1, (inner) => writeValue(inner, item));
    });
  } else if (value !== undefined) message.child(6, (child) => writeAttributes(child, 1, value.entries));
}

/** Array.isArray does not narrow read-only arrays away. */
function isArray(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

/** Protobuf's wire types, a byte at a time and with no regard for speed. An undefined double is an absent field. */
export class Message {
  readonly #out: number[] = [];

  child(field: number, write: (child: Message) => void): this {
    const child = new Message();
    write(child);
    return this.bytes(field, child.finish());
  }

  bytes(field: number, value: Uint8Array): this {
    this.varints([(field << 3) | 2, value.length]);
    for (const byte of value) this.#out.push(byte);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  varint(field: number, value: bigint): this {
    this.varints([field << 3, value]);
    return this;
  }

  zigzag(field: number, value: number): this {
    return this.varint(field, value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value));
  }

  double(field: number, value: number | undefined): this {
    if (value === undefined) return this;
    this.varints([(field << 3) | 1]);
    this.doubles([value]);
    return this;
  }

  fixed32(field: number, value: number): this {
    this.varints([(field << 3) | 5]);
    this.#little(BigInt(value), 4);
    return this;
  }

  fixed64(field: number, value: bigint): this {
    this.varints([(field << 3) | 1]);
    this.#little(value, 8);
    return this;
  }

  fixed64s(values: readonly number[]): void {
    for (const value of values) this.#little(BigInt(value), 8);
  }

  doubles(values: readonly number[]): void {
    for (const value of values) this.#out.push(...new Uint8Array(new Float64Array([value]).buffer));
  }

  varints(values: readonly (number | bigint)[]): void {
    for (const value of values) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 127n; rest >>= 7n) this.#out.push(Number(rest & 127n) | 128);
      this.#out.push(Number(rest));
    }
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#out);
  }

  #little(value: bigint, size: number): void {
    for (let shift = 0; shift < size * 8; shift += 8) this.#out.push(Number((value >> BigInt(shift)) & 0xffn));
  }
}
