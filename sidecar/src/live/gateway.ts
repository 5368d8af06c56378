import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Contract } from '@command-center/contract/contract';
import { liveClose } from '@command-center/contract/live';
import { reasons } from '@command-center/contract/reasons';
import type { Settings } from '@command-center/contract/settings/settings';
import { connectWithDeadline, type PoolWithDeadline } from '@command-center/drizzle/deadline';
import type { Sql } from 'postgres';
import { type WebSocket, WebSocketServer } from 'ws';
import { MAX_LIVE_CLIENTS } from '../limits.ts';
import { type Log, onceAMinute } from '../log.ts';
import type { Meters } from '../operate/meters.ts';
import { type Access, accessStatus, recordAccess, unknownActor } from './audit.ts';
import { type Broadcast, createBroadcast } from './broadcast.ts';
import { Client, type Wish } from './client.ts';
import { CLOSE_GRACE_MS, LOOK_DEADLINE_MS, MAX_MESSAGE_BYTES, MAX_SOCKET_MS, MAX_UNKNOWN_CLIENTS } from './limits.ts';
import type { Look } from './look.ts';
import { isOurPage } from './origin.ts';
import { takeTicket } from './ticket.ts';
import { createWatch, type Watch } from './watch.ts';

/** Close codes of RFC 6455 §7.4.1 and the registry: whoever gets one comes back with a new ticket. */
const closed = { over: 1000, goingAway: 1001, tryAgainLater: 1013 } as const;

/** What no console of ours does. */
const misbehaviours: ReadonlySet<string> = new Set(['malformed', 'huge', 'busy', 'slow', 'late', 'broken']);

export interface GatewayOptions {
  readonly databaseUrl: string;
  readonly settings: Pick<Settings, 'allowedOrigins'>;
  readonly contract: Contract;
  readonly log: Log;
  readonly meters: Meters;
}

/** The live socket (interfaces.md §4): pushes what changes to browsers that showed a ticket of an admin, and to nobody else. */
export class Gateway {
  readonly #allowedOrigins: readonly string[];
  readonly #log: Log;
  readonly #tellOnce: ReturnType<typeof onceAMinute>;
  readonly #meters: Meters;
  /** Connects when the first browser comes, and not before. */
  readonly #pool: PoolWithDeadline;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  readonly #clients = new Set<Client>();
  readonly #broadcast: Broadcast;
  readonly #watch: Watch;
  #auditFailures = 0;

