import type { Sql } from 'postgres';
import { limits } from './limits.ts';
import { readArrivals } from './queries/readArrivals.ts';
import { runMessage } from './statement.ts';

/**
 * Tells what has arrived: two equal texts mean that nothing was committed between the questions. Who asks while the database is asked waits for the next
 * question, together with all others: what is told is never older than who asked. Undefined where the database does not say soon; never rejects.
 */
export function arrivals(sql: Sql): () => Promise<string | undefined> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<string | undefined> | undefined;
  return () => {
    next ??= last.then(() => {
      next = undefined;
      const asked = ask(sql);
      last = asked;
      return asked;
    });
    return next;
  };
}

async function ask(sql: Sql): Promise<string | undefined> {
  const { promise: silence, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), limits.arrivalsMs);
  const said = runMessage(sql, limits.arrivalsMs, readArrivals).then(
    ([row]) => (typeof row?.arrivals === 'string' ? row.arrivals : undefined),
    () => undefined,
  );
  try {
    return await Promise.race([said, silence]);
  } finally {
    clearTimeout(timer);
  }
}
