import type { Sql } from 'postgres';

/** What `CREATE INDEX CONCURRENTLY name ON table …` makes; undefined = another statement. */
export function createdIndex(
  statement: string,
): { readonly name: string; readonly table: string; readonly definition: string } | undefined {
  const made =
    /\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)\s+ON\s+(\w+)\s+(.*)$/is.exec(
      statement,
    );
  const [, name, table, definition] = made ?? [];
  if (name === undefined || table === undefined || definition === undefined) return undefined;
  return { name: name.toLowerCase(), table: table.toLowerCase(), definition: definition.trim() };
}

/**
 * An index that a broken off CREATE or DROP INDEX CONCURRENTLY left behind costs each write and serves no read; IF NOT EXISTS would keep it. The
 * server may still be building it for a starter that was killed: only we, who hold the ledger's lock, wait for it.
 */
export async function dropHalfBuilt(sql: Sql, statement: string): Promise<void> {
  const name = createdIndex(statement)?.name;
  if (name === undefined) return;
  const found = await sql`
    /* find-half-built-index */
    SELECT (SELECT pg_cancel_backend(p.pid) FROM pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE c.relname = ${name} AND c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid`;
  if (found.length > 0) await sql`DROP INDEX CONCURRENTLY IF EXISTS ${sql(name)}`;
}
