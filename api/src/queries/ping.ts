import type { ISql, PendingQuery, Row } from 'postgres';
import { z } from 'zod';

export const pingRow = z.object({ answer: z.literal(1) });

/** Whether the database answers. */
export function ping(sql: ISql): PendingQuery<Row[]> {
  return sql`/* ping */ SELECT 1 AS answer`;
}