  constructor({ databaseUrl, settings, contract, log, meters }: GatewayOptions) {
    this.#allowedOrigins = settings.allowedOrigins;
    this.#log = log;
    this.#tellOnce = onceAMinute(log);
    this.#meters = meters;
    this.#pool = connectWithDeadline(databaseUrl, { name: 'command-center-live', max: 2 });
    this.#broadcast = createBroadcast(contract.services, () => this.#auditFailures);
    this.#watch = createWatch(this.#pool, log, {
      onLook: (found) => this.#tell(found),
      onBlind: () => this.#sendAway(),
    });
    meters.observe('liveClients', () => this.#known().length);
  }

  /** Takes a request of the live path that asks for a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until it is a WebSocket nobody else listens for its errors.
    socket.once('error', () => socket.destroy());
    if (!isOurPage(request.headers, this.#allowedOrigins)) {
      void this.#audit({ actor: unknownActor, status: accessStatus.foreignOrigin });
      refuse(socket, 'wrong_origin');
      return;
    }
    const unknown = this.#clients.size - this.#known().length;
    if (this.#clients.size >= MAX_LIVE_CLIENTS || unknown >= MAX_UNKNOWN_CLIENTS) {
      refuse(socket, 'live_full');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (opened: WebSocket) => {
      const events = { onWish: this.#onWish.bind(this), onGone: this.#onGone.bind(this) };
      this.#clients.add(new Client(opened, socket, events));
    });
  }

  /** Logs were stored by this sidecar: they are told at once. */
  hurry(): void {
    this.#watch.hurry();
  }

  async stop(): Promise<void> {
    const ended = Promise.all([...this.#clients].map(({ gone }) => gone));
    for (const client of this.#clients) client.close(closed.goingAway, 'this sidecar stops');
    const overdue = setTimeout(() => {
      for (const client of this.#clients) client.cut('stopped');
    }, CLOSE_GRACE_MS);
    await Promise.all([ended, this.#watch.stop()]);
    clearTimeout(overdue);
    await this.#pool.sql.end({ timeout: 1 });
  }

  #known(): readonly Client[] {
    return [...this.#clients].filter(({ isKnown }) => isKnown);
  }

  #tell(found: Look): void {
    const nowMs = performance.now();
    const isFirst = !this.#broadcast.hasLooked();
    const casts = this.#broadcast.learn(found, nowMs);
    const known = this.#known();
    for (const { topic, type } of casts) {
      const readers = known.filter(({ topics }) => topics.has(topic)).length;
      if (readers > 0) this.#meters.add('liveFrames', readers, type);
    }
    for (const client of known) {
      client.send(casts.filter(({ topic }) => client.topics.has(topic)).map(({ frame }) => frame));
      if (isFirst || client.hasCaughtUp(nowMs)) this.#greet(client);
    }
  }

  #greet(client: Client): void {
    const frame = this.#broadcast.snapshot(performance.now());
    if (frame === undefined) return;
    client.send([frame]);
    this.#meters.add('liveFrames', 1, 'admin.observability.snapshot');
  }

  /** Polling tells browsers what is wrong. */
  #sendAway(): void {
    this.#broadcast.forget();
    for (const client of this.#known()) client.close(closed.tryAgainLater, 'the database does not answer');
  }

  #onWish(client: Client, { ticket, topics }: Wish): void {
    client.topics = new Set(topics);
    if (client.isKnown || client.isAsking) return;
    if (ticket === undefined) client.close(liveClose.refused, 'the first subscribe carries a ticket');
    else void this.#admit(client, ticket, topics);
  }

  async #admit(client: Client, token: string, topics: Wish['topics']): Promise<void> {
    client.isAsking = true;
    const ticket = await this.#ask((sql) => takeTicket(sql, token)).catch(() => undefined);
    if (ticket === undefined) return client.close(closed.tryAgainLater, 'the database does not answer');
    if (ticket.outcome !== 'good') {
      client.close(liveClose.refused, `the ticket ${ticket.outcome === 'expired' ? 'has expired' : 'is void'}`);
      const actor = ticket.outcome === 'expired' ? ticket.subject : unknownActor;
      return this.#audit({ actor, status: accessStatus.refusedTicket });
    }
    await this.#audit({ actor: ticket.subject, status: accessStatus.admitted, topics });
    if (!this.#clients.has(client)) return;
    const { endsInMs } = ticket;
    if (endsInMs !== null && endsInMs <= MAX_SOCKET_MS)
      client.admit(endsInMs, liveClose.ended, 'the identity has ended: sign in again');
    else client.admit(MAX_SOCKET_MS, closed.over, 'open for long enough: come back');
    this.#watch.begin();
    this.#greet(client);
  }

  #onGone(client: Client, cause: string): void {
    this.#clients.delete(client);
    this.#meters.add('liveEnds', 1, cause);
    if (misbehaviours.has(cause)) this.#tellOnce('live client misbehaves', cause, { cause });
    if (this.#known().length > 0) return;
    this.#watch.rest();
    this.#broadcast.forget();
  }

  #ask<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#pool.within(LOOK_DEADLINE_MS, () => work(this.#pool.sql));
  }

  async #audit(access: Access): Promise<void> {
    await this.#ask((sql) => recordAccess(sql, access)).catch((error: unknown) => {
      this.#auditFailures += 1;
      this.#log('audit write failed', { error: String(error) });
    });
  }
}

/** An answer in plain HTTP, in place of the handshake. */
function refuse(socket: Duplex, code: 'wrong_origin' | 'live_full'): void {
  const { httpStatus, text } = reasons[code];
  const body = `${text}\n`;
  const head = [
    `HTTP/1.1 ${httpStatus} Refused`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(code === 'live_full' ? ['Retry-After: 10'] : []),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
