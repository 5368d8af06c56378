import { reasons } from '@command-center/contract/reasons';
import { Metadata, type StatusObject } from '@grpc/grpc-js';
import type { Refusal } from './door.ts';
import { statusProtobuf } from './responses.ts';

/** A refusal as gRPC sends it; a hint travels as google.rpc.RetryInfo in `grpc-status-details-bin`, without which senders give RESOURCE_EXHAUSTED up (OTLP 1.11, "Failures"). */
export function grpcStatusOf(refusal: Refusal): StatusObject {
  const metadata = new Metadata();
  if (refusal.retryAfterSeconds !== undefined) metadata.set('grpc-status-details-bin', statusProtobuf(refusal));
  return { code: reasons[refusal.reason].grpcCode, details: refusal.message, metadata };
}
