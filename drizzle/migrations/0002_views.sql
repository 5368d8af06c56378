-- transactional
-- What SQL users and Grafana's PostgreSQL data source read (design §4): the plan's columns, whatever lies behind them. A condition on `ts` and on
-- `metric_name` reaches the partitions and their key, hence LATERAL.

-- Several writers may share a minute. Percentiles are those of the largest part, null where no part holds 90 %. A least and a greatest value are
-- known only where every part with events knows its own. Rows of additive gauges have no extremes and add up; of other gauges the newest counts.
CREATE VIEW telemetry_metrics AS
SELECT w.ts, s.metric_name, s.scope, s.labels, w.value_count, w.value_sum, w.value_min, w.value_max, w.value_last, w.value_p50, w.value_p95,
  w.value_p99
FROM telemetry_metric_series AS s
CROSS JOIN LATERAL (
  SELECT part.ts,
    sum(part.value_count)::bigint AS value_count,
    sum(part.value_sum) AS value_sum,
    CASE WHEN bool_and(part.value_min IS NOT NULL OR part.value_count = 0) THEN min(part.value_min) END AS value_min,
    CASE WHEN bool_and(part.value_max IS NOT NULL OR part.value_count = 0) THEN max(part.value_max) END AS value_max,
    CASE WHEN bool_and(part.value_max IS NULL) THEN sum(part.value_last)
      ELSE (array_agg(part.value_last ORDER BY part.value_last_ms DESC NULLS LAST, part.value_last DESC NULLS LAST))[1] END AS value_last,
    CASE WHEN max(part.value_count) >= 0.9 * sum(part.value_count)
      THEN (array_agg(part.value_p50 ORDER BY part.value_count DESC NULLS LAST))[1] END AS value_p50,
    CASE WHEN max(part.value_count) >= 0.9 * sum(part.value_count)
      THEN (array_agg(part.value_p95 ORDER BY part.value_count DESC NULLS LAST))[1] END AS value_p95,
    CASE WHEN max(part.value_count) >= 0.9 * sum(part.value_count)
      THEN (array_agg(part.value_p99 ORDER BY part.value_count DESC NULLS LAST))[1] END AS value_p99
  FROM (
    SELECT o.ts, o.value_count, o.value_sum, o.value_min, o.value_max, o.value_last, o.value_last_ms, o.value_p50, o.value_p95, o.value_p99
    FROM telemetry_open_windows AS o WHERE o.series_id = s.id
    UNION ALL
    SELECT c.ts, c.value_count, c.value_sum, c.value_min, c.value_max, c.value_last, c.value_last_ms, c.value_p50, c.value_p95, c.value_p99
    FROM telemetry_metric_samples AS c WHERE c.series_id = s.id
  ) AS part
  GROUP BY part.ts
) AS w;

-- `avg_p95` is left out, percentiles not being averageable. Requests and their duration show the server errors of their route beside them, so that
-- error_count / total_count is the error rate (contract.md §4); every other row its own.
CREATE VIEW telemetry_trends_daily AS
WITH per_route AS NOT MATERIALIZED (
  SELECT r.bucket AS day, s.metric_name, s.scope, s.labels ->> 'http.route' AS route, sum(r.sample_count)::bigint AS sample_count,
    max(r.max_p95) AS max_p95, sum(r.total_count)::bigint AS total_count, sum(r.error_count)::bigint AS error_count
  FROM telemetry_trend_rollups AS r JOIN telemetry_metric_series AS s ON s.id = r.series_id
  WHERE r.resolution = '1d'
  GROUP BY r.bucket, s.metric_name, s.scope, s.labels ->> 'http.route'
)
SELECT p.day, p.metric_name, p.scope, p.route, p.sample_count, p.max_p95, p.total_count,
  CASE WHEN p.metric_name IN ('kaiku_http_requests_total', 'http.server.request.duration') THEN coalesce(e.error_count, 0)
    ELSE p.error_count END AS error_count
FROM per_route AS p
LEFT JOIN per_route AS e ON e.metric_name = 'kaiku_http_errors_total' AND e.day = p.day AND e.scope = p.scope AND e.route IS NOT DISTINCT FROM p.route;

CREATE VIEW telemetry_logs AS
SELECT ts, id, level, service, domain, event, message, trace_id, span_id, sampled, attrs FROM telemetry_log_events;

CREATE VIEW telemetry_traces AS
SELECT ts, trace_id, span_id, span_name, domain, route, status_code, is_error, duration_ms, service, sampled FROM telemetry_trace_index;

-- Roles belong to the whole server: another database may have made this one, or be making it now; and not everyone may make one.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'command_center_reader') THEN
    BEGIN
      CREATE ROLE command_center_reader NOLOGIN;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE WARNING 'the role command_center_reader is missing and % may not create it: create it, then grant it SELECT on telemetry_metrics, telemetry_trends_daily, telemetry_logs and telemetry_traces', current_user;
        RETURN;
    END;
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO command_center_reader', current_schema());
  GRANT SELECT ON telemetry_metrics, telemetry_trends_daily, telemetry_logs, telemetry_traces TO command_center_reader;
END $$;
