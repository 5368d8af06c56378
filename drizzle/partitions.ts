import type { Sql, TransactionSql } from 'postgres';
import { transaction } from './transaction.ts';

/** What batches write to: partitioned by UTC day on `ts` (design §4). */
const batchTables = ['telemetry_metric_samples', 'telemetry_log_events', 'telemetry_trace_index'] as const;
/** What the leader packs hours into: likewise, on `hour`. */
export const packedTables = ['telemetry_metric_packed', 'telemetry_metric_sketches'] as const;
const partitionedTables = [...batchTables, ...packedTables] as const;
type PartitionedTable = (typeof partitionedTables)[number];

const DAY_MS = 86_400_000;
/** Two makers of one partition wait for each other on the parent's lock; a reader must not wait behind them for long. */
const LOCK_TIMEOUT = '5s';

/** `telemetry_log_events_20261124` */
function partitionName(table: string, day: Date): string {
  return `${table}_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;
}

/** Midnight UTC of the day a time lies in. */
function startOfDay(time: Date): Date {
  return new Date(Math.floor(time.getTime() / DAY_MS) * DAY_MS);
}

/** Makes the days' partitions where they are missing. Idempotent; concurrent makers wait for each other. Runs in transactions of its own. */
export async function ensurePartitions(
  sql: Sql,
  days: readonly Date[],
  tables: readonly PartitionedTable[] = batchTables,
): Promise<void> {
  const wanted = [...new Set(days.map((day) => startOfDay(day).getTime()))]
    .sort((a, b) => a - b)
    .map((ms) => new Date(ms));
  for (const day of wanted) for (const table of tables) await ensurePartition(sql, table, day);
}

/** From `now`'s day to `daysAhead` days later. */
export async function ensurePartitionsAhead(sql: Sql, now: Date, daysAhead: number): Promise<void> {
  await ensurePartitions(
    sql,
    Array.from({ length: daysAhead + 1 }, (_, offset) => new Date(now.getTime() + offset * DAY_MS)),
  );
}

/**
 * CREATE TABLE LIKE and ATTACH in place of CREATE TABLE PARTITION OF: attaching takes SHARE UPDATE EXCLUSIVE on the parent, which readers and
 * writers do not feel (PostgreSQL manual, "Partition Maintenance"). The CHECK saves the scan, and goes once the partition is attached.
 */
async function ensurePartition(sql: Sql, table: PartitionedTable, day: Date): Promise<void> {
  const name = partitionName(table, day);
  if (await isMade(sql, name)) return;
  const from = day.toISOString();
  const to = new Date(day.getTime() + DAY_MS).toISOString();
  const column = packedTables.some((one) => one === table) ? 'hour' : 'ts';
  await transaction(sql, '', async (tx) => {
    await tx`SELECT set_config('lock_timeout', ${LOCK_TIMEOUT}, true)`;
    // One maker at a time for each partition; the second one finds it made.
    await tx`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
    if (await isMade(tx, name)) return;
    await tx.unsafe(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)`);
    await tx.unsafe(
      `ALTER TABLE ${name} ADD CONSTRAINT ${name}_day CHECK (${column} >= '${from}' AND ${column} < '${to}')`,
    );
    await tx.unsafe(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
    await tx.unsafe(`ALTER TABLE ${name} DROP CONSTRAINT ${name}_day`);
  });
}

/** A day partition that is there. */
export interface Partition {
  readonly table: PartitionedTable;
  readonly name: string;
  /** Midnight UTC of its day. */
  readonly day: Date;
  /** As the planner reckons it; 0 before the first ANALYZE. */
  readonly estimatedRows: number;
}

/** The partitions there are, oldest first. */
export async function listPartitions(sql: Sql | TransactionSql): Promise<readonly Partition[]> {
  const rows = await sql<{ table: string; name: string; rows: number }[]>`
    /* list-partitions */
    SELECT p.relname AS table, c.relname AS name, greatest(c.reltuples, 0)::double precision AS rows
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_class AS p ON p.oid = i.inhparent
    WHERE p.relnamespace = current_schema()::regnamespace AND p.relkind = 'p' AND c.relkind IN ('r', 'p')
    ORDER BY right(c.relname, 8), p.relname`;
  return rows.flatMap(({ table, name, rows: estimatedRows }) => {
    const known = partitionedTables.find((one) => one === table);
    const digits = /_(\d{4})(\d{2})(\d{2})$/.exec(name);
    if (known === undefined || digits === null) return [];
    return [{ table: known, name, day: new Date(`${digits[1]}-${digits[2]}-${digits[3]}T00:00:00Z`), estimatedRows }];
  });
}

/** The end of a partition's day, exclusive. */
export function endOfPartition({ day }: Partition): Date {
  return new Date(day.getTime() + DAY_MS);
}

/** Detaching needs the parent for itself for a moment; who waits longer than this for it would hold up every batch. */
const DROP_LOCK_TIMEOUT = '1s';

/** Takes a partition off its table and drops it, in the caller's transaction. Throws lock_not_available (55P03) where readers keep the table busy. */
export async function dropPartition(tx: TransactionSql, { table, name }: Partition): Promise<void> {
  await tx`SELECT set_config('lock_timeout', ${DROP_LOCK_TIMEOUT}, true)`;
  await tx`ALTER TABLE ${tx(table)} DETACH PARTITION ${tx(name)}`;
  await tx`DROP TABLE ${tx(name)}`;
}

/** Read from the catalogue's rows: `to_regclass` answers from a cache that waiting for an advisory lock does not refresh. */
async function isMade(sql: Sql | TransactionSql, name: string): Promise<boolean> {
  const rows = await sql`
    /* find-partition */
    SELECT 1 FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE c.relname = ${name} AND c.relnamespace = current_schema()::regnamespace`;
  return rows.length > 0;
}
