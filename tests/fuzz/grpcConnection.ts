import { once } from 'node:events';
import http2 from 'node:http2';
import type { Signal } from '@command-center/sidecar/decode/records';
import { paths } from '@command-center/sidecar/receive/testing/grpcClient';

export interface GrpcAnswer {
  /** NaN: the call ended without one. */
  readonly status: number;
  readonly message: string;
  readonly hasDetails: boolean;
  /** The message without its frame; empty where there was none. */
  readonly body: Buffer;
}

/** One HTTP/2 connection, its calls written by hand: what no gRPC client would send. */
export interface GrpcConnection {
  /** `framed`: the 5 bytes of gRPC's framing and the message, sound or not. */
  call(signal: Signal, framed: Buffer, encoding: string): Promise<GrpcAnswer>;
  close(): void;
}

export async function openGrpc(authority: string): Promise<GrpcConnection> {
  const session = http2.connect(`http://${authority}`);
  session.on('error', () => undefined);
  await once(session, 'connect');
  return {
    call: (signal, framed, encoding) =>
      new Promise((resolve) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': paths[signal],
          'content-type': 'application/grpc',
          te: 'trailers',
          'grpc-encoding': encoding,
        });
        let ending: http2.IncomingHttpHeaders = {};
        const chunks: Buffer[] = [];
        const keep = (headers: http2.IncomingHttpHeaders): void => {
          ending = { ...ending, ...headers };
        };
        stream.on('response', keep).on('trailers', keep);
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', () => undefined);
        stream.on('close', () => resolve(answerOf(ending, Buffer.concat(chunks))));
        stream.end(framed);
      }),
    close: () => session.destroy(),
  };
}

function answerOf(headers: http2.IncomingHttpHeaders, data: Buffer): GrpcAnswer {
  return {
    status: Number(headers['grpc-status'] ?? Number.NaN),
    message: decodeURIComponent(String(headers['grpc-message'] ?? '')),
    hasDetails: headers['grpc-status-details-bin'] !== undefined,
    body: data.subarray(5),
  };
}
