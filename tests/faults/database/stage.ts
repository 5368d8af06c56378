import { type FreshDatabase, freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import { simulate } from './simulated.ts';

/** A database for one schedule after another, and a connection of the test's own, past all proxies. */
export interface Stage {
  readonly url: string;
  readonly sql: Sql;
  close(): Promise<void>;
}

export async function makeStage(): Promise<Stage> {
  const database: FreshDatabase = await freshDatabase();
  const open = (max: number): Sql => postgres(database.url, { max, onnotice: () => undefined });
  // A session keeps the search path that it began with.
  const first = open(1);
  await simulate(first, new URL(database.url).pathname.slice(1));
  await first.end();
  const sql = open(3);
  return {
    url: database.url,
    sql,
    close: async () => {
      await sql.end();
      await database.drop();
    },
  };
}
