import http from 'node:http';
import type { Duplex } from 'node:stream';
import { reasons } from '@command-center/contract/reasons';
import { refuse } from './door.ts';
import { statusJson } from './responses.ts';

/** Nothing was wrong with what came: it came too late, or its sender left. */
const lateCodes: ReadonlySet<string | undefined> = new Set(['ERR_HTTP_REQUEST_TIMEOUT', 'ECONNRESET']);

/**
 * Answers what never became a request, in place of Node. Node answers one that did not arrive in time with 408, which senders take for final:
 * where the connection breaks they try again (OTLP 1.11, "OTLP/HTTP Connection"). The rest has a google.rpc.Status as every other error.
 */
export function answerUnread(server: http.Server): void {
  const responses = new WeakMap<Duplex, http.ServerResponse>();
  server.on('request', (request, response) => responses.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const response = responses.get(socket);
    if (!socket.writable || lateCodes.has(error.code)) socket.destroy();
    else if (response === undefined || isOver(response)) socket.end(badRequest());
    // The request before it still gets its own answer, which this one's must not pass for.
    else if (response.req.complete) response.once('finish', () => socket.end());
    else socket.end(response.headersSent ? '' : badRequest());
  });
}

/** Its sender sent all of it and was answered. */
function isOver(response: http.ServerResponse): boolean {
  return response.req.complete && response.writableFinished;
}

function badRequest(): string {
  const refusal = refuse('undecodable', 'the request is not HTTP/1.1, or its headers are too large');
  const { httpStatus } = reasons[refusal.reason];
  const body = statusJson(refusal);
  const head = [
    `HTTP/1.1 ${httpStatus} ${http.STATUS_CODES[httpStatus]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
