import { once } from 'node:events';
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Frames, Statements } from './frames.ts';

/** Where a connection is cut, counted from when the trap is set over all connections, and what becomes of what was sent. */
export interface Trap {
  readonly at: 'message' | 'statement' | 'commit';
  /** 1 = the first one. */
  readonly nth: number;
  /**
   * `lost`: Postgres never gets it. `unanswered`: Postgres does it, and its answer is lost. `held`: the client is cut off at once, and Postgres
   * gets it later, as from a server that was frozen or a kernel that still had it.
   */
  readonly fate: 'lost' | 'unanswered' | 'held';
  readonly holdMs: number;
  readonly onSprung?: () => void;
}

interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly fromClient: Frames;
  readonly fromServer: Frames;
  readonly statements: Statements;
  /** Answers go nowhere any more; the link ends with the next ReadyForQuery. */
  isDeaf: boolean;
  /** Set while nothing may pass. */
  waiting: Buffer[] | undefined;
}

const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);

/** Stands between one sidecar and Postgres, and knows just enough of the protocol to fail at a given message. */
export class FaultProxy {
  readonly #server: Server;
  #target: ProxyTarget;
  readonly #links = new Set<Link>();
  readonly #traps = new Map<Trap, number>();
  readonly #held = new Set<Promise<void>>();
  #isRefusing = false;
  #isFrozen = false;

  private constructor(server: Server, target: ProxyTarget) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (client) => this.#accept(client));
  }

  static async start(target: ProxyTarget): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, target);
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  set(trap: Trap): void {
    this.#traps.set(trap, 0);
  }

  disarm(): void {
    this.#traps.clear();
  }

  /** Connections are cut and new ones not taken. */
  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
    if (isRefusing) this.cut();
  }

  /** Where connections go from now on. */
  retarget(target: ProxyTarget): void {
    this.#target = target;
  }

  /** Nothing passes, in either direction, until it thaws. */
  freeze(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
    for (const link of this.#links) {
      if (isFrozen) stall(link);
      else this.#release(link);
    }
  }

  cut(): void {
    // What has lost its client already is the kernel's, and reaches Postgres.
    for (const link of this.#links) if (!link.isDeaf) end(link);
  }

  /** Resolves when Postgres has got everything that was held back. */
  async settled(): Promise<void> {
    while (this.#held.size > 0) await Promise.all(this.#held);
  }

  async close(): Promise<void> {
    this.#traps.clear();
    this.#isRefusing = true;
    this.cut();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
    await this.settled();
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined);
    if (this.#isRefusing) {
      client.destroy();
      return;
    }
    // What is passed on in pieces else waits for the acknowledgement of the piece before, 40 ms each time.
    const server = openSocket({ ...this.#target, noDelay: true });
    client.setNoDelay();
    const link: Link = {
      client,
      server,
      fromClient: new Frames('client'),
      fromServer: new Frames('server'),
      statements: new Statements(),
      isDeaf: false,
      waiting: undefined,
    };
    this.#links.add(link);
    if (this.#isFrozen) stall(link);
    server.on('error', () => client.destroy());
    client.on('data', (chunk: Buffer) => this.#fromClient(link, chunk));
    server.on('data', (chunk: Buffer) => this.#fromServer(link, chunk));
    // A link whose answers are to be lost outlives its client.
    client.on('close', () => link.isDeaf || server.destroy());
    server.on('close', () => {
      this.#links.delete(link);
      client.destroy();
    });
  }

  #fromClient(link: Link, chunk: Buffer): void {
    if (link.waiting !== undefined) {
      link.waiting.push(chunk);
      return;
    }
    const frames = link.fromClient.push(chunk);
    for (const [index, frame] of frames.entries()) {
      const trap = this.#sprung(link.statements.executedBy(frame));
      if (trap === undefined) {
        link.server.write(frame.bytes);
        continue;
      }
      // Who is not let in yet has nothing that could be done without it.
      const isOpening = frame.type === '' || frame.type === 'p';
      const rest = Buffer.concat([...frames.slice(index).map(({ bytes }) => bytes), SYNC]);
      this.#spring(link, isOpening ? { ...trap, fate: 'lost' } : trap, rest);
      trap.onSprung?.();
      return;
    }
  }

  #sprung(statement: string | undefined): Trap | undefined {
    for (const [trap, before] of this.#traps) {
      const counts =
        trap.at === 'message' || (statement !== undefined && (trap.at === 'statement' || statement === 'commit'));
      if (!counts) continue;
      this.#traps.set(trap, before + 1);
      if (before + 1 < trap.nth) continue;
      this.#traps.delete(trap);
      return trap;
    }
    return undefined;
  }

  #spring(link: Link, { fate, holdMs }: Trap, rest: Buffer): void {
    if (fate === 'lost') {
      end(link);
      return;
    }
    link.isDeaf = true;
    link.client.removeAllListeners('data');
    if (fate === 'held') link.client.destroy();
    const held = this.#deliver(link, fate === 'held' ? holdMs : 0, rest);
    this.#held.add(held);
    void held.finally(() => this.#held.delete(held));
  }

  async #deliver({ server }: Link, afterMs: number, bytes: Buffer): Promise<void> {
    await delay(afterMs);
    if (server.destroyed) return;
    const gone = Promise.withResolvers<void>();
    // Not `once` of node:events, which rejects where an error comes before the close.
    server.once('close', gone.resolve);
    server.write(bytes);
    await gone.promise;
  }

  #fromServer(link: Link, chunk: Buffer): void {
    if (link.isDeaf) {
      if (link.fromServer.push(chunk).some(({ type }) => type === 'Z')) end(link);
      return;
    }
    link.fromServer.push(chunk);
    link.client.write(chunk);
  }

  #release(link: Link): void {
    const waiting = link.waiting ?? [];
    link.waiting = undefined;
    for (const chunk of waiting) this.#fromClient(link, chunk);
    link.server.resume();
  }
}

function stall(link: Link): void {
  link.waiting ??= [];
  link.server.pause();
}

function end({ client, server }: Link): void {
  client.destroy();
  server.destroy();
}
