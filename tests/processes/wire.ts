import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A port of loopback that leads to another one, and can be taken away: a database's address that outlives the database. */
export interface Wire {
  readonly port: number;
  /** Leads here from now on; connections that exist stay. */
  lead(port: number): void;
  /** Nobody listens any more, and connections are reset. */
  cut(): Promise<void>;
  /** Ends every connection as a server that went down properly; goes on listening. */
  hangUp(): void;
  /** Listens again. */
  mend(): Promise<void>;
  /** Swallows every byte of both sides from now on, as a firewall that forgot the connection; new connections are taken and not answered. */
  silence(): void;
  /** Passes on again; connections that were silenced stay as they are. */
  speak(): void;
  close(): Promise<void>;
}

/** `to`: the port that it leads to; undefined: there is none yet, and nobody listens. */
export async function openWire(to?: number): Promise<Wire> {
  const pairs = new Set<readonly [Socket, Socket | undefined]>();
  let target = to;
  let isSilent = false;
  const server = createServer((near) => {
    near.on('error', () => undefined);
    if (isSilent || target === undefined) {
      const pair = [near, undefined] as const;
      pairs.add(pair);
      near.on('close', () => pairs.delete(pair));
      return;
    }
    const far = connect(target, '127.0.0.1').on('error', () => near.destroy());
    const pair = [near, far] as const;
    pairs.add(pair);
    near.pipe(far).pipe(near);
    near.on('close', () => {
      pairs.delete(pair);
      far.destroy();
    });
    far.on('close', () => near.destroy());
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const port = portOf(server);
  const cut = async (): Promise<void> => {
    const closed = server.listening ? new Promise((resolve) => server.close(resolve)) : undefined;
    for (const [near, far] of pairs) {
      near.resetAndDestroy();
      far?.destroy();
    }
    await closed;
  };
  if (to === undefined) await cut();
  return {
    port,
    lead: (next) => {
      target = next;
    },
    cut,
    hangUp: () => {
      for (const [near] of pairs) near.end();
    },
    mend: () => listen(port),
    silence: () => {
      isSilent = true;
      for (const [near, far] of pairs) {
        near.unpipe();
        far?.unpipe();
        near.pause();
        far?.pause();
      }
    },
    speak: () => {
      isSilent = false;
    },
    close: cut,
  };
}

function portOf(server: Server): number {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return bound.port;
}
