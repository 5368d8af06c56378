import { transaction } from '@command-center/drizzle/transaction';
import type { PendingQuery, Row, Sql, TransactionSql } from 'postgres';
import type { z } from 'zod';
import { limits } from './limits.ts';

/** The database did not answer in time: neither a result nor an error came. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

export type Access = 'read only' | 'read write';

/** Readers see one snapshot: an hour that is rolled up between two statements would count twice otherwise. */
const modes: Readonly<Record<Access, string>> = {
  'read only': 'isolation level repeatable read read only',
  'read write': 'read write',
};

/** Runs one statement in a transaction of its own and returns its rows, checked against `row`. */
export async function readRows<S extends z.ZodType>(
  sql: Sql,
  row: S,
  statement: (tx: TransactionSql) => PendingQuery<Row[]>,
  access: Access = 'read only',
): Promise<z.output<S>[]> {
  return withinTransaction(sql, limits.statementMs, access, async (tx) => checked(row, await statement(tx)));
}

/** Runs one statement that answers nothing; `timeoutMs` bounds it in the database. */
export async function runStatement(
  sql: Sql,
  timeoutMs: number,
  statement: (tx: TransactionSql) => PendingQuery<Row[]>,
): Promise<void> {
  await withinTransaction(sql, timeoutMs, 'read write', async (tx) => {
    await statement(tx);
  });
}

/**
 * Runs one statement without parameters, stopped in the database after `timeoutMs`, in one message to it and one back, where a transaction takes three.
 * Postgres makes a transaction of what one message holds (manual, "Multiple Statements in a Simple Query"): SET LOCAL holds for the statement, and nothing
 * stays open where it fails. May run twice where its connection is lost.
 */
export async function runMessage(sql: Sql, timeoutMs: number, statement: string): Promise<readonly Row[]> {
  const answers: readonly unknown[] = await withDeadline(
    sql.unsafe(`SET LOCAL statement_timeout = ${Math.round(timeoutMs)}; ${statement}`),
    timeoutMs + limits.answerGraceMs,
  );
  // The driver answers several statements with a list for each.
  const rows = answers.at(-1);
  return Array.isArray(rows) ? rows : [];
}

/**
 * Runs `work` in one transaction whose statements the database stops after `timeoutMs` each. SET LOCAL, so that it also holds behind a pooler.
 * Throws NoAnswerError where the database stays silent beyond that.
 */
export async function withinTransaction<T>(
  sql: Sql,
  timeoutMs: number,
  access: Access,
  work: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
  const answer = transaction(sql, modes[access], async (tx) => {
    // Not awaited by itself: it travels with the first statement, and its failure fails the transaction. A plan for any range would read all partitions.
    const settings = tx
      .unsafe(`SET LOCAL statement_timeout = ${Math.round(timeoutMs)}; SET LOCAL plan_cache_mode = force_custom_plan`)
      .execute();
    const [, result] = await Promise.all([settings, work(tx)]);
    return result;
  });
  return withDeadline(answer, timeoutMs + limits.answerGraceMs);
}

/** Checks rows against their schema; a row that does not fit is a defect and throws. */
export function checked<S extends z.ZodType>(row: S, rows: readonly Row[]): z.output<S>[] {
  return rows.map((one) => row.parse(one));
}

async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  const { promise: expiry, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NoAnswerError(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
