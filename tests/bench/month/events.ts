import type { Sql } from 'postgres';

/** Log records and spans of the bench's data set, as a sidecar stores them after redaction. */

const SERVICES = 8;
const ROUTES = 20;
/** Share of records that belong to a trace. */
const TRACED = 0.7;

/** Spreads `count` log records over [from, to). */
export async function writeLogs(sql: Sql, from: Date, to: Date, count: number): Promise<void> {
  await sql`
    INSERT INTO telemetry_log_events (id, ts, level, service, domain, event, message, trace_id, span_id, sampled, attrs)
    SELECT gen_random_uuid(), ts, CASE WHEN kind < 3 THEN 'ERROR' ELSE 'WARN' END, 'service-' || service,
      (ARRAY['http', 'db', 'ws', 'auth', 'voice', 'app'])[1 + kind % 6],
      (ARRAY['db.pool.timeout', 'http.request.failed', 'ws.session.lost', 'auth.login.refused', 'voice.track.stalled', 'cache.miss.storm'])[1 + kind % 6],
      (ARRAY['no database connection became free within 5 s', 'the request handler ended with an unexpected error: upstream closed the connection',
        'a socket could not be resumed: its session had expired', 'too many attempts for one account, the next is refused until the window ends',
        'the jitter buffer ran dry and the track was muted', 'keys of one shard expired together; the origin was asked instead'])[1 + kind % 6]
        || ' after ' || n % 900 || ' ms, attempt ' || n % 5,
      CASE WHEN random() < ${TRACED} THEN md5(n::text || ts) END, CASE WHEN random() < ${TRACED} THEN left(md5(ts::text), 16) END,
      random() < 0.1,
      jsonb_build_object('http.route', '/api/v1/resource-' || n % ${ROUTES} || '/{id}', 'http.request.method', 'GET', 'error.type', 'timeout')
    FROM (
      SELECT n, ${from}::timestamptz + (${to}::timestamptz - ${from}::timestamptz) * (n + random()) / ${count} AS ts, (n * 7 % ${SERVICES}) AS service,
        (n * 31 % 17) AS kind
      FROM generate_series(0, ${count - 1}) AS n
    ) AS record`;
}

/** Spreads `count` spans over [from, to), two a trace. */
export async function writeSpans(sql: Sql, from: Date, to: Date, count: number): Promise<void> {
  await sql`
    INSERT INTO telemetry_trace_index (trace_id, span_id, span_name, domain, route, status_code, is_error, duration_ms, ts, service, sampled)
    SELECT md5((n / 2)::text || ${from.toISOString()}), left(md5(n::text), 16),
      CASE WHEN n % 2 = 0 THEN 'GET /api/v1/resource-' || n % ${ROUTES} || '/{id}' ELSE 'SELECT orders' END,
      CASE WHEN n % 2 = 0 THEN 'http' ELSE 'db' END,
      CASE WHEN n % 2 = 0 THEN '/api/v1/resource-' || n % ${ROUTES} || '/{id}' END,
      CASE WHEN n % 2 = 0 THEN (ARRAY['200', '200', '200', '404', '503'])[1 + n / 2 % 5] END,
      n % 2 = 0 AND n / 2 % 5 = 4, 10 ^ (0.3 + 3 * random() * random()), ts, 'service-' || n / 2 % ${SERVICES}, random() < 0.1
    FROM (
      SELECT n, ${from}::timestamptz + (${to}::timestamptz - ${from}::timestamptz) * (n + random()) / ${count} AS ts
      FROM generate_series(0, ${count - 1}) AS n
    ) AS span`;
}
