import type { DecodedRequest } from '../request.ts';

/** Records with all their fields, whatever is read only when it is asked for. */
export function plainRecords({ records }: DecodedRequest): unknown[] {
  return [...records].map((record) =>
    'severityNumber' in record
      ? {
          ...record,
          eventName: record.eventName,
          body: record.body,
          attributes: record.attributes,
          flags: record.flags,
          traceId: new Uint8Array(record.traceId),
          spanId: new Uint8Array(record.spanId),
        }
      : record,
  );
}
