import type { IncomingMessage, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { livePath } from '@command-center/contract/live';
import { reasons } from '@command-center/contract/reasons';

/** Where a sidecar listens for what is not OTLP. */
export interface LiveUpstream {
  readonly host: string;
  readonly port: number;
}

/** Hands the live socket on to the sidecar, so that console, API and live are one origin and one port. */
export interface LiveProxy {
  /** Cuts every socket: a server that closes does not wait for them, and they would hold the process. */
  stop(): void;
}

/** What is forwarded is what came: the sidecar compares Origin with Host itself. */
export function proxyLive(server: Server, upstream: LiveUpstream): LiveProxy {
  const open = new Set<Duplex>();
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?', 1)[0] !== livePath) {
      refuse(socket, reasons.not_found.httpStatus);
      return;
    }
    open.add(socket);
    const sidecar = connect(upstream.port, upstream.host);
    socket.once('close', () => {
      open.delete(socket);
      sidecar.destroy();
    });
    join(request, head, socket, sidecar);
  });
  return {
    stop: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

function join(request: IncomingMessage, head: Buffer, socket: Duplex, sidecar: Socket): void {
  sidecar.setNoDelay(true);
  let isJoined = false;
  sidecar.once('connect', () => {
    isJoined = true;
    sidecar.write(headOf(request));
    sidecar.write(head);
    socket.pipe(sidecar).pipe(socket);
  });
  // It is being started again, or gone: the browser comes back later, and polls meanwhile.
  sidecar.on('error', () => {
    if (isJoined) socket.destroy();
    else refuse(socket, reasons.live_full.httpStatus);
  });
  sidecar.once('close', () => socket.end());
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
