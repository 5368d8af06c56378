import type { Sql, TransactionSql } from 'postgres';

/**
 * A transaction: what `work` throws is thrown, after a rollback. `modes`: isolation level and access mode, as BEGIN takes them.
 *
 * In place of the driver's own `begin`, which answers an error with ROLLBACK even over a connection that is gone. Seen with postgres 3.4.9: where the
 * connection was reset, the ROLLBACK stays in its queue and every later statement on it waits for ever; where it was closed, the process
 * ends with a TypeError. Without connection there is nothing to roll back, and `begin` rejects by itself once it notices.
 */
export async function transaction<T>(sql: Sql, modes: string, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const result = await sql.begin(modes, guarded(work));
  return result.value;
}

/** A part of a transaction: what `work` throws is thrown, after what it did is undone and what it locked is free again; the transaction lives on. */
export async function savepoint<T>(tx: TransactionSql, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const result = await tx.savepoint(guarded(work));
  return result.value;
}

function guarded<T>(work: (tx: TransactionSql) => Promise<T>): (tx: TransactionSql) => Promise<{ readonly value: T }> {
  return async (tx) => {
    try {
      return { value: await work(tx) };
    } catch (error) {
      if (isConnectionLost(error)) await new Promise<never>(() => undefined);
      throw error;
    }
  };
}

/** The driver's errors about connections, and the system's. If the connection is another one than the transaction's, Postgres ends that as idle. */
function isConnectionLost(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && /^(CONNECTION_|CONNECT_|E[A-Z]+$|SERVER_SILENT$)/.test(at.code))
      return true;
  }
  return false;
}
