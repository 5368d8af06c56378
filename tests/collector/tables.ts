import type { Sql } from 'postgres';

/** A series over all its minutes and writers. */
export interface StoredSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly sum: number;
  readonly count: number;
  /** Gauges: of the newest minute, added up over writers. */
  readonly last: number | undefined;
  readonly max: number | undefined;
}

/** What Postgres holds of a service's metrics, over both tables. */
export async function storedSeries(sql: Sql, service: string): Promise<readonly StoredSeries[]> {
  const rows = await sql<
    {
      metric: string;
      labels: Record<string, unknown>;
      sum: number;
      count: string;
      last: number | null;
      max: number | null;
    }[]
  >`
    SELECT metric_name AS metric, labels, coalesce(sum(value_sum), 0)::float8 AS sum, coalesce(sum(value_count), 0) AS count,
      sum(value_last) FILTER (WHERE ts = newest)::float8 AS last, max(value_max)::float8 AS max
    FROM (
      SELECT *, max(ts) OVER (PARTITION BY series_id) AS newest
      FROM (SELECT * FROM telemetry_open_windows UNION ALL SELECT * FROM telemetry_metric_samples) windows
    ) windows
    JOIN telemetry_metric_series series ON series.id = windows.series_id
    WHERE labels->>'service.name' = ${service}
    GROUP BY series.id, metric_name, labels`;
  return rows.map(({ last, max, count, ...row }) => ({
    ...row,
    count: Number(count),
    last: last ?? undefined,
    max: max ?? undefined,
  }));
}

/** A metric of a service, added up over its series; undefined = there is none. */
export async function storedMetric(sql: Sql, service: string, metric: string): Promise<StoredSeries | undefined> {
  const series = (await storedSeries(sql, service)).filter((each) => each.metric === metric);
  const [first] = series;
  if (first === undefined) return undefined;
  return series.slice(1).reduce(
    (total, each) => ({
      metric,
      labels: {},
      sum: total.sum + each.sum,
      count: total.count + each.count,
      last: added(total.last, each.last),
      max: greater(total.max, each.max),
    }),
    first,
  );
}

const added = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : a + (b ?? 0);
const greater = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);

/** Rows of a service in one of the tables of records. */
export async function storedRows(
  sql: Sql,
  table: 'telemetry_log_events' | 'telemetry_trace_index',
  service: string,
): Promise<number> {
  const [row] = await sql<
    { count: number }[]
  >`SELECT count(*)::int AS count FROM ${sql(table)} WHERE service = ${service}`;
  return row?.count ?? 0;
}
