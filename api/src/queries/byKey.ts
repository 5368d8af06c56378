import type { Fragment, ISql } from 'postgres';
import { z } from 'zod';
import { limits } from '../limits.ts';

/** Where rows lie that are read together later, newest first: arrays that the statement which reads them takes back as they are. */
export const keyPage = z.object({
  /** Rows of the page. */
  size: z.number(),
  /** Not of the page any more: the one row beyond the limit. */
  is_beyond: z.boolean(),
  newest: z.date(),
  oldest: z.date(),
  /** Microseconds since the epoch: the literal of a bigint[]. */
  instants: z.string(),
});
export type KeyPage = z.infer<typeof keyPage>;

/**
 * The keys of `found`, at most `limit` and one more, in pages. By the server, since ten thousand rows take longer to be taken in than to be found.
 * `order` is that of the rows, `ids` aggregates what their key has beside the time; `n` counts them.
 */
export function keyPages(sql: ISql, found: Fragment, order: Fragment, ids: Fragment, limit: number): Fragment {
  return sql`
    SELECT count(*)::integer AS size, n > ${limit} AS is_beyond, max(ts) AS newest, min(ts) AS oldest,
      array_agg((date_part('epoch', ts) * 1000000)::bigint ORDER BY n)::text AS instants, ${ids}
    FROM (SELECT *, row_number() OVER (ORDER BY ${order}) AS n FROM (${found}) AS found) AS numbered
    GROUP BY is_beyond, (n - 1) / ${limits.exportPageRows}
    ORDER BY min(n)`;
}

/** How many rows `found` has. */
export const countRow = z.object({ rows: z.number() });
export function countOf(sql: ISql, found: Fragment): Fragment {
  return sql`SELECT count(*)::integer AS rows FROM (${found}) AS found`;
}

/** From the last key to the first, as plain times: what a statement is planned for are the partitions of these days alone. */
export function within(sql: ISql, { newest, oldest }: KeyPage): Fragment {
  // Dates end at the millisecond.
  return sql`ts >= ${oldest} AND ts < ${new Date(newest.getTime() + 1)}`;
}
