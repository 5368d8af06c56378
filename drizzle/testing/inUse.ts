import { performance } from 'node:perf_hooks';
import type { Sql, TransactionSql } from 'postgres';
import { ensurePartitions } from '../partitions.ts';
import { transaction } from '../transaction.ts';

/** A database as it looks after some days of use, and somebody who uses it. Columns of the first version alone, as an older sidecar writes them. For tests alone. */

const SERIES = 200;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Of the rows that the user writes, unlike those that were there. */
const USER = 2;

/** Some thousand rows in the shape of the product's: 200 series, two days of samples, roll-ups, events, and blocks of stream state of 1.6 KB. */
export async function populate(sql: Sql, now: Date): Promise<void> {
  await ensurePartitions(sql, [new Date(now.getTime() - DAY_MS), now]);
  const at = now.toISOString();
  await sql.unsafe(`
    INSERT INTO telemetry_metric_series (metric_name, labels)
      SELECT 'kaiku_http_requests_total', jsonb_build_object('service.name', 's' || n % 7, 'http.route', '/r/' || n) FROM generate_series(1, ${SERIES}) AS n;
    INSERT INTO telemetry_metric_budgets VALUES ('kaiku_http_requests_total');
    INSERT INTO telemetry_metric_sources VALUES ('s1', 'requests', 'kaiku_http_requests_total', '-infinity', '${at}');
    INSERT INTO telemetry_open_windows (ts, series_id, writer, value_count, value_sum, value_p95, sketch)
      SELECT date_trunc('minute', timestamptz '${at}') - m * interval '1 minute', n, 1, n, n, 0.25, decode(repeat('01', 40), 'hex')
      FROM generate_series(1, ${SERIES}) AS n, generate_series(0, 2) AS m;
    INSERT INTO telemetry_metric_samples (ts, series_id, writer, value_count, value_sum, value_p95, sketch)
      SELECT date_trunc('minute', timestamptz '${at}') - m * interval '30 minutes', n, 1, n, n, 0.25, decode(repeat('01', 40), 'hex')
      FROM generate_series(1, ${SERIES}) AS n, generate_series(1, 24) AS m;
    INSERT INTO telemetry_dirty_hours SELECT date_trunc('hour', timestamptz '${at}'), n FROM generate_series(1, ${SERIES}) AS n;
    INSERT INTO telemetry_trend_rollups (bucket, resolution, series_id, sample_count, value_sum, total_count)
      SELECT date_trunc('hour', timestamptz '${at}') - h * interval '1 hour', '1h', n, 60, n, n
      FROM generate_series(1, ${SERIES}) AS n, generate_series(1, 20) AS h;
    INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message, trace_id, attrs)
      SELECT gen_random_uuid(), timestamptz '${at}' - n * interval '20 seconds', 'ERROR', 'orders', 'other', 'failed', repeat('payment failed ', 12),
        md5(n::text), '{"request_id": "r"}' FROM generate_series(1, 2000) AS n;
    INSERT INTO telemetry_trace_index (trace_id, span_id, span_name, domain, is_error, duration_ms, ts, service)
      SELECT md5(n::text), left(md5(n::text), 16), 'GET /r', 'other', n % 9 = 0, n, timestamptz '${at}' - n * interval '20 seconds', 'orders'
      FROM generate_series(1, 2000) AS n;
    INSERT INTO telemetry_stream_state (owner, depth, prefix, version, first_time, state)
      SELECT md5('o' || n)::uuid, 0, 0, 1, 1, decode(repeat(md5(n::text), 50), 'hex') FROM generate_series(1, 1000) AS n;
    INSERT INTO telemetry_intake SELECT date_trunc('minute', timestamptz '${at}'), 1, 'metrics', 's' || n % 7, 'stored', '', 'm' || n, n FROM generate_series(1, 500) AS n;
    INSERT INTO telemetry_summary (written_at, writer, summary) VALUES ('${at}', 1, '{}');
    INSERT INTO admin_audit_log (ts, actor, action, endpoint, status) VALUES ('${at}', 'admin', 'read', '/logs', 200);
    INSERT INTO admin_tickets VALUES ('\\x01', 'login', 'admin', '${at}');
    ANALYZE;`);
}

