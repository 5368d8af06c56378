import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';
import { countOf, keyPage, keyPages } from './byKey.ts';
import type { LogFilters } from './logConditions.ts';
import { foundLogs, newestLogs } from './logPage.ts';

/** `ids` is the literal of a uuid[]. */
export const logKeyPage = keyPage.extend({ ids: z.string() });
export type LogKeyPage = z.infer<typeof logKeyPage>;

/** Where the newest records of a window lie, at most `limit`, and whether there is one more. */
export function logKeys(sql: ISql, window: TimeWindow, filters: LogFilters, limit: number): PendingQuery<Row[]> {
  const page = { window, filters, after: null, limit };
  const find = filters.search === undefined ? newestLogs : foundLogs;
  const found = find(sql, page, limit + 1, sql`ts, id`);
  const ids = sql`array_agg(id ORDER BY n)::text AS ids`;
  return sql`/* log_keys */ ${keyPages(sql, found, sql`ts DESC, id DESC`, ids, limit)}`;
}

/** How many records a window has, up to `limit`; a tenth of the time that their keys take. Its filters know no search. */
export function logCount(sql: ISql, window: TimeWindow, filters: LogFilters, limit: number): PendingQuery<Row[]> {
  const page = { window, filters, after: null, limit };
  return sql`/* log_count */ ${countOf(sql, newestLogs(sql, page, limit, sql`ts, id`))}`;
}
