import type { Failure } from '../failure.ts';
import { LiveConnection, type LiveSocketEvents, type LiveState } from '../liveConnection.ts';
import type { Answer } from '../request.ts';

/** A socket that a test speaks for. */
export interface FakeSocket extends LiveSocketEvents {
  readonly url: string;
  readonly sent: string[];
  isClosed: boolean;
}

/** A connection over fake sockets, with a clock that moves only when it is told to. */
export class FakeWorld {
  readonly sockets: FakeSocket[] = [];
  readonly states: LiveState[] = [];
  readonly heard: string[] = [];
  readonly barred: Failure[] = [];
  ignored = 0;
  tickets = 0;
  /** What the next tickets are answered with. */
  answer: Answer<{ ticket: string }> | 'never' = { data: { ticket: 'a' } };
  mayOpen = true;
  random = 0.5;
  nowMs = 0;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  readonly connection = new LiveConnection(
    {
      ticket: async () => {
        this.tickets += 1;
        return this.answer === 'never' ? new Promise(() => undefined) : this.answer;
      },
      open: (url, events) => {
        if (!this.mayOpen) return null;
        const socket: FakeSocket = { ...events, url, sent: [], isClosed: false };
        this.sockets.push(socket);
        return {
          send: (text) => socket.sent.push(text),
          close: () => {
            socket.isClosed = true;
          },
        };
      },
      nowMs: () => this.nowMs,
      random: () => this.random,
      later: (run, ms) => {
        const timer = { atMs: this.nowMs + ms, run };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((one) => one !== timer);
        };
      },
    },
    {
      changed: (state) => this.states.push(state),
      heard: ({ id }) => this.heard.push(id),
      ignored: () => {
        this.ignored += 1;
      },
      barred: (failure) => this.barred.push(failure),
    },
  );

  get state(): LiveState | undefined {
    return this.states.at(-1);
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Lets the time pass, and what is due happen in its order. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.nowMs = next.atMs;
      next.run();
      await this.settle();
    }
    this.nowMs = untilMs;
    await this.settle();
  }

  /** Lets promises that are answered already be answered. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}
