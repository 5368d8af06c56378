import { noBytes } from '../draft.ts';
import type { AttributeValue, KeyValue, LogRecord } from '../records.ts';
import type { KnownScope } from './headers.ts';
import { readKeyValue, readValue } from './values.ts';
import { bytes, enter, fieldSet, fixed64, leave, skipUnknown, text, type Wire } from './wire.ts';

const logFields = fieldSet(1, 2, 3, 5, 6, 8, 9, 10, 11, 12);

/** Reads a LogRecord (logs.proto) and appends it. */
export function readLogRecord(wire: Wire, { resource, scope }: KnownScope, records: LogRecord[]): void {
  const { reader } = wire;
  const outer = enter(wire);
  let timeUnixNano = 0n;
  let observedTimeUnixNano = 0n;
  let severityNumber = 0;
  let severityText = '';
  let eventName = '';
  let body: AttributeValue;
  const attributes: KeyValue[] = [];
  let flags = 0;
  let traceId = noBytes;
  let spanId = noBytes;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x09) timeUnixNano = fixed64(wire);
    else if (tag === 0x10) severityNumber = reader.int32();
    else if (tag === 0x1a) severityText = text(wire);
    else if (tag === 0x2a) body = readValue(wire, 0);
    else if (tag === 0x32) attributes.push(readKeyValue(wire, 0));
    else if (tag === 0x45) flags = reader.fixed32();
    else if (tag === 0x4a) traceId = bytes(wire);
    else if (tag === 0x52) spanId = bytes(wire);
    else if (tag === 0x59) observedTimeUnixNano = fixed64(wire);
    else if (tag === 0x62) eventName = text(wire);
    else skipUnknown(wire, tag, logFields);
  }
  leave(wire, outer);
  records.push({
    resource,
    scope,
    timeUnixNano,
    observedTimeUnixNano,
    severityNumber,
    severityText,
    eventName,
    body,
    attributes,
    flags,
    traceId,
    spanId,
  });
}
