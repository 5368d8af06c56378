import diagnostics from 'node:diagnostics_channel';
import { type ReasonCode, reasons } from '@command-center/contract/reasons';

/** What grpc-js answered without asking a handler. */
export interface OwnAnswer {
  readonly path: string;
  readonly reason: ReasonCode;
  /** Of the request's messages; '' = none. */
  readonly encoding: string;
}

interface StreamEvent {
  readonly stream: { readonly session?: { readonly socket?: { readonly localPort?: number } } };
  readonly headers: Readonly<Record<string, unknown>>;
}

const readableEncodings: ReadonlySet<string> = new Set(['', 'identity', 'gzip', 'deflate']);

/**
 * Reports the calls on `port` that grpc-js itself refuses (over the limit, not inflatable, compressed otherwise), for the counters. grpc-js tells no
 * one, so this listens to Node's diagnostics channels of HTTP/2; on a Node without them nothing is reported. Returns what ends it.
 */
export function watchOwnAnswers(port: number, onAnswer: (answer: OwnAnswer) => void): () => void {
  const requests = new WeakMap<object, { readonly path: string; readonly encoding: string }>();
  const onStart = (message: unknown): void => {
    if (!isStreamEvent(message) || message.stream.session?.socket?.localPort !== port) return;
    const { headers } = message;
    requests.set(message.stream, {
      path: String(headers[':path'] ?? ''),
      encoding: String(headers['grpc-encoding'] ?? ''),
    });
  };
  const onRespond = (message: unknown): void => {
    if (!isStreamEvent(message)) return;
    const request = requests.get(message.stream);
    const reason = request && ownReason(request.encoding, message.headers);
    if (request && reason) onAnswer({ ...request, reason });
  };
  diagnostics.subscribe('http2.server.stream.start', onStart);
  diagnostics.subscribe('http2.server.stream.finish', onRespond);
  return () => {
    diagnostics.unsubscribe('http2.server.stream.start', onStart);
    diagnostics.unsubscribe('http2.server.stream.finish', onRespond);
  };
}

/** None of these is ever answered by the door itself: too_large, unsupported_encoding, and INTERNAL for bytes that do not inflate. */
function ownReason(encoding: string, headers: StreamEvent['headers']): ReasonCode | undefined {
  const code = Number(headers['grpc-status'] ?? 0);
  if (code === reasons.too_large.grpcCode) return 'too_large';
  if (code === reasons.unsupported_encoding.grpcCode && !readableEncodings.has(encoding)) return 'unsupported_encoding';
  if (code === reasons.internal.grpcCode && String(headers['grpc-message']).startsWith('Failed%20to%20decompress'))
    return 'undecodable';
  return undefined;
}

function isStreamEvent(message: unknown): message is StreamEvent {
  return typeof message === 'object' && message !== null && 'stream' in message && 'headers' in message;
}
