import { textArray } from '@command-center/drizzle/arrays';
import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';

export const labelledSeriesRow = z.object({
  id: z.int(),
  metric_name: z.string(),
  labels: z.record(z.string(), z.union([z.string(), z.literal(true)])),
});
export type LabelledSeries = z.output<typeof labelledSeriesRow>;

/** The series of some metrics that hold all the given labels. */
export function labelledSeries(
  sql: ISql,
  metricNames: readonly string[],
  where: Readonly<Record<string, string>>,
  limit: number,
): PendingQuery<Row[]> {
  return sql`/* labelled_series */
    SELECT id, metric_name, labels FROM telemetry_metric_series
    WHERE metric_name = ANY (${textArray(metricNames)}::text[]) AND scope = 'cluster' AND labels @> ${sql.json(where)}
    ORDER BY id
    LIMIT ${limit + 1}`;
}
