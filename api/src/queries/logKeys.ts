import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';
import type { LogFilters } from './logConditions.ts';
import { foundLogs, newestLogs } from './logPage.ts';

/** Where a record lies: microseconds since the epoch, and its id. */
export const logKey = z.object({ ts_micros: z.string(), id: z.string() });
export type LogKey = z.infer<typeof logKey>;

/** Where the newest records of a window lie, newest first. */
export function logKeys(sql: ISql, window: TimeWindow, filters: LogFilters, limit: number): PendingQuery<Row[]> {
  const page = { window, filters, after: null, limit };
  const find = filters.search === undefined ? newestLogs : foundLogs;
  return sql`/* log_keys */
    SELECT (extract(epoch FROM ts) * 1000000)::bigint AS ts_micros, id
    FROM (${find(sql, page, limit, sql`ts, id`)}) AS found
    ORDER BY ts DESC, id DESC`;
}
