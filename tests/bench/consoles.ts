import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { livePath } from '@command-center/contract/live';
import type { Sql } from 'postgres';
import { WebSocket } from 'ws';

/** An error that arrived at one of the consoles. */
export interface Arrival {
  readonly message: string;
  readonly atMs: number;
}

/** Open consoles, as many sockets; each has had its snapshot. */
export interface Consoles {
  /** Errors that arrived since the last call. */
  take(): readonly Arrival[];
  /** Bytes that all of them were sent. */
  bytes(): number;
  close(): Promise<void>;
}

/** Opens `count` consoles at a sidecar's own address. */
export async function openConsoles(sql: Sql, own: string, count: number): Promise<Consoles> {
  let arrivals: Arrival[] = [];
  let bytes = 0;
  const open = async (): Promise<WebSocket> => {
    const ticket = randomBytes(32).toString('base64url');
    await sql`
      INSERT INTO admin_tickets (hash, kind, subject, expires_at)
      VALUES (${createHash('sha256').update(ticket).digest()}, 'live', 'bench', now() + interval '30 seconds')`;
    const socket = new WebSocket(`${own.replace(/^http/, 'ws')}${livePath}`);
    await once(socket, 'open');
    const greeted = once(socket, 'message');
    socket.on('message', (data: Buffer) => {
      bytes += data.length;
      // Every frame is counted, those of errors alone are read: the sidecar's cost is measured, not the readers'.
      if (!data.includes('error_event')) return;
      arrivals.push({ message: JSON.parse(String(data)).data.message, atMs: performance.now() });
    });
    socket.send(JSON.stringify({ type: 'subscribe', ticket, topics: ['overview'] }));
    await greeted;
    return socket;
  };
  const sockets: WebSocket[] = [];
  for (let at = 0; at < count; at += 50)
    sockets.push(...(await Promise.all(Array.from({ length: Math.min(50, count - at) }, open))));
  return {
    take: () => {
      const taken = arrivals;
      arrivals = [];
      return taken;
    },
    bytes: () => bytes,
    close: async () => {
      await Promise.all(
        sockets.map(async (socket) => {
          const closed = once(socket, 'close');
          socket.close();
          await closed;
        }),
      );
    },
  };
}
