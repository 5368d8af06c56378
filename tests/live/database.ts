import postgres, { type Sql } from 'postgres';
import { inject } from 'vitest';

/** Work on the server, from outside of the database under test, whose name `work` is given. */
export async function administer(
  databaseUrl: string,
  work: (server: Sql, name: string) => PromiseLike<unknown>,
): Promise<void> {
  const server = postgres(inject('postgresUrl'), { max: 1, onnotice: () => undefined });
  try {
    await work(server, new URL(databaseUrl).pathname.slice(1));
  } finally {
    await server.end();
  }
}
