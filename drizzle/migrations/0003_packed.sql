-- transactional
-- Settled hours (design §4; docs/adr/0010): one row a series and hour in place of sixty a series and writer, so that a month stays small and a day of a
-- series is read from 24 rows.

-- Element i of an array belongs to minute `minutes[i]` of the hour, and to minute i - 1 where `minutes` is null: every minute is there. Numbers that a
-- float4 holds exactly lie in the column of their name, else those of the hour lie in its `_wide` twin; null where the hour has none of them.
--   value_count: also null where it is the rounded value_sum in every minute (counters)
--   value_min, value_max: also null where they are value_last in every minute (gauges with one reading a minute)
CREATE TABLE telemetry_metric_packed (
  hour timestamptz NOT NULL,
  series_id integer NOT NULL,
  minutes smallint[],
  value_count real[],
  value_count_wide double precision[],
  value_sum real[],
  value_sum_wide double precision[],
  value_min real[],
  value_min_wide double precision[],
  value_max real[],
  value_max_wide double precision[],
  value_last real[],
  value_last_wide double precision[],
  value_last_ms integer[],
  value_p50 real[],
  value_p95 real[],
  value_p99 real[],
  PRIMARY KEY (series_id, hour)
) PARTITION BY RANGE (hour);

-- MAIN: in the row, where one read finds it; a row is 0.3 to 2.7 KB. (CREATE TABLE takes it from Postgres 16 on.)
ALTER TABLE telemetry_metric_packed
  ALTER value_count SET STORAGE MAIN,
  ALTER value_count_wide SET STORAGE MAIN,
  ALTER value_sum SET STORAGE MAIN,
  ALTER value_sum_wide SET STORAGE MAIN,
  ALTER value_min SET STORAGE MAIN,
  ALTER value_min_wide SET STORAGE MAIN,
  ALTER value_max SET STORAGE MAIN,
  ALTER value_max_wide SET STORAGE MAIN,
  ALTER value_last SET STORAGE MAIN,
  ALTER value_last_wide SET STORAGE MAIN,
  ALTER value_last_ms SET STORAGE MAIN,
  ALTER value_p50 SET STORAGE MAIN,
  ALTER value_p95 SET STORAGE MAIN,
  ALTER value_p99 SET STORAGE MAIN;

-- The minutes' sketches of settled hours, for as long as minutes have percentiles with bounds; then their partitions are dropped, and the hour's sketch in
-- the roll-ups is what is left. Per part of a minute: the minute of the hour and the sketch's length in 2 bytes each, big-endian, then the sketch.
CREATE TABLE telemetry_metric_sketches (
  hour timestamptz NOT NULL,
  series_id integer NOT NULL,
  sketches bytea NOT NULL,
  PRIMARY KEY (series_id, hour)
) PARTITION BY RANGE (hour);

-- An hour is packed when no sidecar holds a window of it in memory any more; it is handed over for that when this moves past it.
ALTER TABLE telemetry_rollup_progress ADD COLUMN next_packed_hour timestamptz;
UPDATE telemetry_rollup_progress SET next_packed_hour = least(next_hour,
  (SELECT date_trunc('hour', min(ts), 'UTC') FROM telemetry_metric_samples));
ALTER TABLE telemetry_rollup_progress ALTER COLUMN next_packed_hour SET NOT NULL;

-- Every part of every minute, wherever it lies: open, closed, or packed (writers merged; its sketch lies elsewhere). Nothing past the 30-day line is readable,
-- also before the hourly purge (design §4).
CREATE VIEW telemetry_minute_parts AS
SELECT ts, series_id, value_count, value_sum, value_min, value_max, value_last, value_last_ms, value_p50, value_p95, value_p99
FROM telemetry_open_windows WHERE ts >= now() - interval '30 days'
UNION ALL
SELECT ts, series_id, value_count, value_sum, value_min, value_max, value_last, value_last_ms, value_p50, value_p95, value_p99
FROM telemetry_metric_samples WHERE ts >= now() - interval '30 days'
UNION ALL
SELECT p.hour + e.minute * interval '1 minute', p.series_id,
  coalesce(e.n, e.n_wide, round(coalesce(e.total, e.total_wide)))::bigint,
  coalesce(e.total, e.total_wide),
  coalesce(e.low, e.low_wide, CASE WHEN e.last_ms IS NOT NULL THEN coalesce(e.last, e.last_wide) END),
  coalesce(e.high, e.high_wide, CASE WHEN e.last_ms IS NOT NULL THEN coalesce(e.last, e.last_wide) END),
  coalesce(e.last, e.last_wide), e.last_ms, e.p50, e.p95, e.p99
FROM telemetry_metric_packed AS p
CROSS JOIN LATERAL unnest(
  coalesce(p.minutes, '{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59}'),
  p.value_count, p.value_count_wide, p.value_sum, p.value_sum_wide, p.value_min, p.value_min_wide, p.value_max, p.value_max_wide, p.value_last, p.value_last_wide, p.value_last_ms, p.value_p50, p.value_p95, p.value_p99
) AS e (minute, n, n_wide, total, total_wide, low, low_wide, high, high_wide, last, last_wide, last_ms, p50, p95, p99)
WHERE p.hour >= now() - interval '30 days';

-- Several writers may share a minute. Percentiles are those of the largest part, null where no part holds 90 %. A least and a greatest value are
-- known only where every part with events knows its own. Rows of additive gauges have no extremes and add up; of other gauges the newest counts.
CREATE OR REPLACE VIEW telemetry_metrics AS
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
  FROM telemetry_minute_parts AS part WHERE part.series_id = s.id
  GROUP BY part.ts
) AS w;

-- A day that began before the line holds what is older than it.
CREATE OR REPLACE VIEW telemetry_trends_daily AS
WITH per_route AS NOT MATERIALIZED (
  SELECT r.bucket AS day, s.metric_name, s.scope, s.labels ->> 'http.route' AS route, sum(r.sample_count)::bigint AS sample_count,
    max(r.max_p95) AS max_p95, sum(r.total_count)::bigint AS total_count, sum(r.error_count)::bigint AS error_count
  FROM telemetry_trend_rollups AS r JOIN telemetry_metric_series AS s ON s.id = r.series_id
  WHERE r.resolution = '1d' AND r.bucket >= now() - interval '30 days'
  GROUP BY r.bucket, s.metric_name, s.scope, s.labels ->> 'http.route'
)
SELECT p.day, p.metric_name, p.scope, p.route, p.sample_count, p.max_p95, p.total_count,
  CASE WHEN p.metric_name IN ('kaiku_http_requests_total', 'http.server.request.duration') THEN coalesce(e.error_count, 0)
    ELSE p.error_count END AS error_count
FROM per_route AS p
LEFT JOIN per_route AS e ON e.metric_name = 'kaiku_http_errors_total' AND e.day = p.day AND e.scope = p.scope AND e.route IS NOT DISTINCT FROM p.route;

CREATE OR REPLACE VIEW telemetry_logs AS
SELECT ts, id, level, service, domain, event, message, trace_id, span_id, sampled, attrs FROM telemetry_log_events
WHERE ts >= now() - interval '30 days';

CREATE OR REPLACE VIEW telemetry_traces AS
SELECT ts, trace_id, span_id, span_name, domain, route, status_code, is_error, duration_ms, service, sampled FROM telemetry_trace_index
WHERE ts >= now() - interval '30 days';
