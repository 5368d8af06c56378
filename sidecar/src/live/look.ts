import { type LogItem, logItem } from '@command-center/contract/api/lists';
import { type SummaryRow, summaryRow } from '@command-center/contract/summary/present';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { NEWEST_ERRORS } from './limits.ts';

/** What a look at the database found; all of one moment. */
export interface Look {
  readonly summary: SummaryRow;
  /** ERROR records of the last 24 h, newest first. */
  readonly errors: readonly LogItem[];
  /** ERROR records stored in each of the last minutes, by the database's clock; the key is the minute. */
  readonly stored: ReadonlyMap<string, number>;
}

const DAY_MS = 86_400_000;

/** Times of rows come as Postgres writes them into JSON. */
const instant = z.string().transform((text) => new Date(text).toISOString());
const found = summaryRow.extend({
  errors: z.array(logItem.extend({ ts: instant })),
  stored: z.array(z.object({ minute: z.string(), n: z.number() })),
});

/** Looks once (design §6, "Live"): what is newest by the records' own time, and how much came by the database's, which counts also what came late. */
export async function look(sql: Sql, nowMs: number): Promise<Look> {
  const [row] = await sql`
    /* live-look */
    SELECT clock.now, s.written_at, extract(epoch FROM clock.now - s.written_at)::double precision AS age_s, s.summary,
      (
        SELECT coalesce(json_agg(e ORDER BY e.ts DESC, e.id DESC), '[]')
        FROM (
          SELECT id, ts, level, service, domain, event, message, trace_id, span_id, sampled, attrs
          FROM telemetry_log_events
          WHERE level = 'ERROR' AND ts > ${new Date(nowMs - DAY_MS)}
          ORDER BY ts DESC, id DESC
          LIMIT ${NEWEST_ERRORS}
        ) AS e
      ) AS errors,
      (
        SELECT coalesce(json_agg(m), '[]')
        FROM (
          SELECT minute, sum(count)::double precision AS n
          FROM telemetry_intake
          WHERE minute >= date_trunc('minute', clock.now) - interval '2 minutes' AND signal = 'logs' AND outcome = 'stored' AND reason = 'ERROR'
          GROUP BY minute
        ) AS m
      ) AS stored
    FROM (SELECT now() AS now) AS clock LEFT JOIN telemetry_summary AS s ON true`;
  const { errors, stored, ...summary } = found.parse(row);
  return { summary, errors, stored: new Map(stored.map(({ minute, n }) => [minute, n])) };
}

/** ERROR records stored since the look before. */
export function storedSince(look: Look, before: Look): number {
  let count = 0;
  for (const [minute, n] of look.stored) count += Math.max(0, n - (before.stored.get(minute) ?? 0));
  return count;
}
