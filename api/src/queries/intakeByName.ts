import { textArray } from '@command-center/drizzle/arrays';
import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { TimeWindow } from '../requests/window.ts';

const count = z.coerce.number();
export const intakeByNameRow = z.object({
  signal: z.enum(['metrics', 'logs', 'traces']),
  service: z.string(),
  name: z.string(),
  last: z.date(),
  received: count,
  stored: count,
  dropped: count,
  refused: count,
});

/**
 * What arrived and what became of it, by signal, service and metric name, most recent first. Whole minutes: the minute of `from` counts.
 * Under `fieldReasons` a field was dropped, not a record.
 */
export function intakeByName(
  sql: ISql,
  window: TimeWindow,
  fieldReasons: readonly string[],
  limit: number,
): PendingQuery<Row[]> {
  return sql`/* intake_by_name */
    SELECT signal, service, name, max(minute) AS last,
      coalesce(sum(count) FILTER (WHERE outcome = 'received'), 0) AS received,
      coalesce(sum(count) FILTER (WHERE outcome = 'stored'), 0) AS stored,
      coalesce(sum(count) FILTER (WHERE outcome = 'dropped'), 0) AS dropped,
      coalesce(sum(count) FILTER (WHERE outcome = 'refused'), 0) AS refused
    FROM telemetry_intake
    WHERE minute >= date_trunc('minute', ${new Date(window.fromMs)}::timestamptz) AND minute < ${new Date(window.toMs)}
      AND outcome IN ('received', 'stored', 'dropped', 'refused') AND reason <> ALL (${textArray(fieldReasons)}::text[])
    GROUP BY signal, service, name
    ORDER BY last DESC, received DESC, signal, service, name
    LIMIT ${limit + 1}`;
}
