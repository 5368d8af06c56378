import http, { type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { MAX_OWN_CONNECTIONS, OWN_REQUEST_TIMEOUT_MS } from '../limits.ts';

/** What a path of the sidecar's own server answers. */
export interface Page {
  readonly isFine: boolean;
  readonly type: string;
  readonly body: string;
}

export interface OwnServer {
  /** As listened on; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Takes over a connection that asks for another protocol. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

const plain = 'text/plain; charset=utf-8';

/** A page of one line of text. */
export function line(isFine: boolean, text: string): Page {
  return { isFine, type: plain, body: `${text}\n` };
}

/**
 * The sidecar's own HTTP server, beside its doors: for orchestrators, scrapers and people. GET and HEAD of the given paths, nothing else
 * but upgrades of theirs. A page that is not fine is 503.
 * @throws what `listen` reports (`EADDRINUSE`, with the port).
 */
export async function startOwnServer(
  address: { readonly host: string; readonly port: number },
  pages: Readonly<Record<string, () => Page>>,
  upgrades: Readonly<Record<string, Upgrade>> = {},
): Promise<OwnServer> {
  const server = http.createServer({ requestTimeout: OWN_REQUEST_TIMEOUT_MS }, (request, response) => {
    const path = pathOf(request);
    // Nothing of a body is wanted; unread it would keep the connection from its next request.
    request.resume();
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) return send(response, reasons.not_found.httpStatus, line(false, 'not found'));
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return send(response, reasons.method_not_allowed.httpStatus, line(false, 'GET and HEAD only'));
    }
    const made = page();
    send(response, made.isFine ? httpOk : reasons.database_unavailable.httpStatus, made);
  });
  server.maxConnections = MAX_OWN_CONNECTIONS;
  server.on('upgrade', (request, socket, head) => {
    const path = pathOf(request);
    const upgrade = Object.hasOwn(upgrades, path) ? upgrades[path] : undefined;
    if (upgrade === undefined) socket.destroy();
    else upgrade(request, socket, head);
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(address, resolve);
  await listening;
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a host and a port');
  return {
    host: bound.address,
    port: bound.port,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function send(response: http.ServerResponse, status: number, { type, body }: Page): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  // Node leaves the body out where the request was a HEAD.
  response.end(body);
}
