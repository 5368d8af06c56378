import postgres, { type Sql } from 'postgres';
import { type ConnectOptions, driverOptions } from './connect.ts';
import type { Cut } from './socket.ts';

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
  const cuts = new Set<Cut>();
  // The driver's own ways to end a connection wait for the server to agree.
  const onSocket = (cut: Cut): (() => void) => {
    cuts.add(cut);
    return () => cuts.delete(cut);
  };
  const cut = (): void => {
    for (const each of cuts) each(new ServerSilent());
  };
  const sql = postgres(databaseUrl, driverOptions(databaseUrl, options, onSocket));
  return { sql, cut, within: (deadlineMs, work) => within(deadlineMs, work, cut) };
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
