import type { ISql, PendingQuery, Row } from 'postgres';
import { within } from './byKey.ts';
import type { TraceKeyPage } from './traceKeys.ts';
import { traceColumns } from './tracePage.ts';

/** The spans that lie at the keys of a page, newest first; without those that retention has deleted. */
export function tracesByKey(sql: ISql, page: TraceKeyPage): PendingQuery<Row[]> {
  return sql`/* traces_by_key */
    SELECT ${traceColumns(sql)}
    FROM unnest(${page.instants}::bigint[], ${page.trace_ids}::text[], ${page.span_ids}::text[]) AS key (key_micros, key_trace_id, key_span_id)
    JOIN telemetry_trace_index ON ts = timestamptz 'epoch' + key_micros * interval '1 microsecond'
      AND trace_id = key_trace_id AND span_id = key_span_id
    WHERE ${within(sql, page)}
    ORDER BY ts DESC, trace_id DESC, span_id DESC`;
}
