import type { Sql } from 'postgres';

/** What a request can leave behind; counters of intake and what the leader writes by itself are not of it. */
export interface Digest {
  readonly rows: number;
  readonly digest: string;
}

/** Windows count wherever they lie: they are moved while one looks. */
export async function digestOf(sql: Sql): Promise<Digest> {
  const [row] = await sql<{ rows: string; digest: string }[]>`
    WITH kept AS (
      SELECT md5(w::text) AS mark FROM (
        SELECT * FROM telemetry_open_windows UNION ALL SELECT * FROM telemetry_metric_samples) AS w
      UNION ALL SELECT md5(l::text) FROM telemetry_log_events AS l
      UNION ALL SELECT md5(t::text) FROM telemetry_trace_index AS t
      UNION ALL SELECT md5(b::text) FROM telemetry_stream_state AS b
      UNION ALL SELECT md5(s::text) FROM telemetry_metric_series AS s
      UNION ALL SELECT md5(o::text) FROM telemetry_metric_sources AS o)
    SELECT count(*) AS rows, coalesce(sum(('x' || left(mark, 15))::bit(60)::bigint), 0)::text AS digest FROM kept`;
  if (row === undefined) throw new Error('a sum has a row');
  return { rows: Number(row.rows), digest: row.digest };
}

export interface Intake {
  readonly signal: string;
  readonly outcome: string;
  readonly reason: string;
  readonly count: number;
}

export async function intakeOf(sql: Sql): Promise<readonly Intake[]> {
  const rows = await sql<{ signal: string; outcome: string; reason: string; count: string }[]>`
    SELECT signal, outcome, reason, sum(count) AS count FROM telemetry_intake GROUP BY 1, 2, 3`;
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}
