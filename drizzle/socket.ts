import { EventEmitter } from 'node:events';
import { connect, type Socket, type SocketConnectOpts } from 'node:net';
import type { ParsedOptions } from 'postgres';

/** Between the error and the close: a ROLLBACK that follows the error still finds a socket. */
const FAREWELL_MS = 20;
/** The same for a transaction that seems to be between two statements: longer than anyone of ours pauses there. */
const PAUSE_MS = 200;

const READY_FOR_QUERY = 0x5a;
const IDLE = 0x49;
const READY_BYTES = 6;

/**
 * What postgres.js reads and writes in place of a plain socket. The driver (3.4.9) lets go of its socket at 'close' and writes to it all the same
 * where a transaction goes on: an exception that no one can catch ends the process (porsager/postgres#1208), or bytes of the old connection
 * come before the greeting of the next, which then hangs until its timeout. Here an end in mid-work is an error first, as a refused statement
 * is; what is still written goes nowhere; and 'close' comes once nobody writes any more. It also ends the wait where a server hangs up during the greeting.
 */
class PatientSocket {
  readonly #socket: Socket;
  readonly #events = new EventEmitter();
  /** An answer is awaited, and so is the end of the greeting. False also after the first of several answers: statements travel together. */
  #isBusy = true;
  #isInTransaction = false;
  #isDead = false;
  #isClosed = false;
  #farewell: NodeJS.Timeout | undefined;

  /** A server that is silent for longer than `answerWithinMs` while an answer is due counts as gone: frozen, or behind a network that drops what it is given. 0 = however long. */
  constructor(address: SocketConnectOpts, answerWithinMs: number) {
    this.#socket = connect(address);
    this.#socket.setTimeout(answerWithinMs);
    this.#socket.on('timeout', () => {
      if (this.#isBusy) this.#socket.destroy(silent(answerWithinMs));
    });
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('drain', () => this.#events.emit('drain'));
    this.#socket.on('error', (error) => this.#die(error));
    this.#socket.on('close', () => this.#die(hungUp()));
  }

  on(event: string, listener: (...values: unknown[]) => void): this {
    this.#events.on(event, listener);
    return this;
  }

  once(event: string, listener: (...values: unknown[]) => void): this {
    this.#events.once(event, listener);
    return this;
  }

  removeListener(event: string, listener: (...values: unknown[]) => void): this {
    this.#events.removeListener(event, listener);
    return this;
  }

  removeAllListeners(): this {
    this.#events.removeAllListeners();
    return this;
  }

  get readyState(): string {
    return this.#socket.readyState;
  }

  setKeepAlive(isOn: boolean, afterMs: number): void {
    this.#socket.setKeepAlive(isOn, afterMs);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** False = wait for 'drain'. */
  write(bytes: Uint8Array, onWritten?: () => void): boolean {
    if (!this.#isDead) {
      this.#isBusy = true;
      return this.#socket.write(bytes, onWritten);
    }
    // Not at once: the driver is in the middle of sending.
    setImmediate(() => this.#break(hungUp()));
    onWritten?.();
    return true;
  }

  end(bytes?: Uint8Array): void {
    this.#isBusy = false;
    if (bytes === undefined) this.#socket.end();
    else this.#socket.end(bytes);
  }

  destroy(): void {
    this.#isBusy = false;
    this.#isInTransaction = false;
    this.#socket.destroy();
  }

  /** The server is given up: what waits for its answer fails with the error. */
  cut(error: Error): void {
    this.#socket.destroy(error);
  }

  #read(chunk: Buffer): void {
    // Every answer ends with ReadyForQuery and the transaction's status (PostgreSQL manual, "Message Formats").
    if (chunk.length >= READY_BYTES && chunk.at(-READY_BYTES) === READY_FOR_QUERY) {
      this.#isBusy = false;
      this.#isInTransaction = chunk.at(-1) !== IDLE;
    }
    this.#events.emit('data', chunk);
  }

  #die(error: Error): void {
    if (this.#isDead) return;
    this.#isDead = true;
    if (!this.#isBusy && !this.#isInTransaction) {
      // A statement given to it in this very turn is written in the next; one left unwritten would hang the connection that comes after.
      this.#closeIn(FAREWELL_MS);
      return;
    }
    const isBusy = this.#isBusy;
    this.#break(error);
    if (!isBusy) this.#closeIn(PAUSE_MS);
  }

  #break(error: Error): void {
    // After 'close' nobody listens, and an unheard error would be thrown.
    if (this.#events.listenerCount('error') > 0) this.#events.emit('error', error);
    this.#closeIn(FAREWELL_MS);
  }

  #closeIn(afterMs: number): void {
    clearTimeout(this.#farewell);
    const farewell = setTimeout(() => {
      // Behind what the driver has yet to write in this turn, unless that put the end off.
      setImmediate(() => {
        if (this.#farewell === farewell) this.#close();
      });
    }, afterMs);
    this.#farewell = farewell;
  }

  #close(): void {
    clearTimeout(this.#farewell);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.emit('close', false);
  }
}

/** Ends a connection at once, whatever its server does. */
export type Cut = (error: Error) => void;
/** Told of each connection's cut; what it returns is called when the connection has ended. */
export type OnSocket = (cut: Cut) => () => void;

type Target = Pick<ParsedOptions, 'host' | 'port' | 'path'>;

/** Options for postgres(): patient sockets to the URL's hosts in turn. With TLS the driver makes a socket of its own out of a plain one, and is given that. */
export function patientSocket(
  databaseUrl: string,
  answerWithinMs: number,
  onSocket?: OnSocket,
): { readonly socket: (target: Target) => PatientSocket | Socket } {
  const isPlain = !/[?&]ssl(mode|negotiation)=(?!disable)/.test(databaseUrl);
  let tries = 0;
  return {
    socket: (target) => {
      const to = addressOf(target, tries++);
      if (isPlain) {
        const patient = new PatientSocket(to, answerWithinMs);
        const onClose = onSocket?.((error) => patient.cut(error));
        return onClose === undefined ? patient : patient.once('close', onClose);
      }
      // The driver reads the name to verify a certificate against from here.
      const plain = Object.assign(connect(to), to);
      const onClose = onSocket?.((error) => plain.destroy(error));
      return onClose === undefined ? plain : plain.once('close', onClose);
    },
  };
}

function addressOf({ host, port, path }: Target, attempt: number): SocketConnectOpts {
  if (path) return { path };
  const index = attempt % host.length;
  return { host: host[index] ?? 'localhost', port: port[index] ?? 5432 };
}

function hungUp(): Error {
  return Object.assign(new Error('the connection to Postgres ended'), { code: 'ECONNRESET' });
}

function silent(forMs: number): Error {
  return Object.assign(new Error(`Postgres has not answered for ${forMs} ms`), { code: 'ETIMEDOUT' });
}
