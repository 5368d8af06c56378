import type { TransactionSql } from 'postgres';

/** Times of the newest metric minute, log and span; null = none. A record may lie a little ahead of now; it counts as of now. */
export interface Newest {
  readonly metrics: Date | null;
  readonly logs: Date | null;
  readonly traces: Date | null;
}

/** Minutes of metrics that flow lie in the open windows; once they are silent what was known stays true, hence `before`. */
export async function readNewest(tx: TransactionSql, before: Newest): Promise<Newest> {
  const [row] = await tx<Newest[]>`
    /* newest-records */
    SELECT CASE WHEN m < now() THEN m WHEN m IS NOT NULL THEN now() END AS metrics,
      CASE WHEN l < now() THEN l WHEN l IS NOT NULL THEN now() END AS logs,
      CASE WHEN t < now() THEN t WHEN t IS NOT NULL THEN now() END AS traces
    FROM (SELECT (SELECT max(ts) FROM telemetry_open_windows) AS m, (SELECT max(ts) FROM telemetry_log_events) AS l,
      (SELECT max(ts) FROM telemetry_trace_index) AS t) AS newest`;
  const later = (a: Date | null | undefined, b: Date | null): Date | null =>
    a === null || a === undefined || (b !== null && b > a) ? b : a;
  return {
    metrics: later(row?.metrics, before.metrics),
    logs: later(row?.logs, before.logs),
    traces: later(row?.traces, before.traces),
  };
}
