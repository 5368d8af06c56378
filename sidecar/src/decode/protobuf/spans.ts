import { isIdAt, isZeroAt, SPAN_ID_BYTES, TRACE_ID_BYTES } from '@command-center/contract/traceContext';
import { asDecodeError } from '../decodeError.ts';
import { noAttributes, noBytes } from '../draft.ts';
import type { KeyValue, Resource, Scope, Span, SpanGlance } from '../records.ts';
import type { KnownScope } from './headers.ts';
import { internedText } from './intern.ts';
import { differenceAt, wholeMsAt } from './times.ts';
import { mayHold, readKeyValue } from './values.ts';
import { advance, countValue, enter, fieldSet, leave, readAt, skipUnknown, type Wire } from './wire.ts';

const spanFields = fieldSet(1, 2, 4, 5, 6, 7, 8, 9, 15, 16);

/** Where nothing stands. */
const NOWHERE = -1;

const ATTRIBUTE_TAG = 0x4a;

/** Reads a Span (trace.proto) and appends it; its events and links are passed over. */
export function readSpan(wire: Wire, { resource, scope }: KnownScope, spans: Span[]): void {
  const { reader } = wire;
  const outer = enter(wire);
  const span = new SentSpan(wire, resource, scope);
  while (reader.pos < reader.len) {
    const before = reader.pos;
    const tag = reader.tag();
    if (tag === ATTRIBUTE_TAG) {
      countValue(wire);
      advance(reader, reader.size());
      if (span.attributeCount === 0) span.attributesAt = before;
      span.attributesEnd = reader.pos;
      span.attributeCount += 1;
    } else if (tag === 0x0a) {
      span.traceIdAt = advance(reader, reader.size());
      span.traceIdEnd = reader.pos;
    } else if (tag === 0x12) {
      span.spanIdAt = advance(reader, reader.size());
      span.spanIdEnd = reader.pos;
    } else if (tag === 0x22) {
      span.parentAt = advance(reader, reader.size());
      span.parentEnd = reader.pos;
    } else if (tag === 0x2a) {
      span.nameAt = advance(reader, reader.size());
      span.nameEnd = reader.pos;
    } else if (tag === 0x30) span.kind = reader.int32();
    else if (tag === 0x39) span.startAt = advance(reader, 8);
    else if (tag === 0x41) span.endAt = advance(reader, 8);
    else if (tag === 0x7a) span.statusCode = readStatus(wire, span.statusCode);
    else if (tag === 0x85) span.flags = reader.fixed32();
    else skipUnknown(wire, tag, spanFields);
  }
  leave(wire, outer);
  spans.push(span);
}

/**
 * A span that knows where its parts stand and reads them when they are first asked for: most spans are dropped by their kind, status, duration
 * and place. What is wrong in an attribute of such a span is not found, and not stored either.
 */
class SentSpan implements Span, SpanGlance {
  readonly resource: Resource;
  readonly scope: Scope;
  kind = 0;
  statusCode = 0;
  flags = 0;
  traceIdAt = 0;
  traceIdEnd = 0;
  spanIdAt = 0;
  spanIdEnd = 0;
  parentAt = 0;
  parentEnd = 0;
  nameAt = 0;
  nameEnd = 0;
  startAt = NOWHERE;
  endAt = NOWHERE;
  /** From the first attribute to behind the last; other fields may stand between. */
  attributesAt = 0;
  attributesEnd = 0;
  attributeCount = 0;
  readonly #wire: Wire;
  #attributes: readonly KeyValue[] | undefined;

  constructor(wire: Wire, resource: Resource, scope: Scope) {
    this.#wire = wire;
    this.resource = resource;
    this.scope = scope;
  }

  get glance(): SpanGlance {
    return this;
  }

  get startMs(): number | undefined {
    return this.startAt === NOWHERE ? undefined : wholeMsAt(this.#wire.view, this.startAt);
  }

  get durationMs(): number {
    const { startAt, endAt } = this;
    if (startAt === NOWHERE || endAt === NOWHERE) return Number(this.endTimeUnixNano - this.startTimeUnixNano) / 1e6;
    return differenceAt(this.#wire.view, endAt, startAt) / 1e6;
  }

  get hasIds(): boolean {
    const { raw } = this.#wire;
    return (
      isIdAt(raw, this.traceIdAt, this.traceIdEnd, TRACE_ID_BYTES) &&
      isIdAt(raw, this.spanIdAt, this.spanIdEnd, SPAN_ID_BYTES)
    );
  }

  get isRoot(): boolean {
    return isZeroAt(this.#wire.raw, this.parentAt, this.parentEnd);
  }

  mayHave(keys: readonly Uint8Array[]): boolean {
    const wire = this.#wire;
    if (this.attributeCount === 0) return false;
    return readAt(wire, this.attributesAt, this.attributesEnd, () => {
      const { reader } = wire;
      while (reader.pos < reader.len) {
        const tag = reader.tag();
        if (tag !== ATTRIBUTE_TAG) reader.skipType(tag & 7);
        else {
          const start = advance(reader, reader.size());
          if (mayHold(wire, start, reader.pos, keys)) return true;
        }
      }
      return false;
    });
  }

  get traceId(): Uint8Array {
    return this.#bytes(this.traceIdAt, this.traceIdEnd);
  }

  get spanId(): Uint8Array {
    return this.#bytes(this.spanIdAt, this.spanIdEnd);
  }

  get parentSpanId(): Uint8Array {
    return this.#bytes(this.parentAt, this.parentEnd);
  }

  get name(): string {
    return internedText(this.#wire.buffer, this.nameAt, this.nameEnd);
  }

  get startTimeUnixNano(): bigint {
    return this.startAt === NOWHERE ? 0n : this.#wire.view.getBigUint64(this.startAt, true);
  }

  get endTimeUnixNano(): bigint {
    return this.endAt === NOWHERE ? 0n : this.#wire.view.getBigUint64(this.endAt, true);
  }

  /** @throws DecodeError where the bytes are not attributes. */
  get attributes(): readonly KeyValue[] {
    this.#attributes ??= this.#readAttributes();
    return this.#attributes;
  }

  #bytes(start: number, end: number): Uint8Array {
    return start === end ? noBytes : this.#wire.buffer.subarray(start, end);
  }

  #readAttributes(): readonly KeyValue[] {
    if (this.attributeCount === 0) return noAttributes;
    const wire = this.#wire;
    // They were counted when they were passed over, and are again when they are read.
    wire.counted.values -= this.attributeCount;
    try {
      return readAt(wire, this.attributesAt, this.attributesEnd, readAttributes);
    } catch (error) {
      throw asDecodeError(error, 'the attributes of a span');
    }
  }
}

function readAttributes(wire: Wire): KeyValue[] {
  const { reader } = wire;
  const attributes: KeyValue[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === ATTRIBUTE_TAG) attributes.push(readKeyValue(wire, 0));
    else reader.skipType(tag & 7);
  }
  return attributes;
}

const statusFields = fieldSet(3);

/** Status (trace.proto) without its message. A status sent twice merges: `earlier` stays unless it is said again. */
function readStatus(wire: Wire, earlier: number): number {
  const { reader } = wire;
  const outer = enter(wire);
  let code = earlier;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x18) code = reader.int32();
    else skipUnknown(wire, tag, statusFields);
  }
  leave(wire, outer);
  return code;
}
