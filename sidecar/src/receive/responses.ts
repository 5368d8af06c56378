import { reasons } from '@command-center/contract/reasons';
import protobuf from 'protobufjs/minimal.js';
import type { Signal } from '../decode/records.ts';
import type { Refusal, Stored } from './door.ts';

/** JSON names of the count in the three partial-success messages; in protobuf all are field 1 (collector/*_service.proto). */
const rejectedNames: Readonly<Record<Signal, string>> = {
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
  traces: 'rejectedSpans',
};

/** Export*ServiceResponse in protobuf: zero bytes where everything was accepted (OTLP 1.11, "Full Success"). */
export function successProtobuf({ rejected, message }: Stored): Buffer {
  const writer = protobuf.Writer.create();
  if (rejected === 0 && message === '') return Buffer.alloc(0);
  writer.uint32(tag(1, 2)).fork();
  if (rejected > 0) writer.uint32(tag(1, 0)).uint64(rejected);
  if (message !== '') writer.uint32(tag(2, 2)).string(message);
  return finish(writer.ldelim());
}

/** Export*ServiceResponse in JSON; the count is an int64 and so a string. */
export function successJson(signal: Signal, { rejected, message }: Stored): Buffer {
  if (rejected === 0 && message === '') return Buffer.from('{}');
  const partialSuccess = { [rejectedNames[signal]]: String(rejected), errorMessage: message };
  return Buffer.from(JSON.stringify({ partialSuccess }));
}

/** google.rpc.Status in JSON. */
export function statusJson({ reason, message }: Refusal): Buffer {
  return Buffer.from(JSON.stringify({ code: reasons[reason].grpcCode, message }));
}

/** google.rpc.Status in protobuf, with google.rpc.RetryInfo where the refusal has a hint. */
export function statusProtobuf({ reason, message, retryAfterSeconds }: Refusal): Buffer {
  const writer = protobuf.Writer.create();
  writer.uint32(tag(1, 0)).int32(reasons[reason].grpcCode).uint32(tag(2, 2)).string(message);
  if (retryAfterSeconds !== undefined) {
    // details: Any{type_url: 1, value: 2}; RetryInfo{retry_delay: 1}; Duration{seconds: 1}
    writer.uint32(tag(3, 2)).fork();
    writer.uint32(tag(1, 2)).string('type.googleapis.com/google.rpc.RetryInfo');
    writer.uint32(tag(2, 2)).fork();
    writer.uint32(tag(1, 2)).fork().uint32(tag(1, 0)).int64(retryAfterSeconds).ldelim();
    writer.ldelim().ldelim();
  }
  return finish(writer);
}

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

function finish(writer: protobuf.Writer): Buffer {
  const { buffer, byteOffset, byteLength } = writer.finish();
  return Buffer.from(buffer, byteOffset, byteLength);
}
