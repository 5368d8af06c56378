-- transactional
-- Minutes of one metric over a short time. A condition on `ts` cannot reach the key of packed hours through telemetry_metrics, which unnests the metric's
-- whole month for it; the function names the hours.

-- As before, and the hour that a minute lies in: the key of packed rows. Bins of an hour from the epoch are the hours of UTC.
CREATE OR REPLACE VIEW telemetry_minute_parts AS
SELECT ts, series_id, value_count, value_sum, value_min, value_max, value_last, value_last_ms, value_p50, value_p95, value_p99,
  date_bin('1 hour', ts, 'epoch') AS hour
FROM telemetry_open_windows WHERE ts >= now() - interval '30 days'
UNION ALL
SELECT ts, series_id, value_count, value_sum, value_min, value_max, value_last, value_last_ms, value_p50, value_p95, value_p99,
  date_bin('1 hour', ts, 'epoch')
FROM telemetry_metric_samples WHERE ts >= now() - interval '30 days'
UNION ALL
SELECT p.hour + e.minute * interval '1 minute', p.series_id,
  coalesce(e.n, e.n_wide, round(coalesce(e.total, e.total_wide)))::bigint,
  coalesce(e.total, e.total_wide),
  coalesce(e.low, e.low_wide, CASE WHEN e.last_ms IS NOT NULL THEN coalesce(e.last, e.last_wide) END),
  coalesce(e.high, e.high_wide, CASE WHEN e.last_ms IS NOT NULL THEN coalesce(e.last, e.last_wide) END),
  coalesce(e.last, e.last_wide), e.last_ms, e.p50, e.p95, e.p99, p.hour
FROM telemetry_metric_packed AS p
CROSS JOIN LATERAL unnest(
  coalesce(p.minutes, '{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59}'),
  p.value_count, p.value_count_wide, p.value_sum, p.value_sum_wide, p.value_min, p.value_min_wide, p.value_max, p.value_max_wide, p.value_last, p.value_last_wide, p.value_last_ms, p.value_p50, p.value_p95, p.value_p99
) AS e (minute, n, n_wide, total, total_wide, low, low_wide, high, high_wide, last, last_wide, last_ms, p50, p95, p99)
WHERE p.hour >= now() - interval '30 days';

-- What telemetry_metrics was, with the hour.
CREATE VIEW telemetry_minutes AS
SELECT w.ts, s.metric_name, s.scope, s.labels, w.value_count, w.value_sum, w.value_min, w.value_max, w.value_last, w.value_p50, w.value_p95,
  w.value_p99, w.hour
FROM telemetry_metric_series AS s
CROSS JOIN LATERAL (
  SELECT part.ts, part.hour,
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
  GROUP BY part.ts, part.hour
) AS w;

CREATE OR REPLACE VIEW telemetry_metrics AS
SELECT ts, metric_name, scope, labels, value_count, value_sum, value_min, value_max, value_last, value_p50, value_p95, value_p99
FROM telemetry_minutes;

-- Runs with its owner's rights and finds its relations when it is made, both as a view does: whoever calls it needs no right on the tables, and no
-- search_path of theirs leads it elsewhere.
CREATE FUNCTION telemetry_metrics_between(metric text, from_ts timestamptz, to_ts timestamptz) RETURNS SETOF telemetry_metrics
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
BEGIN ATOMIC
  SELECT m.ts, m.metric_name, m.scope, m.labels, m.value_count, m.value_sum, m.value_min, m.value_max, m.value_last, m.value_p50, m.value_p95,
    m.value_p99
  FROM telemetry_minutes AS m
  WHERE m.metric_name = metric AND m.ts >= from_ts AND m.ts < to_ts
    AND m.hour >= date_bin('1 hour', from_ts, 'epoch') AND m.hour < to_ts;
END;

REVOKE EXECUTE ON FUNCTION telemetry_metrics_between FROM PUBLIC;
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'command_center_reader') THEN
    GRANT EXECUTE ON FUNCTION telemetry_metrics_between TO command_center_reader;
  ELSE
    RAISE WARNING 'the role command_center_reader is missing: create it, then grant it EXECUTE on telemetry_metrics_between as well';
  END IF;
END $$;
