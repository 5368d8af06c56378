import { noBytes } from '../draft.ts';
import type { KeyValue, Span } from '../records.ts';
import type { KnownScope } from './headers.ts';
import { readKeyValue } from './values.ts';
import { bytes, enter, fieldSet, fixed64, leave, skipUnknown, text, type Wire } from './wire.ts';

const spanFields = fieldSet(1, 2, 4, 5, 6, 7, 8, 9, 15, 16);

/** Reads a Span (trace.proto) and appends it; its events and links are passed over. */
export function readSpan(wire: Wire, { resource, scope }: KnownScope, spans: Span[]): void {
  const { reader } = wire;
  const outer = enter(wire);
  let traceId = noBytes;
  let spanId = noBytes;
  let parentSpanId = noBytes;
  let name = '';
  let kind = 0;
  let startTimeUnixNano = 0n;
  let endTimeUnixNano = 0n;
  const attributes: KeyValue[] = [];
  let statusCode = 0;
  let flags = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) traceId = bytes(wire);
    else if (tag === 0x12) spanId = bytes(wire);
    else if (tag === 0x22) parentSpanId = bytes(wire);
    else if (tag === 0x2a) name = text(wire);
    else if (tag === 0x30) kind = reader.int32();
    else if (tag === 0x39) startTimeUnixNano = fixed64(wire);
    else if (tag === 0x41) endTimeUnixNano = fixed64(wire);
    else if (tag === 0x4a) attributes.push(readKeyValue(wire, 0));
    else if (tag === 0x7a) statusCode = readStatus(wire, statusCode);
    else if (tag === 0x85) flags = reader.fixed32();
    else skipUnknown(wire, tag, spanFields);
  }
  leave(wire, outer);
  spans.push({
    resource,
    scope,
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes,
    statusCode,
    flags,
  });
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