/** The rows of every table but the ledger, each as a digest over `columns`, which are those of now unless given. */
export async function digestRows(sql: Sql, columns?: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Rows>> {
  const tables = columns ?? (await columnsByTable(sql));
  const found = new Map<string, Rows>();
  for (const [table, list] of tables) {
    const rows = await sql.unsafe<{ digest: string }[]>(`SELECT md5(ROW(${list})::text) AS digest FROM ${table}`);
    found.set(table, { columns: list, digests: rows.map(({ digest }) => digest) });
  }
  return found;
}

export interface Rows {
  readonly columns: string;
  readonly digests: readonly string[];
}

async function columnsByTable(sql: Sql): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ name: string; columns: string }[]>`
    SELECT c.relname AS name, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace
      AND c.relname <> 'command_center_migrations' GROUP BY c.relname`;
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

/** Work that is repeated without pause. */
export interface Loop {
  /** Rounds that are done. */
  readonly rounds: () => number;
  /** The longest one, milliseconds. */
  readonly longestMs: () => number;
  /** Resolves after that many more rounds; rejects when one fails. */
  more(rounds: number): Promise<void>;
  stop(): Promise<void>;
}

function repeat(round: (index: number) => Promise<unknown>): Loop {
  let done = 0;
  let longestMs = 0;
  let isStopping = false;
  const waiting: { readonly at: number; readonly resolve: () => void }[] = [];
  const running = (async () => {
    while (!isStopping) {
      const startedAtMs = performance.now();
      await round(done);
      longestMs = Math.max(longestMs, performance.now() - startedAtMs);
      done += 1;
      for (const { at, resolve } of waiting) if (done >= at) resolve();
    }
  })();
  // Told to whoever waits for rounds or for the end.
  running.catch(() => undefined);
  return {
    rounds: () => done,
    longestMs: () => longestMs,
    more: (rounds) => {
      const enough = new Promise<void>((resolve) => waiting.push({ at: done + rounds, resolve }));
      return Promise.race([enough, running]);
    },
    stop: async () => {
      isStopping = true;
      await running;
    },
  };
}

/** A round is a batch of one minute of every kind, in one transaction. */
export function writeWithoutPause(sql: Sql, now: Date): Loop {
  return repeat((index) => transaction(sql, '', (tx) => writeBatch(tx, now, index)));
}

async function writeBatch(tx: TransactionSql, ts: Date, index: number): Promise<void> {
  const series_id = SERIES + 1 + index;
  await tx`INSERT INTO telemetry_open_windows ${tx({ ts, series_id, writer: USER, value_sum: 1 })}
    ON CONFLICT (series_id, ts, writer) DO UPDATE SET value_sum = excluded.value_sum`;
  const closed = new Date(ts.getTime() - 5 * MINUTE_MS);
  await tx`INSERT INTO telemetry_metric_samples ${tx({ ts: closed, series_id, writer: USER, value_sum: 1 })}`;
  await tx`INSERT INTO telemetry_dirty_hours ${tx({ hour: closed, series_id })}`;
  const event = {
    id: crypto.randomUUID(),
    ts,
    level: 'WARN',
    service: 'user',
    domain: 'other',
    event: 'e',
    message: 'm',
  };
  await tx`INSERT INTO telemetry_log_events ${tx(event)} ON CONFLICT DO NOTHING`;
  const span = {
    trace_id: String(index),
    span_id: '1',
    span_name: 'n',
    domain: 'other',
    is_error: false,
    duration_ms: 1,
    ts,
    service: 'user',
  };
  await tx`INSERT INTO telemetry_trace_index ${tx(span)} ON CONFLICT DO NOTHING`;
  const block = {
    owner: crypto.randomUUID(),
    depth: 0,
    prefix: 0,
    version: 1,
    first_time: 1,
    state: Buffer.alloc(1_600, index),
  };
  await tx`INSERT INTO telemetry_stream_state ${tx(block)}`;
}

/** The tables that each round of the user adds one row to. */
export const writtenTables: ReadonlySet<string> = new Set([
  'telemetry_open_windows',
  'telemetry_metric_samples',
  'telemetry_dirty_hours',
  'telemetry_log_events',
  'telemetry_trace_index',
  'telemetry_stream_state',
]);

/** A round is what a page of the console asks: minutes, hours, events. */
export function readWithoutPause(sql: Sql): Loop {
  return repeat(async () => {
    await sql`
      SELECT count(*) FROM (SELECT series_id FROM telemetry_open_windows UNION ALL SELECT series_id FROM telemetry_metric_samples) AS w
      JOIN telemetry_metric_series AS s ON s.id = w.series_id`;
    await sql`SELECT sum(total_count) FROM telemetry_trend_rollups WHERE resolution = '1h'`;
    await sql`SELECT id FROM telemetry_log_events ORDER BY ts DESC, id DESC LIMIT 50`;
    await sql`SELECT trace_id FROM telemetry_trace_index ORDER BY ts DESC, trace_id DESC LIMIT 50`;
  });
}
