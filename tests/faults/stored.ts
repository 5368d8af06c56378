import { entryOf } from '@command-center/contract/catalogue/catalogue';
import { decodeSketch } from '@command-center/contract/sketch/codec';
import { emptySpans, mergeSpans } from '@command-center/contract/sketch/spans';
import type { Sql } from 'postgres';
import { type Total, type Totals, totalKey } from './totals.ts';

interface WindowRow {
  readonly metric_name: string;
  readonly service: string;
  readonly ts: Date;
  readonly value_count: string | null;
  readonly value_sum: number | null;
  readonly value_last: number | null;
  readonly sketch: Uint8Array | null;
}

/** What Postgres holds of each metric and service, over both tables and all writers. */
export async function storedTotals(sql: Sql): Promise<Totals> {
  const rows = await sql<WindowRow[]>`
    SELECT metric_name, labels->>'service.name' AS service, ts, value_count, value_sum, value_last, sketch
    FROM (SELECT * FROM telemetry_open_windows UNION ALL SELECT * FROM telemetry_metric_samples) windows
    JOIN telemetry_metric_series series ON series.id = windows.series_id
    ORDER BY ts`;
  const totals = new Map<string, Total>();
  const newest = new Map(rows.map((row) => [totalKey(row.service, row.metric_name), row.ts.getTime()]));
  for (const row of rows) {
    const key = totalKey(row.service, row.metric_name);
    const kind = entryOf(row.metric_name)?.kind;
    if (kind === 'gauge' && row.ts.getTime() !== newest.get(key)) continue;
    const known = totals.get(key) ?? { sum: 0, count: 0, spans: emptySpans };
    const spans = row.sketch === null ? emptySpans : decodeSketch(row.sketch);
    totals.set(key, {
      sum: known.sum + ((kind === 'gauge' ? row.value_last : row.value_sum) ?? 0),
      count: known.count + (kind === 'histogram' ? Number(row.value_count) : 0),
      spans: mergeSpans(known.spans, spans),
    });
  }
  return totals;
}

/** The ids of the stored log records and spans, sorted; one twice stands there twice. */
export async function storedIds(sql: Sql): Promise<{ readonly logs: string[]; readonly traces: string[] }> {
  const logs = await sql<{ id: string }[]>`SELECT attrs->>'request_id' AS id FROM telemetry_log_events ORDER BY 1`;
  const traces = await sql<{ id: string }[]>`SELECT trace_id AS id FROM telemetry_trace_index ORDER BY 1`;
  return { logs: logs.map(({ id }) => id).sort(), traces: traces.map(({ id }) => id).sort() };
}
