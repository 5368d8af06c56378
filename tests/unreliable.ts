import { once } from 'node:events';
import { createServer, connect as openSocket, type Socket } from 'node:net';

/** A way to a Postgres that can be broken. */
export interface UnreliableWay {
  /** The database's URL by this way. */
  readonly url: string;
  /** Nothing listens any more, and what was connected is reset. */
  refuse(): Promise<void>;
  /** Whoever connects is accepted and never hears anything; who is connected neither. */
  swallow(): void;
  /** As it was. Connections that met a silence stay silent. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a way to the database of `databaseUrl` on a port of its own. */
export async function unreliableWay(databaseUrl: string): Promise<UnreliableWay> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  let isSwallowing = false;
  const track = (socket: Socket): Socket => {
    open.add(socket);
    return socket.on('error', () => undefined).on('close', () => open.delete(socket));
  };
  const server = createServer((client) => {
    track(client);
    if (isSwallowing) silent.add(client);
    const postgres = track(openSocket(Number(target.port), target.hostname));
    const carry = (from: Socket, to: Socket): void => {
      from.on('data', (bytes) => {
        if (!silent.has(client)) to.write(bytes);
      });
      from.on('close', () => to.destroy());
    };
    carry(client, postgres);
    carry(postgres, client);
    onSilence.add(() => silent.add(client));
  });
  const onSilence = new Set<() => void>();
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  };
  const shut = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of open) socket.resetAndDestroy();
    await closed;
  };
  const port = await listen(0);
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    refuse: shut,
    swallow() {
      isSwallowing = true;
      for (const silence of onSilence) silence();
    },
    async restore() {
      isSwallowing = false;
      if (!server.listening) await listen(port);
    },
    async close() {
      if (server.listening) await shut();
    },
  };
}
