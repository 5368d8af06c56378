import { numberArray, textArray } from '@command-center/drizzle/arrays';
import type { TransactionSql } from 'postgres';

export type IntakeOutcome = 'received' | 'stored' | 'dropped' | 'refused' | 'noted' | 'masked';

/** A row of telemetry_intake without minute and writer: what became of `count` records. */
export interface IntakeCount {
  readonly signal: string;
  readonly service: string;
  readonly outcome: IntakeOutcome;
  /** A code of contract/src/reasons.ts, of `masked` a redaction rule, of `stored` log records their level; else ''. */
  readonly reason: string;
  readonly name: string;
  readonly count: number;
}

/** Adds to this writer's counts of the current minute by the database's clock, in the batch's transaction: a batch that fails counts nothing. */
export async function writeIntake(tx: TransactionSql, writer: number, counts: readonly IntakeCount[]): Promise<void> {
  if (counts.length === 0) return;
  await tx`
    /* add-intake */
    INSERT INTO telemetry_intake AS i (minute, writer, signal, service, outcome, reason, name, count)
    SELECT date_trunc('minute', now()), ${writer}::integer, signal, service, outcome, reason, name, n
    FROM unnest(${textArray(counts.map((row) => row.signal))}::text[], ${textArray(counts.map((row) => row.service))}::text[],
      ${textArray(counts.map((row) => row.outcome))}::text[], ${textArray(counts.map((row) => row.reason))}::text[],
      ${textArray(counts.map((row) => row.name))}::text[], ${numberArray(counts.map((row) => row.count))}::bigint[])
      AS r(signal, service, outcome, reason, name, n)
    ON CONFLICT (minute, writer, signal, service, outcome, reason, name) DO UPDATE SET count = i.count + excluded.count`;
}
