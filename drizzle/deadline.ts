import { Socket } from 'node:net';
import postgres, { type Sql } from 'postgres';
import { type ConnectOptions, driverOptions } from './connect.ts';

/**
 * A pool that does not wait for ever for a server that has fallen silent: frozen, or behind a network that swallows packets. `statement_timeout` is the
 * server's own and then says nothing.
 */
export interface PoolWithDeadline {
  readonly sql: Sql;
  /**
   * Runs the work. When it has taken longer than `deadlineMs`, and again after as long, every connection is cut: what runs on them fails,
   * its outcome unknown, and what comes later connects anew.
   */
  within<T>(deadlineMs: number, work: () => Promise<T>): Promise<T>;
  /** Cuts every connection now. */
  cut(): void;
}

/** The server did not answer in time; whether it did what it was asked is unknown. */
class ServerSilent extends Error {
  readonly code = 'SERVER_SILENT';

  constructor() {
    super('Postgres does not answer');
    this.name = 'ServerSilent';
  }
}

/** A deadline is looked at this often. A look that comes late counts once, so that a client that was held up itself blames no server. */
const LOOK_EVERY_MS = 250;

/** As `connect`, with deadlines that hold whatever the server does. */
export function connectWithDeadline(databaseUrl: string, options: ConnectOptions): PoolWithDeadline {
  const sockets = new Set<Socket>();
  let tries = 0;
  // Handed to the driver so that they can be destroyed: its own ways to end a connection wait for the server to agree.
  const socket = (target: Target): Socket => {
    const made = tellingTogether(new Socket());
    dial(made, target, tries++);
    sockets.add(made);
    return made.once('close', () => sockets.delete(made));
  };
  // The driver's look at array types rejects where nobody listens when the connection is lost meanwhile, which ends the process (postgres
  // 3.4.9). Without it arrays are text: both ways, statements here cast them.
  const withSocket = { ...driverOptions(options), socket, fetch_types: false };
  const cut = (): void => {
    for (const each of sockets) each.destroy(new ServerSilent());
  };
  return { sql: postgres(databaseUrl, withSocket), cut, within: (deadlineMs, work) => within(deadlineMs, work, cut) };
}

async function within<T>(deadlineMs: number, work: () => Promise<T>, cut: () => void): Promise<T> {
  const looksPerDeadline = Math.ceil(deadlineMs / LOOK_EVERY_MS);
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    if (looks % looksPerDeadline === 0) cut();
  }, LOOK_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Where to, as the driver parsed the URL; several hosts are tried in turn. */
interface Target {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false | undefined;
}

function dial(socket: Socket, { host, port, path }: Target, attempt: number): void {
  if (path) {
    socket.connect(path);
    return;
  }
  const index = attempt % host.length;
  const to = { host: host[index] ?? 'localhost', port: port[index] ?? 5432 };
  // The driver reads the name to verify a certificate against from here.
  Object.assign(socket, to).connect(to);
}

/**
 * Tells of an error when it tells of the close, in one turn. Between the two the driver would still put statements on the connection, and never
 * hear of them again (postgres 3.4.9).
 */
function tellingTogether(socket: Socket): Socket {
  const emit = socket.emit.bind(socket);
  let failure: Error | undefined;
  const emitTogether = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event === 'error' && values[0] instanceof Error) {
      failure = values[0];
      return true;
    }
    if (event === 'close' && failure !== undefined) emit('error', failure);
    return emit(event, ...values);
  };
  return Object.assign(socket, { emit: emitTogether });
}
