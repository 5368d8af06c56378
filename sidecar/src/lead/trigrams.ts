import type { Sql } from 'postgres';
import { isAnswer } from '../operate/outage.ts';

/** What an index for searches is made with. */
export interface Trigrams {
  /** With its schema, which need not be on the search path. */
  readonly opclass: string;
}

/** Looks for the extension pg_trgm, and makes it where this role may; `missing` says why there is none, for a line of the log. */
export async function findTrigrams(sql: Sql): Promise<Trigrams | { readonly missing: string }> {
  const found = await installed(sql);
  if (found !== undefined) return found;
  const available = await sql`/* is-trigram-available */ SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'`;
  if (available.length === 0) return { missing: 'this server comes without the extension pg_trgm' };
  try {
    // A trusted extension: whoever may CREATE in the database may have it.
    await sql`CREATE EXTENSION IF NOT EXISTS pg_trgm`;
  } catch (error) {
    if (!(error instanceof Error) || !isAnswer(error)) throw error;
    return { missing: `${error.message}; let a role that may do it run: CREATE EXTENSION pg_trgm` };
  }
  return (await installed(sql)) ?? { missing: 'the extension pg_trgm is gone' };
}

async function installed(sql: Sql): Promise<Trigrams | undefined> {
  const [row] = await sql<{ schema: string }[]>`
    /* find-trigrams */
    SELECT quote_ident(n.nspname) AS schema FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'`;
  return row === undefined ? undefined : { opclass: `${row.schema}.gin_trgm_ops` };
}
