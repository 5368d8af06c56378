import { listPartitions, type Partition } from '@command-center/drizzle/partitions';
import type { Sql } from 'postgres';
import { asLeader } from './lease.ts';

/** Emptied partitions smaller than this are left: there is nothing to gain. */
const MIN_BYTES = 128 * 1024;
/** A larger heap is left to autovacuum, which gives it back as well: the leader has to judge every 5 s. */
const MAX_VACUUMED_BYTES = 64 * 1024 * 1024;
/** A truncation waits this long for readers of the partition; whoever comes after it would wait as long. */
const LOCK_TIMEOUT = '200ms';
/** SQLSTATE. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Gives back the room of samples that were packed: their days before today hold next to nothing, but pages of the index stay. Only where VACUUM could
 * give back the whole heap is the partition truncated, since TRUNCATE empties a table for older snapshots too: a heap without pages holds nothing that
 * anybody may still want to see. Returns how many bytes were given back.
 */
export async function tidyPacked(sql: Sql, holder: number): Promise<number> {
  let freed = 0;
  for (const partition of await emptied(sql)) {
    const [heap] = await sql<{ bytes: number }[]>`
      /* size-of-heap */
      SELECT pg_relation_size(${partition.name}::text::regclass)::double precision AS bytes`;
    if ((heap?.bytes ?? 0) > MAX_VACUUMED_BYTES) continue;
    await sql`VACUUM (TRUNCATE, SKIP_LOCKED) ${sql(partition.name)}`;
    freed += await truncate(sql, holder, partition.name).catch((error: unknown) => {
      // Readers keep it busy: the next time, and the others meanwhile.
      if (error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE) return 0;
      throw error;
    });
  }
  return freed;
}

/** Returns how many bytes that gave back; 0 = somebody may still want to see what lies in it. */
function truncate(sql: Sql, holder: number, name: string): Promise<number> {
  return asLeader(sql, holder, async (tx) => {
    await tx`SELECT set_config('lock_timeout', ${LOCK_TIMEOUT}, true)`;
    const [size] = await tx<{ heap: number; total: number }[]>`
      /* size-of-emptied */
      SELECT pg_relation_size(${name}::text::regclass)::double precision AS heap,
        pg_total_relation_size(${name}::text::regclass)::double precision AS total`;
    if (size === undefined || size.heap > 0) return 0;
    await tx`LOCK TABLE ${tx(name)} IN ACCESS EXCLUSIVE MODE`;
    const rows = await tx`/* is-still-empty */ SELECT 1 WHERE pg_relation_size(${name}::text::regclass) = 0`;
    if (rows.length === 0) return 0;
    await tx`TRUNCATE ${tx(name)}`;
    return size.total;
  });
}

/** Partitions of samples of days before today that have room and no row. */
async function emptied(sql: Sql): Promise<readonly Partition[]> {
  const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  const past = (await listPartitions(sql)).filter(
    ({ table, day }) => table === 'telemetry_metric_samples' && day.getTime() < today,
  );
  const found: Partition[] = [];
  for (const partition of past) {
    const rows = await sql`
      /* find-emptied */
      SELECT 1 WHERE pg_total_relation_size(${partition.name}::text::regclass) > ${MIN_BYTES}
        AND NOT EXISTS (SELECT 1 FROM ${sql(partition.name)})`;
    if (rows.length > 0) found.push(partition);
  }
  return found;
}
