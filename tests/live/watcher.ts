import { type LiveEvent, type LiveEventOf, liveEvent } from '@command-center/contract/events';
import { livePath } from '@command-center/contract/live';
import { WebSocket } from 'ws';

const DEADLINE_MS = 20_000;

/** A frame with the time it came. */
export interface Arrival {
  readonly frame: LiveEvent;
  readonly atMs: number;
}

export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** One live socket, as a browser holds it. Every frame is checked against the contract; one that does not fit rejects what waits. */
export interface Watcher {
  readonly socket: WebSocket;
  readonly arrivals: readonly Arrival[];
  /** The first frame of the type that satisfies, come already or not yet. */
  until<T extends LiveEvent['type']>(
    type: T,
    isRight?: (frame: LiveEventOf<T>) => boolean,
    deadlineMs?: number,
  ): Promise<Arrival & { readonly frame: LiveEventOf<T> }>;
  say(message: unknown): void;
  readonly ended: Promise<Ending>;
  /** Closes it; resolves when it is. */
  leave(): Promise<void>;
}

/** Opens a socket at a sidecar's own address or a console's (`http://…`). @throws where the handshake is refused: `status 403`. */
export async function openSocket(address: string, origin?: string): Promise<Watcher> {
  const socket = new WebSocket(`${address.replace(/^http/, 'ws')}${livePath}`, origin === undefined ? {} : { origin });
  const opened = Promise.withResolvers<void>();
  socket.once('open', opened.resolve);
  socket.once('unexpected-response', (_request, response) => {
    opened.reject(new Error(`status ${response.statusCode}`));
    response.resume();
    socket.terminate();
  });
  socket.on('error', opened.reject);
  const watcher = watch(socket);
  await opened.promise;
  return watcher;
}

/** Opens and subscribes. */
export async function subscribed(
  address: string,
  ticket: string,
  topics: readonly string[] = ['overview', 'voice'],
): Promise<Watcher> {
  const watcher = await openSocket(address);
  watcher.say({ type: 'subscribe', ticket, topics });
  return watcher;
}

interface Waiting {
  readonly seen: (arrival: Arrival) => boolean;
  readonly fail: (error: Error) => void;
}

function watch(socket: WebSocket): Watcher {
  const arrivals: Arrival[] = [];
  const waiting = new Set<Waiting>();
  const failAll = (error: Error): void => {
    for (const { fail } of waiting) fail(error);
  };
  socket.on('message', (data) => {
    const read = liveEvent.safeParse(JSON.parse(String(data)));
    if (!read.success)
      return failAll(new Error(`not a frame of the contract: ${String(data).slice(0, 300)} ${read.error}`));
    const arrival = { frame: read.data, atMs: performance.now() };
    arrivals.push(arrival);
    for (const each of waiting) if (each.seen(arrival)) waiting.delete(each);
    return undefined;
  });
  const ended = new Promise<Ending>((resolve) => {
    socket.once('close', (code, reason) => {
      failAll(new Error(`the socket closed with ${code} ${reason}`));
      resolve({ code, reason: String(reason) });
    });
  });
  return {
    socket,
    arrivals,
    until: (type, isRight = () => true, deadlineMs = DEADLINE_MS) =>
      new Promise((resolve, reject) => {
        const overdue = setTimeout(() => {
          waiting.delete(own);
          reject(new Error(`no such ${type} within ${deadlineMs} ms, of ${arrivals.length} frames`));
        }, deadlineMs);
        const own: Waiting = {
          seen: ({ frame, atMs }) => {
            if (frame.type !== type || !isRight(frame as LiveEventOf<typeof type>)) return false;
            clearTimeout(overdue);
            resolve({ frame: frame as LiveEventOf<typeof type>, atMs });
            return true;
          },
          fail: (error) => {
            clearTimeout(overdue);
            waiting.delete(own);
            reject(error);
          },
        };
        if (!arrivals.some(own.seen)) waiting.add(own);
      }),
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    ended,
    leave: async () => {
      socket.close();
      await ended;
    },
  };
}
