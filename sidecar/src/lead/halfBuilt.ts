import type { Sql } from 'postgres';

/**
 * Drops what a leader that died half-way left: an index that is not valid costs each late record, and serves no search. Returns false where the server
 * still works for it.
 */
export async function dropHalfBuilt(sql: Sql, partition: string): Promise<boolean> {
  const working = await sql`
    /* find-indexing */
    SELECT 1 FROM pg_stat_progress_create_index WHERE relid = ${partition}::text::regclass AND datname = current_database()`;
  if (working.length > 0) return false;
  const rows = await sql<{ name: string }[]>`
    /* half-built-of-day */
    SELECT c.relname AS name FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indrelid = ${partition}::text::regclass AND NOT i.indisvalid ORDER BY c.relname`;
  for (const { name } of rows) await sql`DROP INDEX CONCURRENTLY IF EXISTS ${sql(name)}`;
  return true;
}
