import type { Duplex } from 'node:stream';
import { type LiveTopic, subscribe } from '@command-center/contract/events';
import { liveClose } from '@command-center/contract/live';
import type { WebSocket } from 'ws';
import type { Wire } from './frames.ts';
import {
  MAX_MESSAGES,
  MAX_UNREAD_BYTES,
  MESSAGES_WINDOW_MS,
  PING_EVERY_MS,
  SUBSCRIBE_WITHIN_MS,
  UNREAD_FOR_MS,
} from './limits.ts';

/** What a browser said that is to be acted upon. */
export interface Wish {
  readonly ticket: string | undefined;
  readonly topics: readonly LiveTopic[];
}

export interface ClientEvents {
  /** The first one brings the ticket; later ones come without. */
  readonly onWish: (client: Client, wish: Wish) => void;
  /** `cause`: how it ended, for the counter. */
  readonly onGone: (client: Client, cause: string) => void;
}

/** Names of our close codes, for the counter of ends. */
const causes = new Map<number, string>(Object.entries(liveClose).map(([cause, code]) => [code, cause]));

/** One browser. Whatever it does, what it costs is bounded: what it says, and what it does not read. */
export class Client {
  /** What it wants; it gets it once it is known. */
  topics: ReadonlySet<LiveTopic> = new Set();
  /** Its ticket is being looked at. */
  isAsking = false;
  /** Its ticket was good. */
  isKnown = false;
  /** Frames were left out for it; only a snapshot tells it the present. */
  isBehind = false;

  /** Resolves when its socket is gone. */
  readonly gone: Promise<void>;

  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #pings: NodeJS.Timeout;
  readonly #late: NodeJS.Timeout;
  #end: NodeJS.Timeout | undefined;
  #isAnswering = true;
  #unreadSinceMs: number | undefined;
  #messagesAtMs: number[] = [];
  #cause: string | undefined;

  /** `stream`: what the socket goes over. */
  constructor(socket: WebSocket, stream: Duplex, events: ClientEvents) {
    this.#socket = socket;
    this.#stream = stream;
    this.#late = setTimeout(() => this.close(liveClose.late, 'no subscribe came in time'), SUBSCRIBE_WITHIN_MS);
    this.#pings = setInterval(() => this.#ping(), PING_EVERY_MS);
    socket.on('pong', () => {
      this.#isAnswering = true;
    });
    socket.on('message', (data, isBinary) => {
      const wish = this.#read(String(data), isBinary);
      if (wish !== undefined) events.onWish(this, wish);
    });
    socket.on('error', (error) => {
      const isHuge = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      this.#cause ??= isHuge ? 'huge' : 'broken';
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    socket.once('close', (code) => {
      resolve();
      clearTimeout(this.#late);
      clearTimeout(this.#end);
      clearInterval(this.#pings);
      events.onGone(this, this.#cause ?? causes.get(code) ?? 'left');
    });
  }

  /** Its ticket was good: it is admitted for so long, and then closed as `code` says. */
  admit(forMs: number, code: number, reason: string): void {
    clearTimeout(this.#late);
    this.isKnown = true;
    this.#end = setTimeout(() => this.close(code, reason), forMs);
  }

  /** Leaves the frames out where too much lies unread. */
  send(frames: readonly Wire[]): void {
    if (this.isBehind || frames.length === 0 || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNREAD_BYTES) {
      this.isBehind = true;
      return;
    }
    // In one write: ten errors on 500 consoles took a tenth of the ingest as 5,000 writes.
    this.#stream.cork();
    for (const frame of frames) this.#socket.send(frame, { binary: false });
    this.#stream.uncork();
  }

  /** Whether it is to get a snapshot again, after it was behind. Who stays behind is closed. */
  hasCaughtUp(nowMs: number): boolean {
    if (!this.isBehind) return false;
    this.#unreadSinceMs ??= nowMs;
    if (this.#socket.bufferedAmount > 0) {
      if (nowMs - this.#unreadSinceMs > UNREAD_FOR_MS) this.cut('slow');
      return false;
    }
    this.isBehind = false;
    this.#unreadSinceMs = undefined;
    return true;
  }

  close(code: number, reason: string): void {
    this.#cause ??= causes.get(code);
    this.#socket.close(code, reason);
    // A closing handshake needs a browser that reads.
    setTimeout(() => this.#socket.terminate(), SUBSCRIBE_WITHIN_MS).unref();
  }

  /** Without a handshake. */
  cut(cause: string): void {
    this.#cause ??= cause;
    this.#socket.terminate();
  }

  #ping(): void {
    if (this.#isAnswering) this.#socket.ping();
    else this.cut('silent');
    this.#isAnswering = false;
  }

  #read(text: string, isBinary: boolean): Wish | undefined {
    const nowMs = performance.now();
    this.#messagesAtMs = [...this.#messagesAtMs.filter((ms) => nowMs - ms < MESSAGES_WINDOW_MS), nowMs];
    if (this.#messagesAtMs.length > MAX_MESSAGES) {
      this.close(liveClose.busy, 'too many messages');
      return undefined;
    }
    const read = isBinary ? undefined : subscribe.safeParse(parsed(text));
    if (read?.success !== true) {
      this.close(liveClose.malformed, 'expected {"type":"subscribe","ticket":"…","topics":["overview","voice"]}');
      return undefined;
    }
    const { ticket, topics } = read.data;
    return { ticket, topics };
  }
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
