import type { DecodedRequest } from '../request.ts';

/** Records with all their fields, whatever is read only when it is asked for. */
export function plainRecords({ signal, records }: DecodedRequest): unknown[] {
  if (signal === 'metrics') return [...records];
  return records.map((record) => ({
    resource: record.resource,
    scope: record.scope,
    attributes: record.attributes,
    flags: record.flags,
    traceId: new Uint8Array(record.traceId),
    spanId: new Uint8Array(record.spanId),
    ...('body' in record
      ? {
          timeUnixNano: record.timeUnixNano,
          observedTimeUnixNano: record.observedTimeUnixNano,
          severityNumber: record.severityNumber,
          severityText: record.severityText,
          eventName: record.eventName,
          body: record.body,
        }
      : {
          parentSpanId: new Uint8Array(record.parentSpanId),
          name: record.name,
          kind: record.kind,
          startTimeUnixNano: record.startTimeUnixNano,
          endTimeUnixNano: record.endTimeUnixNano,
          statusCode: record.statusCode,
        }),
  }));
}
