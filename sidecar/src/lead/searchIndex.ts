import type { Sql } from 'postgres';
import type { Trigrams } from './trigrams.ts';

/**
 * Late records wait in a list of this size, kB, before they go into the index together: 75 µs each in place of 460, and a search reads that list as it
 * lies, in milliseconds.
 */
const PENDING_KB = 256;

/** An index of trigrams of event and message (docs/adr/0014), of all records of a day or, `before` a time (RFC 3339), of those. */
export async function createSearchIndex(
  own: Sql,
  name: string,
  partition: string,
  { opclass }: Trigrams,
  before?: string,
): Promise<void> {
  await own.unsafe(`
    CREATE INDEX CONCURRENTLY ${name} ON ${partition}
    USING gin ((event || chr(10) || message) ${opclass}) WITH (gin_pending_list_limit = ${PENDING_KB})
    ${before === undefined ? '' : `WHERE ts < timestamptz '${before}'`}`);
  // With a hundred texts a day at hand the planner tries each search on all of them: two thirds of its time, to learn what it need not know.
  await own.unsafe(`ALTER INDEX ${name} ALTER COLUMN 1 SET STATISTICS 0`);
}
