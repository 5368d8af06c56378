import { textArray } from '@command-center/drizzle/arrays';
import type { ISql, PendingQuery, Row } from 'postgres';
import { instantsOf, within } from './byKey.ts';
import type { TraceKey } from './traceKeys.ts';
import { traceColumns } from './tracePage.ts';

/** The spans that lie at `keys`, which are sorted, newest first; without those that retention has deleted. */
export function tracesByKey(sql: ISql, keys: readonly TraceKey[]): PendingQuery<Row[]> {
  const traceIds = textArray(keys.map(({ trace_id }) => trace_id));
  const spanIds = textArray(keys.map(({ span_id }) => span_id));
  return sql`/* traces_by_key */
    SELECT ${traceColumns(sql)}
    FROM unnest(${instantsOf(keys)}::bigint[], ${traceIds}::text[], ${spanIds}::text[]) AS key (key_micros, key_trace_id, key_span_id)
    JOIN telemetry_trace_index ON ts = timestamptz 'epoch' + key_micros * interval '1 microsecond'
      AND trace_id = key_trace_id AND span_id = key_span_id
    WHERE ${within(sql, keys)}
    ORDER BY ts DESC, trace_id DESC, span_id DESC`;
}
