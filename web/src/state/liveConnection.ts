import { type LiveEvent, type LiveTopic, liveEvent, type subscribe } from '@command-center/contract/events';
import { liveBeatSeconds } from '@command-center/contract/live';
import type { z } from 'zod';
import type { Failure } from './failure.ts';
import { retryAfterClose, retryDelayMs, steadyMs } from './liveRetry.ts';
import type { Answer } from './request.ts';

export type LiveState =
  /** Not wanted: nobody looks, or there is nothing to connect to. */
  | { readonly type: 'off' }
  /** On its way for the first time. */
  | { readonly type: 'connecting' }
  | { readonly type: 'live'; readonly sinceMs: number }
  /** It failed, or went away where it `wasLive`; `nextTryAtMs` null while it is tried. */
  | { readonly type: 'lost'; readonly wasLive: boolean; readonly nextTryAtMs: number | null };

/** What is used of a WebSocket. */
export interface LiveSocket {
  send(text: string): void;
  close(): void;
}

export interface LiveSocketEvents {
  opened(): void;
  said(data: unknown): void;
  /** With a code of RFC 6455 §7.4. */
  closed(code: number): void;
}

export interface LiveParts {
  /** Rejects only when `signal` aborts. */
  ticket(signal: AbortSignal): Promise<Answer<{ readonly ticket: string }>>;
  /** Null where the page may not open this URL. */
  open(url: string, events: LiveSocketEvents): LiveSocket | null;
  nowMs(): number;
  /** In [0, 1). */
  random(): number;
  /** Answers what cancels it. */
  later(run: () => void, ms: number): () => void;
}

export interface LiveListener {
  changed(state: LiveState): void;
  heard(event: LiveEvent): void;
  /** A frame that this console does not understand; it is left out. */
  ignored(): void;
  /** Nobody is signed in who may see this. */
  barred(failure: Failure): void;
}

/** Nothing heard for three beats: the socket is dead, whatever the network says (contract/src/live.ts). */
const silenceMs = 3 * liveBeatSeconds * 1_000;

/** One live socket, with a ticket of its own for each try, for as long as it is wanted (interfaces.md §4, "Live"). */
export class LiveConnection {
  readonly #parts: LiveParts;
  readonly #listener: LiveListener;
  #url: string | null = null;
  #topics: readonly LiveTopic[] = ['overview'];
  /** The socket that has been told its ticket. */
  #socket: LiveSocket | null = null;
  #state: LiveState = { type: 'off' };
  #wasLive = false;
  /** Tries in a row that did not hold. */
  #failures = 0;
  /** Aborted when the try of now is over. */
  #over = new AbortController();
  #cancelTimer: () => void = () => undefined;

  constructor(parts: LiveParts, listener: LiveListener) {
    this.#parts = parts;
    this.#listener = listener;
  }

  /** Connects to `url` and stays with it; null closes. The same URL again changes nothing. */
  want(url: string | null): void {
    if (url === this.#url) return;
    this.#url = url;
    this.#failures = 0;
    this.#wasLive = false;
    this.#end();
    this.#tell({ type: 'off' });
    this.#try();
  }

  /** Changes what is to be told: at once on the socket that is open, without a new ticket. */
  follow(topics: readonly LiveTopic[]): void {
    if (topics.join() === this.#topics.join()) return;
    this.#topics = topics;
    if (this.#socket !== null) this.#subscribe(this.#socket, {});
  }

  /** Tries now, where it would wait. */
  retry(): void {
    if (this.#state.type === 'lost' && this.#state.nextTryAtMs !== null) this.#try();
  }

  #try(): void {
    const url = this.#url;
    if (url === null) return;
    this.#end();
    this.#over = new AbortController();
    const { signal } = this.#over;
    this.#tell(this.#state.type === 'off' ? { type: 'connecting' } : this.#lost(null));
    this.#parts.ticket(signal).then(
      (answer) => {
        if (!signal.aborted) this.#answered(url, answer, signal);
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  #answered(url: string, answer: Answer<{ readonly ticket: string }>, signal: AbortSignal): void {
    if ('data' in answer) {
      this.#open(url, answer.data.ticket, signal);
      return;
    }
    const { kind } = answer.failure;
    this.#lose((failures) => retryDelayMs(failures, this.#parts.random()));
    if (kind === 'signedOut' || kind === 'forbidden') this.#listener.barred(answer.failure);
  }

  #open(url: string, ticket: string, signal: AbortSignal): void {
    const closed = (code: number): void =>
      this.#lose((failures) => retryAfterClose(code, failures, this.#parts.random()));
    const socket = this.#parts.open(url, {
      opened: () => {
        if (signal.aborted || socket === null) return;
        this.#subscribe(socket, { ticket });
        this.#socket = socket;
      },
      said: (data) => {
        if (signal.aborted) return;
        const event = eventOf(data);
        if (event === null) this.#listener.ignored();
        else this.#hear(event, closed);
      },
      closed: (code) => {
        if (!signal.aborted) closed(code);
      },
    });
    if (socket === null) {
      closed(noCode);
      return;
    }
    signal.addEventListener('abort', () => socket.close(), { once: true });
    this.#after(silenceMs, () => closed(noCode));
  }

  #subscribe(socket: LiveSocket, admission: { readonly ticket?: string }): void {
    const message: z.infer<typeof subscribe> = { type: 'subscribe', ...admission, topics: [...this.#topics] };
    socket.send(JSON.stringify(message));
  }

  #hear(event: LiveEvent, closed: (code: number) => void): void {
    this.#after(silenceMs, () => closed(noCode));
    this.#wasLive = true;
    if (this.#state.type !== 'live') this.#tell({ type: 'live', sinceMs: this.#parts.nowMs() });
    this.#listener.heard(event);
  }

  #lose(delayMs: (failures: number) => number): void {
    const nowMs = this.#parts.nowMs();
    if (this.#state.type === 'live' && nowMs - this.#state.sinceMs >= steadyMs) this.#failures = 0;
    this.#failures += 1;
    this.#end();
    const waitMs = delayMs(this.#failures);
    this.#tell(this.#lost(nowMs + waitMs));
    this.#after(waitMs, () => this.#try());
  }

  #lost(nextTryAtMs: number | null): LiveState {
    return { type: 'lost', wasLive: this.#wasLive, nextTryAtMs };
  }

  /** There is one timer: until the next try, or until silence means death. */
  #after(ms: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.later(run, ms);
  }

  #end(): void {
    this.#cancelTimer();
    this.#socket = null;
    this.#over.abort();
  }

  #tell(state: LiveState): void {
    if (state.type === 'off' && this.#state.type === 'off') return;
    this.#state = state;
    this.#listener.changed(state);
  }
}

/** RFC 6455 §7.1.5: closed without a code of anybody. */
const noCode = 1006;

function eventOf(data: unknown): LiveEvent | null {
  if (typeof data !== 'string') return null;
  try {
    return liveEvent.safeParse(JSON.parse(data)).data ?? null;
  } catch {
    return null;
  }
}
