import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import { instantOf } from './conditions.ts';
import { type LogFilters, logConditions } from './logConditions.ts';
import { logRow, type PageParameters } from './logPage.ts';

export const logGroupRow = logRow.extend({ count: z.coerce.number(), first_ts: z.date() });

/**
 * A page of log records with repeats of one (level, service, domain, event) as one row: the newest record, how many, and since when. The window
 * is that of the first page, so rows that arrive meanwhile do not move groups between pages.
 */
export function logGroups(sql: ISql, page: PageParameters<LogFilters>): PendingQuery<Row[]> {
  const { after } = page;
  const upTo = after === null ? sql`` : sql`HAVING max(ts) <= ${instantOf(sql, after)}`;
  const below =
    after === null ? sql`` : sql`WHERE (seen.ts, newest.id) < (${instantOf(sql, after)}, ${after.ids[0] ?? ''}::uuid)`;
  return sql`/* log_groups */
    SELECT newest.id, seen.ts, (extract(epoch FROM seen.ts) * 1000000)::bigint AS ts_micros, seen.level, seen.service, seen.domain,
      seen.event, newest.message, newest.trace_id, newest.span_id, newest.sampled, newest.attrs, seen.count, seen.first_ts
    FROM (
      SELECT level, service, domain, event, count(*) AS count, min(ts) AS first_ts, max(ts) AS ts
      FROM telemetry_log_events
      WHERE ${logConditions(sql, page.window, page.filters)}
      GROUP BY level, service, domain, event
      ${upTo}
    ) AS seen
    CROSS JOIN LATERAL (
      SELECT id, message, trace_id, span_id, sampled, attrs
      FROM telemetry_log_events
      WHERE ts = seen.ts AND level = seen.level AND service = seen.service AND domain = seen.domain AND event = seen.event
        AND ${logConditions(sql, page.window, page.filters)}
      ORDER BY id DESC
      LIMIT 1
    ) AS newest
    ${below}
    ORDER BY seen.ts DESC, newest.id DESC
    LIMIT ${page.limit + 1}`;
}
