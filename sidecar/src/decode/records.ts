/**
 * What both decoders (protobuf and JSON) produce and everything after them reads. Nothing here knows the encoding it came in.
 * Source: opentelemetry-proto 1.11, metrics.proto, logs.proto, trace.proto.
 */

/** An attribute value. The JavaScript type carries the OTLP type: `bigint` is an int, `number` a double, `undefined` an empty value. */
export type AttributeValue =
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly AttributeValue[]
  | KeyValueList
  | undefined;

export interface KeyValueList {
  readonly entries: readonly KeyValue[];
}

export interface KeyValue {
  readonly key: string;
  readonly value: AttributeValue;
}

/** One object per resource of a request, shared by all its records, so that work on it can be cached by reference. */
export interface Resource {
  readonly attributes: readonly KeyValue[];
}

/** OpenTelemetry's instrumentation scope; one object per scope of a request. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly KeyValue[];
}

export type Temporality = 'unspecified' | 'delta' | 'cumulative';

/** One object per metric of a request, shared by its points. */
export interface Metric {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';
  /** `unspecified` for gauges and summaries. */
  readonly temporality: Temporality;
  /** Of sums; false elsewhere. */
  readonly isMonotonic: boolean;
}

/**
 * A stream as its sender wrote it: a metric and attributes. A decoder hands out the same object for the same bytes for as long as it remembers
 * them, so that whatever was worked out for a stream is found again by reference.
 */
export interface SentStream {
  readonly metric: Metric;
  readonly attributes: readonly KeyValue[];
  /** Where the next stage keeps what it worked out; decoders leave it alone. */
  memo: unknown;
}

interface PointBase {
  readonly metric: Metric;
  readonly attributes: readonly KeyValue[];
  /** Nanoseconds since the epoch; 0n = not given. */
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  /** Bit 0 = NO_RECORDED_VALUE. */
  readonly flags: number;
}

/** A point of a gauge or a sum. `value` is undefined when the sender set none; ints above 2^53 lose precision. */
export interface NumberPoint extends PointBase {
  readonly type: 'number';
  readonly value: number | undefined;
}

export interface HistogramPoint extends PointBase {
  readonly type: 'histogram';
  readonly count: number;
  readonly sum: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
}

export interface ExponentialRange {
  readonly offset: number;
  readonly bucketCounts: readonly number[];
}

export interface ExponentialHistogramPoint extends PointBase {
  readonly type: 'exponentialHistogram';
  readonly count: number;
  readonly sum: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: ExponentialRange;
  readonly negative: ExponentialRange;
}

/** Quantiles are not decoded: they cannot be merged. */
export interface SummaryPoint extends PointBase {
  readonly type: 'summary';
  readonly count: number;
  readonly sum: number;
}

/** A point without its attributes, which belong to its stream: all that values, times and state are made of. */
export type PointContent =
  | Omit<NumberPoint, 'attributes'>
  | Omit<HistogramPoint, 'attributes'>
  | Omit<ExponentialHistogramPoint, 'attributes'>
  | Omit<SummaryPoint, 'attributes'>;

export type Point = NumberPoint | HistogramPoint | ExponentialHistogramPoint | SummaryPoint;

/**
 * What curation asks of every record before anything else, from decoders that can say without reading the rest: most records are dropped by
 * it. Times are whole milliseconds, undefined where the record has none.
 */
export interface LogGlance {
  /** When it happened, else when it was observed. */
  readonly sentMs: number | undefined;
}

export interface SpanGlance {
  readonly startMs: number | undefined;
  /** Below zero where it ends before it starts. */
  readonly durationMs: number;
  /** Whether both its ids are valid. */
  readonly hasIds: boolean;
  readonly isRoot: boolean;
  /** Whether it may have an attribute of one of these keys (UTF-8): certain where it says no. */
  mayHave(keys: readonly Uint8Array[]): boolean;
}

export interface LogRecord {
  readonly glance?: LogGlance;
  readonly resource: Resource;
  readonly scope: Scope;
  /** 0n = not given. */
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: AttributeValue;
  readonly attributes: readonly KeyValue[];
  /** W3C trace flags in the low 8 bits. */
  readonly flags: number;
  /** Raw bytes as sent, of any length. */
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
}

export interface Span {
  readonly glance?: SpanGlance;
  readonly resource: Resource;
  readonly scope: Scope;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly name: string;
  /** SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: readonly KeyValue[];
  /** Status code: 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  /** W3C trace flags in the low 8 bits. */
  readonly flags: number;
}

/** A record that decoded badly on its own (JSON: an integer out of range), while the rest of its request is sound. `reason` is a code of contract/src/reasons.ts. */
export interface SpoiledRecord {
  readonly reason: string;
  /** Where in the request, for the error message: `resourceMetrics[0].scopeMetrics[0].metrics[2].dataPoints[5].count`. Never a value. */
  readonly where: string;
}

export type Signal = 'metrics' | 'logs' | 'traces';
