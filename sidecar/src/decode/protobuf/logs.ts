import { asDecodeError } from '../decodeError.ts';
import { noBytes } from '../draft.ts';
import type { AttributeValue, KeyValue, LogGlance, LogRecord, Resource, Scope } from '../records.ts';
import type { KnownScope } from './headers.ts';
import { internedText } from './intern.ts';
import { wholeMsAt } from './times.ts';
import { readKeyValue, readValue } from './values.ts';
import { advance, bytes, enter, fieldSet, leave, readAt, skipUnknown, text, type Wire } from './wire.ts';

const logFields = fieldSet(1, 2, 3, 5, 6, 8, 9, 10, 11, 12);

/** Where nothing stands. */
const NOWHERE = -1;

/** Reads a LogRecord (logs.proto) and appends it. */
export function readLogRecord(wire: Wire, { resource, scope }: KnownScope, records: LogRecord[]): void {
  const { reader } = wire;
  const outer = enter(wire);
  const record = new SentLog(wire, resource, scope, reader.pos, reader.len);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x09) record.timeAt = advance(reader, 8);
    else if (tag === 0x10) record.severityNumber = reader.int32();
    else if (tag === 0x1a) {
      const size = reader.size();
      record.severityAt = advance(reader, size);
      record.severityEnd = reader.pos;
    } else if (tag === 0x59) record.observedAt = advance(reader, 8);
    // Read when someone asks for them.
    else if (tag === 0x2a || tag === 0x32 || tag === 0x4a || tag === 0x52 || tag === 0x62)
      advance(reader, reader.size());
    else if (tag === 0x45) advance(reader, 4);
    else skipUnknown(wire, tag, logFields);
  }
  records.push(record);
  leave(wire, outer);
}

type Content = Pick<LogRecord, 'eventName' | 'body' | 'attributes' | 'flags' | 'traceId' | 'spanId'>;

/**
 * A log record that knows where its parts stand and reads them when they are first asked for: most records are below WARN, and of those time
 * and severity are all that anyone wants. What is wrong in the content of such a record is not found, and not stored either.
 */
class SentLog implements LogRecord, LogGlance {
  readonly resource: Resource;
  readonly scope: Scope;
  severityNumber = 0;
  timeAt = NOWHERE;
  observedAt = NOWHERE;
  severityAt = 0;
  severityEnd = 0;
  readonly #wire: Wire;
  readonly #start: number;
  readonly #end: number;
  #content: Content | undefined;

  /** Its fields stand in [start, end) of the wire. */
  constructor(wire: Wire, resource: Resource, scope: Scope, start: number, end: number) {
    this.#wire = wire;
    this.resource = resource;
    this.scope = scope;
    this.#start = start;
    this.#end = end;
  }

  get glance(): LogGlance {
    return this;
  }

  /** When it happened, else when it was observed; whole milliseconds, undefined where it does not say. */
  get sentMs(): number | undefined {
    const { view } = this.#wire;
    const timeMs = this.timeAt === NOWHERE ? undefined : wholeMsAt(view, this.timeAt);
    if (timeMs !== undefined || this.observedAt === NOWHERE) return timeMs;
    return wholeMsAt(view, this.observedAt);
  }

  get timeUnixNano(): bigint {
    return this.timeAt === NOWHERE ? 0n : this.#wire.view.getBigUint64(this.timeAt, true);
  }

  get observedTimeUnixNano(): bigint {
    return this.observedAt === NOWHERE ? 0n : this.#wire.view.getBigUint64(this.observedAt, true);
  }

  get severityText(): string {
    return internedText(this.#wire.buffer, this.severityAt, this.severityEnd);
  }

  get eventName(): string {
    return this.#read().eventName;
  }

  get body(): AttributeValue {
    return this.#read().body;
  }

  get attributes(): readonly KeyValue[] {
    return this.#read().attributes;
  }

  get flags(): number {
    return this.#read().flags;
  }

  get traceId(): Uint8Array {
    return this.#read().traceId;
  }

  get spanId(): Uint8Array {
    return this.#read().spanId;
  }

  /** @throws DecodeError where the bytes are not the content of a log record. */
  #read(): Content {
    this.#content ??= contentAt(this.#wire, this.#start, this.#end);
    return this.#content;
  }
}

function contentAt(wire: Wire, start: number, end: number): Content {
  try {
    return readAt(wire, start, end, readContent);
  } catch (error) {
    throw asDecodeError(error, 'the content of a log record');
  }
}

function readContent(wire: Wire): Content {
  const { reader } = wire;
  let eventName = '';
  let body: AttributeValue;
  const attributes: KeyValue[] = [];
  let flags = 0;
  let traceId = noBytes;
  let spanId = noBytes;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x2a) body = readValue(wire, 0);
    else if (tag === 0x32) attributes.push(readKeyValue(wire, 0));
    else if (tag === 0x45) flags = reader.fixed32();
    else if (tag === 0x4a) traceId = bytes(wire);
    else if (tag === 0x52) spanId = bytes(wire);
    else if (tag === 0x62) eventName = text(wire);
    else reader.skipType(tag & 7);
  }
  return { eventName, body, attributes, flags, traceId, spanId };
}
