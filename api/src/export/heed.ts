import type { Sql, TransactionSql } from 'postgres';
import { limits } from '../limits.ts';
import { withinTransaction } from '../statement.ts';

/** Who asked has gone away, or the time for it is over. */
export class GivenUpError extends Error {
  override readonly name = 'GivenUpError';

  constructor(cause?: unknown) {
    super('nobody waits for it any more', { cause });
  }
}

/**
 * Reads in a transaction of its own, whose statement is cancelled when `signal` says so; throws GivenUpError then. Through Postgres itself, since the
 * driver's own `cancel` cannot be awaited and its failure ends the process (postgres 3.4.9): a cancellation that comes late would end what another
 * request runs on this connection next, so that the transaction ends after it.
 */
export async function readHeeding<T>(
  sql: Sql,
  signal: AbortSignal,
  work: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
  try {
    return await withinTransaction(sql, limits.statementMs, 'read only', async (tx) => {
      signal.throwIfAborted();
      const backend = tx<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`.execute();
      let cancelled: Promise<unknown> | undefined;
      const cancel = (): void => {
        cancelled = backend
          .then(([row]) => sql`SELECT pg_cancel_backend(${row?.pid ?? 0})`)
          // The statement's timeout ends it then.
          .catch(() => undefined);
      };
      signal.addEventListener('abort', cancel);
      try {
        const [, result] = await Promise.all([backend, work(tx)]);
        return result;
      } finally {
        signal.removeEventListener('abort', cancel);
        if (cancelled !== undefined) await atMost(limits.exportCancelMs, cancelled);
      }
    });
  } catch (error) {
    throw signal.aborted ? new GivenUpError(error) : error;
  }
}

async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  const { promise: expiry, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, expiry]);
  clearTimeout(timer);
}
