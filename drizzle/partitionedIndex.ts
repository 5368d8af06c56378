import type { Sql } from 'postgres';
import { createdIndex, dropHalfBuilt } from './halfBuilt.ts';
import { type LockPatience, lockPatiently } from './lockWait.ts';
import { transaction } from './transaction.ts';

/**
 * `CREATE INDEX CONCURRENTLY` on a partitioned table, which Postgres itself does not know: the parent's index first, empty and not valid, so that
 * partitions that are made meanwhile have it; then each partition's, concurrently; each is attached, and with the last one the parent's is valid
 * (PostgreSQL manual, "Partition Maintenance"). Nobody waits longer than for one of these steps.
 */
export interface PartitionedIndex {
  readonly name: string;
  readonly table: string;
  /** What follows the table's name. */
  readonly definition: string;
}

/** How steps run that take locks for a moment, and those that hold up nobody. */
export interface Building {
  /** Of the migration, for statements outside of a transaction. */
  readonly own: Sql;
  readonly pid: number;
  /** Looks who is in the way. */
  readonly sql: Sql;
  readonly patience: LockPatience;
  readonly concurrentPatience: LockPatience;
}

/** The index that a statement makes on a partitioned table; undefined = it is another statement, or another table. */
export async function partitionedIndexOf(own: Sql, statement: string): Promise<PartitionedIndex | undefined> {
  const made = createdIndex(statement);
  if (made === undefined) return undefined;
  const found = await own`
    /* is-partitioned */
    SELECT 1 FROM pg_class WHERE relname = ${made.table} AND relkind = 'p' AND relnamespace = current_schema()::regnamespace`;
  return found.length > 0 ? made : undefined;
}

/** Makes it, or goes on with what a run that was broken off has left. */
export async function makePartitionedIndex(building: Building, index: PartitionedIndex): Promise<void> {
  await dropOrphan(building, index);
  await briefly(building, `CREATE INDEX IF NOT EXISTS ${index.name} ON ONLY ${index.table} ${index.definition}`);
  // A partition that a leader drops meanwhile is lacking no more.
  for (let lacking = await findLacking(building.own, index); lacking.length > 0; ) {
    for (const partition of lacking) await makeOnPartition(building, index, partition);
    const before = lacking.length;
    lacking = await findLacking(building.own, index);
    if (lacking.length >= before) throw new Error(`${index.name} could not be made on ${lacking.join(', ')}`);
  }
}

async function makeOnPartition(building: Building, index: PartitionedIndex, partition: string): Promise<void> {
  const { own, sql, pid, concurrentPatience } = building;
  // The day at its end tells them apart, and keeps them short.
  const name = `${index.name}_${partition.slice(index.table.length + 1)}`;
  const statement = `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON ${partition} ${index.definition}`;
  const attempt = async (): Promise<void> => {
    await dropHalfBuilt(own, statement);
    await own.unsafe(statement);
  };
  try {
    await lockPatiently(sql, concurrentPatience, { session: own, pid, attempt });
    await briefly(building, `ALTER INDEX ${index.name} ATTACH PARTITION ${name}`);
  } catch (error) {
    // Its day has passed.
    if (!isGone(error)) throw error;
  }
}

/** Under a lock that others feel: in short tries. */
function briefly({ own, sql, pid, patience }: Building, statement: string): Promise<void> {
  const attempt = () =>
    transaction(own, '', async (tx) => {
      await tx`SELECT set_config('lock_timeout', ${String(patience.lockTimeoutMs)}, true)`;
      await tx.unsafe(statement);
    });
  return lockPatiently(sql, patience, { session: own, pid, attempt });
}

/** Where the last partition without the index went with its day, no attaching makes the parent's index valid: it is made anew. */
async function dropOrphan(building: Building, index: PartitionedIndex): Promise<void> {
  const found = await building.own`
    /* find-orphaned-index */
    SELECT 1 FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE c.relname = ${index.name} AND c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid`;
  if (found.length === 0 || (await findLacking(building.own, index)).length > 0) return;
  await briefly(building, `DROP INDEX ${index.name}`);
}

/** Partitions without an attached index, oldest first: those are the next to go. */
async function findLacking(own: Sql, { name, table }: PartitionedIndex): Promise<readonly string[]> {
  const rows = await own<{ name: string }[]>`
    /* find-lacking-partitions */
    SELECT c.relname AS name
    FROM pg_inherits AS h JOIN pg_class AS c ON c.oid = h.inhrelid JOIN pg_class AS p ON p.oid = h.inhparent
    WHERE p.relname = ${table} AND p.relnamespace = current_schema()::regnamespace AND NOT EXISTS (
      SELECT 1 FROM pg_index AS i JOIN pg_inherits AS ih ON ih.inhrelid = i.indexrelid JOIN pg_class AS ic ON ic.oid = ih.inhparent
      WHERE i.indrelid = c.oid AND ic.relname = ${name})
    ORDER BY right(c.relname, 8)`;
  return rows.map((row) => row.name);
}

/** undefined_table and undefined_object. */
const GONE_STATES: ReadonlySet<unknown> = new Set(['42P01', '42704']);

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && GONE_STATES.has(error.code);
}
