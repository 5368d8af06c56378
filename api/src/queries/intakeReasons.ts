import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';

export const intakeReasonRow = z.object({
  signal: z.enum(['metrics', 'logs', 'traces']),
  service: z.string(),
  outcome: z.enum(['dropped', 'refused', 'noted', 'masked']),
  reason: z.string(),
  name: z.string(),
  count: z.coerce.number(),
  last: z.date(),
});

/** Why records, labels or values were not kept as they came, most first. Whole minutes: the minute of `from` counts. */
export function intakeReasons(sql: ISql, window: TimeWindow, limit: number): PendingQuery<Row[]> {
  return sql`/* intake_reasons */
    SELECT signal, service, outcome, reason, name, sum(count) AS count, max(minute) AS last
    FROM telemetry_intake
    WHERE minute >= date_trunc('minute', ${new Date(window.fromMs)}::timestamptz) AND minute < ${new Date(window.toMs)}
      AND outcome IN ('dropped', 'refused', 'noted', 'masked')
    GROUP BY signal, service, outcome, reason, name
    ORDER BY count DESC, last DESC, signal, service, outcome, reason, name
    LIMIT ${limit + 1}`;
}
