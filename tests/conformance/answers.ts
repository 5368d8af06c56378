import protobuf from 'protobufjs/minimal.js';
import { z } from 'zod';

/** Of an Export*ServiceResponse; 0 and '' where partial_success is unset. */
export interface ExportResponse {
  readonly rejected: number;
  readonly message: string;
}

const partialSuccess = z.strictObject({
  rejectedDataPoints: z.string().optional(),
  rejectedLogRecords: z.string().optional(),
  rejectedSpans: z.string().optional(),
  errorMessage: z.string(),
});
const jsonResponse = z.strictObject({ partialSuccess: partialSuccess.optional() });
const jsonStatus = z.strictObject({ code: z.number(), message: z.string() });

/**
 * Reads a success as an exporter does. @throws where it is none: an exporter that cannot read a 2xx drops the data; and where partial_success is set
 * without saying anything, since full success leaves it unset.
 */
export function readResponse(bytes: Buffer, isJson = false): ExportResponse {
  if (isJson) {
    const { partialSuccess: part } = jsonResponse.parse(JSON.parse(bytes.toString()));
    if (part?.errorMessage === '') throw new Error('partialSuccess without a message');
    const count = part?.rejectedDataPoints ?? part?.rejectedLogRecords ?? part?.rejectedSpans ?? '0';
    return { rejected: Number(count), message: part?.errorMessage ?? '' };
  }
  const response = { rejected: 0, message: '' };
  eachField(bytes, (tag, reader) => {
    if (tag !== 0x0a) throw new Error(`not a response: tag ${tag}`);
    eachField(Buffer.from(reader.bytes()), (inner, part) => {
      if (inner === 0x08) response.rejected = Number(part.int64());
      else if (inner === 0x12) response.message = part.string();
      else throw new Error(`not a partial success: tag ${inner}`);
    });
    if (response.message === '') throw new Error('partial_success without a message');
  });
  return response;
}

/** Reads a google.rpc.Status. @throws where it is none. */
export function readStatus(bytes: Buffer, isJson = false): { readonly grpcCode: number; readonly message: string } {
  if (isJson) {
    const { code, message } = jsonStatus.parse(JSON.parse(bytes.toString()));
    return { grpcCode: code, message };
  }
  const status = { grpcCode: 0, message: '' };
  eachField(bytes, (tag, reader) => {
    if (tag === 0x08) status.grpcCode = reader.int32();
    else if (tag === 0x12) status.message = reader.string();
    else if (tag === 0x1a) reader.bytes();
    else throw new Error(`not a google.rpc.Status: tag ${tag}`);
  });
  return status;
}

function eachField(bytes: Buffer, read: (tag: number, reader: protobuf.Reader) => void): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) read(reader.tag(), reader);
}
