import type { Fragment, ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { Position } from '../requests/cursor.ts';
import type { TimeWindow } from '../requests/window.ts';
import { allOf, instantOf } from './conditions.ts';
import { holdsPhrase, type LogFilters, logConditions, logRanges } from './logConditions.ts';

export const logRow = z.object({
  id: z.string(),
  ts: z.date(),
  ts_micros: z.string(),
  level: z.enum(['WARN', 'ERROR']),
  service: z.string(),
  domain: z.string(),
  event: z.string(),
  message: z.string(),
  trace_id: z.string().nullable(),
  span_id: z.string().nullable(),
  sampled: z.boolean(),
  attrs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

export interface PageParameters<F> {
  readonly window: TimeWindow;
  readonly filters: F;
  /** The last row of the page before. */
  readonly after: Position | null;
  /** Rows wanted; one more is read to know whether there is a next page. */
  readonly limit: number;
}

/** The columns of `logRow`. */
export const logColumns = (
  sql: ISql,
): Fragment => sql`id, ts, (extract(epoch FROM ts) * 1000000)::bigint AS ts_micros, level, service, domain, event, message,
  trace_id, span_id, sampled, attrs`;

/** A page of log records, newest first, by keyset on (ts, id). Its filters know no search. */
export function logPage(sql: ISql, page: PageParameters<LogFilters>): PendingQuery<Row[]> {
  return sql`/* log_page */ ${newestLogs(sql, page, page.limit + 1, logColumns(sql))}`;
}

/** `is_last`: the last that was looked at, whether found or not. */
export const newestLogRow = logRow.extend({ is_found: z.boolean(), is_last: z.boolean() });

/**
 * The page's records that hold a phrase, of the `read` newest ones alone, since most phrases that are looked for have just been seen; and the last of
 * these, where there are so many.
 */
export function logSearchNewest(
  sql: ISql,
  page: PageParameters<LogFilters>,
  phrase: string,
  read: number,
): PendingQuery<Row[]> {
  return sql`/* log_search_newest */
    SELECT * FROM (
      SELECT *, ${holdsPhrase(sql, phrase)} AS is_found, row_number() OVER (ORDER BY ts DESC, id DESC) = ${read} AS is_last
      FROM (${newestLogs(sql, page, read, logColumns(sql))}) AS newest
    ) AS looked_at
    WHERE is_found OR is_last
    ORDER BY ts DESC, id DESC
    LIMIT ${page.limit + 1}`;
}

/** The page's records that hold a phrase. */
export function logSearch(sql: ISql, page: PageParameters<LogFilters>): PendingQuery<Row[]> {
  return sql`/* log_search */ ${foundLogs(sql, page, page.limit + 1, logColumns(sql))}`;
}

/**
 * The newest records that hold a phrase. Finds all of the window before it puts them in order: a walk from the newest on, which the planner takes for
 * cheap where it expects many, would read every record where there are few.
 */
export function foundLogs(sql: ISql, page: PageParameters<LogFilters>, limit: number, columns: Fragment): Fragment {
  return sql`
    SELECT * FROM (
      SELECT ${columns} FROM telemetry_log_events
      WHERE ${allOf(sql, [logConditions(sql, page.window, page.filters), ...below(sql, page)])}
      OFFSET 0
    ) AS found
    ORDER BY ts DESC, id DESC
    LIMIT ${limit}`;
}

/** The newest records, whatever they hold. `columns` have ts and id among them. */
export function newestLogs(sql: ISql, page: PageParameters<LogFilters>, limit: number, columns: Fragment): Fragment {
  return logRanges(sql, page.window, page.filters)
    .map(
      (range): Fragment => sql`(
      SELECT ${columns} FROM telemetry_log_events
      WHERE ${allOf(sql, [range, ...below(sql, page)])}
      ORDER BY ts DESC, id DESC LIMIT ${limit})`,
    )
    .reduce((left, right) => sql`${left} UNION ALL ${right} ORDER BY ts DESC, id DESC LIMIT ${limit}`);
}

function below(sql: ISql, { after }: PageParameters<LogFilters>): Fragment[] {
  return after === null ? [] : [sql`(ts, id) < (${instantOf(sql, after)}, ${after.ids[0] ?? ''}::uuid)`];
}
