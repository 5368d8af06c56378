import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A server on loopback that does to each connection what it is told. */
export interface Target {
  readonly port: number;
  /** Connections that came until now. */
  came(): number;
  /** Connections that are open now. */
  open(): number;
  close(): Promise<void>;
}

/** `tls`: the certificate it shows; without it plain TCP. */
export async function startTarget(onConnection: (socket: Socket) => void, tls?: TlsOptions): Promise<Target> {
  const sockets = new Set<Socket>();
  let came = 0;
  const take = (socket: Socket): void => {
    came += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A probe that gives up resets.
    socket.on('error', () => undefined);
    // What nobody reads has no end either.
    socket.resume();
    onConnection(socket);
  };
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    came: () => came,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Takes connections and says nothing. */
export const silent = (): void => undefined;

/** Says so much at once and then one byte of `rest` a tenth of a second, for ever. */
export function dripping(atOnce: string, rest: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(atOnce);
    const timer = setInterval(() => socket.write(rest), 100);
    socket.on('close', () => clearInterval(timer));
  };
}

/** Answers the first bytes it reads. */
export function answering(text: string): (socket: Socket) => void {
  return (socket) => void socket.once('data', () => socket.end(text));
}
