import { transaction } from '@command-center/drizzle/transaction';
import type { Sql, TransactionSql } from 'postgres';

/** Either a pool or an open transaction: what a read may run on. */
export type Reader = Sql | TransactionSql;

/** The state of a block was changed by another sidecar between reading and writing it: reload, build again (design §5). */
export class BlockConflict extends Error {
  constructor() {
    super('stream-state block changed since it was read');
    this.name = 'BlockConflict';
  }
}

/** A batch that could not even be computed: a mistake of ours over this data. Nothing was written. */
export class Unbuildable extends Error {
  constructor(cause: unknown) {
    super('a batch could not be built', { cause });
    this.name = 'Unbuildable';
  }
}

/** Whether Postgres rolled the transaction back for certain, and why. */
export type Failure =
  /** Read again and try again: a version that moved, a deadlock, a serialisation failure. */
  | { readonly type: 'conflict' }
  /** Postgres refuses this data (SQLSTATE classes 22, 23, 54), or we cannot compute with it; the rest of the batch may pass. */
  | { readonly type: 'data'; readonly sqlState: string }
  /** Rolled back for certain, and waiting may cure it: a full disk, a statement that took too long. */
  | { readonly type: 'rolledBack'; readonly sqlState: string }
  /** The connection was lost or the server went down: the commit may or may not have happened. */
  | { readonly type: 'unknown'; readonly code: string };

const CONFLICT_STATES: ReadonlySet<string> = new Set(['40001', '40P01']);
const DATA_CLASSES: ReadonlySet<string> = new Set(['22', '23', '54']);
/** Connection exceptions, operator intervention (shutdown), system errors: the server may have committed before it failed. */
const DOUBTFUL_CLASSES: ReadonlySet<string> = new Set(['08', '57', '58', 'XX']);
/** Query cancelled by statement_timeout or lock_timeout: class 57, yet only this statement failed. */
const CANCELLED_STATES: ReadonlySet<string> = new Set(['57014', '55P03']);

/** Sorts what a transaction threw. Source: PostgreSQL manual, appendix A. */
export function failureOf(error: unknown): Failure {
  if (error instanceof BlockConflict) return { type: 'conflict' };
  if (error instanceof Unbuildable) return { type: 'data', sqlState: 'unbuildable' };
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isSqlState = /^[0-9A-Z]{5}$/.test(code) && error instanceof Error && error.name === 'PostgresError';
  if (!isSqlState) return { type: 'unknown', code: code === '' ? 'error' : code };
  if (CONFLICT_STATES.has(code)) return { type: 'conflict' };
  if (CANCELLED_STATES.has(code)) return { type: 'rolledBack', sqlState: code };
  const sqlClass = code.slice(0, 2);
  if (DATA_CLASSES.has(sqlClass)) return { type: 'data', sqlState: code };
  if (DOUBTFUL_CLASSES.has(sqlClass)) return { type: 'unknown', code };
  return { type: 'rolledBack', sqlState: code };
}

/** Runs one batch's writes. Everything is committed together or not at all; throws what the statements or the commit threw. */
export function inTransaction<T>(sql: Sql, work: (tx: TransactionSql, nowMs: number) => Promise<T>): Promise<T> {
  return transaction(sql, 'isolation level read committed', async (tx) => {
    const [row] = await tx<{ now_ms: number }[]>`
      /* transaction-start */
      SELECT set_config('synchronous_commit', 'on', true), extract(epoch FROM now())::double precision * 1000 AS now_ms`;
    if (row === undefined) throw new Error('transaction-start returned no row');
    return work(tx, row.now_ms);
  });
}
