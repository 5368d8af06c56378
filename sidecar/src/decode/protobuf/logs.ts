import { asDecodeError } from '../decodeError.ts';
import { noBytes } from '../draft.ts';
import type { AttributeValue, KeyValue, LogRecord, Resource, Scope } from '../records.ts';
import type { KnownScope } from './headers.ts';
import { readKeyValue, readValue } from './values.ts';
import {
  advance,
  bytes,
  type Counted,
  enter,
  fieldSet,
  fixed64,
  leave,
  openWire,
  skipUnknown,
  text,
  type Wire,
} from './wire.ts';

const logFields = fieldSet(1, 2, 3, 5, 6, 8, 9, 10, 11, 12);

/** Reads a LogRecord (logs.proto) and appends it. */
export function readLogRecord(wire: Wire, { resource, scope }: KnownScope, records: LogRecord[]): void {
  const { reader, raw } = wire;
  const outer = enter(wire);
  const start = reader.pos;
  let timeUnixNano = 0n;
  let observedTimeUnixNano = 0n;
  let severityNumber = 0;
  let severityText = '';
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x09) timeUnixNano = fixed64(wire);
    else if (tag === 0x10) severityNumber = reader.int32();
    else if (tag === 0x1a) severityText = text(wire);
    else if (tag === 0x59) observedTimeUnixNano = fixed64(wire);
    // Read when someone asks for them.
    else if (tag === 0x2a || tag === 0x32 || tag === 0x4a || tag === 0x52 || tag === 0x62)
      advance(reader, reader.size());
    else if (tag === 0x45) advance(reader, 4);
    else skipUnknown(wire, tag, logFields);
  }
  const content = raw.subarray(start, reader.pos);
  const header = { resource, scope, timeUnixNano, observedTimeUnixNano, severityNumber, severityText };
  records.push(new SentLog(header, content, wire.counted));
  leave(wire, outer);
}

type Header = Pick<
  LogRecord,
  'resource' | 'scope' | 'timeUnixNano' | 'observedTimeUnixNano' | 'severityNumber' | 'severityText'
>;
type Content = Omit<LogRecord, keyof Header>;

/**
 * A log record whose content is read when it is first asked for: most records are below WARN, and of those time and severity are all that
 * anyone wants. What is wrong in the content of such a record is not found, and not stored either.
 */
class SentLog implements LogRecord {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly #bytes: Uint8Array;
  readonly #counted: Counted;
  #content: Content | undefined;

  constructor(header: Header, content: Uint8Array, counted: Counted) {
    this.resource = header.resource;
    this.scope = header.scope;
    this.timeUnixNano = header.timeUnixNano;
    this.observedTimeUnixNano = header.observedTimeUnixNano;
    this.severityNumber = header.severityNumber;
    this.severityText = header.severityText;
    this.#bytes = content;
    this.#counted = counted;
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
    this.#content ??= contentOf(this.#bytes, this.#counted);
    return this.#content;
  }
}

function contentOf(content: Uint8Array, counted: Counted): Content {
  try {
    return readContent(openWire(content, counted));
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
